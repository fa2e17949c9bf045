// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft_rule.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

namespace igd::inspect {
namespace {

/// Reads the statements of one rule.
class RuleReader {
public:
    RuleReader(std::string table, const NftSets& sets) : table_(std::move(table)), sets_(sets) {}

    std::vector<Step> read(const Json& statements) {
        for (const Json& statement : statements)
            if (statement.is_object() && !statement.empty()) readOne(statement);
        return std::move(steps_);
    }

private:
    void readOne(const Json& statement) {
        const std::string name = statement.begin().key();
        const Json& content = statement.begin().value();
        constexpr std::array<std::string_view, 10> kHarmless{
            "counter", "log",   "continue", "comment", "flow",
            "notrack", "meter", "synproxy", "tproxy",  "ct helper"};
        if (name == "match") return match(content);
        if (name == "mangle") return mangle(content);
        if (name == "vmap") return verdictMap(content);
        if (name == "dnat" || name == "redirect") return translate(name, content);
        if (name == "masquerade" || name == "snat") needElement(content);
        if (auto verdict = verdictOf(statement)) return steps_.push_back(std::move(*verdict));
        if (std::ranges::find(kHarmless, name) != kHarmless.end()) return;
        // limit, quota, set updates, xt, and what is yet to be invented.
        steps_.push_back(Condition{[](const Packet&) { return Truth::Unknown; }});
    }

    [[nodiscard]] std::optional<Verdict> verdictOf(const Json& statement) const {
        const std::string name = statement.begin().key();
        if (name == "accept") return Verdict{Ending::Accept, {}, {}};
        if (name == "drop" || name == "reject") return Verdict{Ending::Drop, {}, {}};
        if (name == "return") return Verdict{Ending::Return, {}, {}};
        if (name == "masquerade" || name == "snat") return Verdict{Ending::Masquerade, {}, {}};
        if (name == "queue") return Verdict{Ending::Unknown, {}, {}};
        if (name == "jump" || name == "goto")
            return Verdict{name == "jump" ? Ending::Jump : Ending::Goto,
                           table_ + " " + statement[name].value("target", ""),
                           {}};
        return std::nullopt;
    }

    void match(const Json& content) {
        const Left left = leftOf(content.value("left", Json{}));
        const std::string op = content.value("op", "");
        const Json right = content.value("right", Json{});
        if (left.never) return steps_.push_back(Condition{[](const Packet&) { return Truth::No; }});
        requireProtocol(left);
        const Kind kind = left.fields.front().kind;
        const bool bits = (kind == Kind::State || kind == Kind::Status) && left.fields.size() == 1;
        steps_.push_back(bits ? flags(left, op, right) : comparison(left, op, right));
    }

    /// A rule that looks at `tcp dport`, or asks a map by it, is about TCP alone.
    void requireProtocol(const Left& left) {
        if (left.onlyFor)
            steps_.push_back(Condition{
                [only = *left.onlyFor](const Packet& p) { return truthOf(p.protocol == only); }});
    }

    /// ct state and ct status: any of the bits named.
    [[nodiscard]] Condition flags(const Left& left, const std::string& op,
                                  const Json& right) const {
        Json names = right.is_object() && right.contains("set") ? right["set"] : right;
        if (!names.is_array()) names = Json::array({names});
        std::uint64_t mask = 0;
        bool known = true;
        for (const Element& element : elementsOf({{"set", names}}, left.fields, sets_, table_)) {
            const auto* const bit = std::get_if<std::uint64_t>(&element.front().first);
            known = known && bit != nullptr;
            mask |= bit != nullptr ? *bit : 0;
        }
        return [left, mask, known, inverted = op == "!="](const Packet& packet) {
            const Tuple tuple = left.of(packet);
            const auto* const value = std::get_if<std::uint64_t>(&tuple.front());
            if (value == nullptr || !known) return Truth::Unknown;
            return truthOf(((*value & mask) != 0) != inverted);
        };
    }

    [[nodiscard]] Condition comparison(const Left& left, const std::string& op,
                                       const Json& right) const {
        std::vector<Element> elements = elementsOf(right, left.fields, sets_, table_);
        if (op == "<" || op == "<=" || op == ">" || op == ">=") bound(elements, op);
        const bool known =
            op == "==" || op == "!=" || op == "in" || op.starts_with('<') || op.starts_with('>');
        return [left, elements = std::move(elements),
                inverted = op == "!=", known](const Packet& packet) {
            const Truth truth = isAmong(left.of(packet), elements);
            if (!known) return Truth::Unknown;
            return inverted ? negated(truth) : truth;
        };
    }

    /// "< 1024" is the interval 0..1023.
    static void bound(std::vector<Element>& elements, const std::string& op) {
        for (Element& element : elements)
            for (Interval& interval : element) {
                const auto* const limit = std::get_if<std::uint64_t>(&interval.first);
                if (limit == nullptr) continue;
                const std::uint64_t value = *limit;
                if (op.starts_with('<'))
                    interval = {std::uint64_t{0}, op == "<=" ? value : value - 1};
                else
                    interval = {op == ">=" ? value : value + 1,
                                std::numeric_limits<std::uint64_t>::max()};
                if (op == "<" && value == 0) interval = {std::uint64_t{1}, std::uint64_t{0}};
            }
    }

    void mangle(const Json& content) {
        const Json key = content.value("key", Json{});
        const auto names = [&](const char* what) {
            return key.is_object() && key.contains(what) && key[what].is_object() &&
                   key[what].value("key", "") == "mark";
        };
        const Extract value = numberOf(content.value("value", Json{}));
        if (names("meta")) steps_.push_back(Effect{[value](Packet& p) { p.mark = value(p); }});
        if (names("ct"))
            steps_.push_back(Effect{[value](Packet& p) { p.connectionMark = value(p); }});
    }

    /// The pairs of an anonymous or a named map.
    [[nodiscard]] std::vector<std::pair<Json, Json>> pairsOf(const Json& data) const {
        std::vector<std::pair<Json, Json>> pairs;
        if (data.is_object() && data.contains("set"))
            for (const Json& pair : data["set"])
                if (pair.is_array() && pair.size() == 2) pairs.emplace_back(pair[0], pair[1]);
        if (data.is_string() && data.get<std::string>().starts_with('@'))
            if (const auto map = sets_.find(table_ + " " + data.get<std::string>().substr(1));
                map != sets_.end())
                return map->second.elements;
        return pairs;
    }

    void verdictMap(const Json& content) {
        const Left left = leftOf(content.value("key", Json{}));
        std::vector<std::pair<Element, Verdict>> choices;
        for (const auto& [key, statement] : pairsOf(content.value("data", Json{}))) {
            const auto verdict =
                statement.is_object() && !statement.empty() ? verdictOf(statement) : std::nullopt;
            choices.emplace_back(elementOf(key, left.fields),
                                 verdict.value_or(Verdict{Ending::Unknown, {}, {}}));
        }
        requireProtocol(left);
        steps_.push_back(Choice{
            [left, choices = std::move(choices)](const Packet& packet) -> std::optional<Verdict> {
                const Tuple tuple = left.of(packet);
                for (const auto& [element, verdict] : choices) {
                    const Truth truth = isElement(tuple, element);
                    if (truth == Truth::Yes) return verdict;
                    if (truth == Truth::Unknown) return Verdict{Ending::Unknown, {}, {}};
                }
                return std::nullopt;
            }});
    }

    void translate(const std::string& name, const Json& content) {
        if (name == "redirect") return steps_.push_back(Verdict{Ending::Redirect, {}, {}});
        if (!content.is_object() || content.value("family", "ip") == "ip6")
            return steps_.push_back(Verdict{Ending::Accept, {}, {}});
        const Json address = content.value("addr", Json{});
        if (address.is_object() && address.contains("map")) return translateByMap(address["map"]);
        steps_.push_back(Verdict{Ending::Translate,
                                 {},
                                 [address, port = content.value("port", Json{})](const Packet& p) {
                                     return endpointOf(address, port, p.destination.port);
                                 }});
    }

    static std::optional<Endpoint> endpointOf(const Json& address, const Json& port,
                                              Port otherwise) {
        if (!address.is_string()) return std::nullopt;
        const auto parsed = parseIpv4Address(address.get<std::string>());
        if (!parsed) return std::nullopt;
        if (!port.is_number_unsigned()) return Endpoint{*parsed, otherwise};
        return Endpoint{*parsed, Port{port.get<std::uint16_t>()}};
    }

    /// A statement whose port or address comes out of a map applies when the map has the element.
    void needElement(const Json& content) {
        for (const char* const part : {"port", "addr"}) {
            if (!content.is_object() || !content.contains(part)) continue;
            const Json& value = content[part];
            if (!value.is_object() || !value.contains("map")) continue;
            const Left left = leftOf(value["map"].value("key", Json{}));
            std::vector<Element> keys;
            for (const auto& [key, data] : pairsOf(value["map"].value("data", Json{})))
                keys.push_back(elementOf(key, left.fields));
            requireProtocol(left);
            steps_.push_back(Condition{[left, keys = std::move(keys)](const Packet& packet) {
                return isAmong(left.of(packet), keys);
            }});
        }
    }

    void translateByMap(const Json& map) {
        const Left left = leftOf(map.value("key", Json{}));
        std::vector<std::pair<Element, Json>> targets;
        for (const auto& [key, data] : pairsOf(map.value("data", Json{})))
            targets.emplace_back(elementOf(key, left.fields), data);
        requireProtocol(left);
        steps_.push_back(Verdict{
            Ending::Translate, {}, [left, targets = std::move(targets)](const Packet& packet) {
                return lookUp(left.of(packet), targets, packet.destination.port);
            }});
    }

    static std::optional<Endpoint> lookUp(const Tuple& tuple,
                                          const std::vector<std::pair<Element, Json>>& targets,
                                          Port otherwise) {
        for (const auto& [element, data] : targets) {
            if (isElement(tuple, element) != Truth::Yes) continue;
            const bool several =
                data.is_object() && data.contains("concat") && data["concat"].size() == 2;
            return several ? endpointOf(data["concat"][0], data["concat"][1], otherwise)
                           : endpointOf(data, Json{}, otherwise);
        }
        return std::nullopt;
    }

    std::string table_;
    const NftSets& sets_;
    std::vector<Step> steps_;
};

}  // namespace

std::vector<Step> nftSteps(const Json& statements, const std::string& table, const NftSets& sets) {
    return RuleReader{table, sets}.read(statements);
}

}  // namespace igd::inspect
