// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft_expression.h"

#include "upnpd/util/parse.h"

#include <array>
#include <string_view>

namespace igd::inspect {
namespace {

Value number(std::uint64_t value) {
    return value;
}

Extract constant(Value value) {
    return [value = std::move(value)](const Packet&) { return value; };
}

Field other() {
    return {Kind::Other, constant({})};
}

/// RTN_UNICAST, RTN_LOCAL, RTN_MULTICAST (linux/rtnetlink.h).
std::uint64_t routeType(DestinationType type) {
    switch (type) {
        case DestinationType::Unicast:
            return 1;
        case DestinationType::Local:
            return 2;
        case DestinationType::Multicast:
            return 5;
    }
    return 0;
}

Field metaField(const std::string& key) {
    if (key == "iifname" || key == "iif")
        return {Kind::Name, [](const Packet& p) { return Value{p.in}; }};
    if (key == "oifname" || key == "oif")
        return {Kind::Name, [](const Packet& p) { return Value{p.out}; }};
    if (key == "l4proto")
        return {Kind::ProtocolNumber, [](const Packet& p) { return number(numberOf(p.protocol)); }};
    if (key == "nfproto" || key == "protocol") return {Kind::Family, constant(std::string{"ip"})};
    if (key == "mark") return {Kind::Number, [](const Packet& p) { return p.mark; }};
    return other();
}

Field ipField(const std::string& field) {
    if (field == "saddr")
        return {Kind::Address, [](const Packet& p) { return number(p.source.address.value()); }};
    if (field == "daddr")
        return {Kind::Address,
                [](const Packet& p) { return number(p.destination.address.value()); }};
    if (field == "protocol")
        return {Kind::ProtocolNumber, [](const Packet& p) { return number(numberOf(p.protocol)); }};
    return other();
}

Field portField(const std::string& field) {
    if (field == "sport")
        return {Kind::Number, [](const Packet& p) { return number(p.source.port.value); }};
    if (field == "dport")
        return {Kind::Number, [](const Packet& p) { return number(p.destination.port.value); }};
    return other();
}

std::optional<Protocol> protocolOf(const std::string& name) {
    if (name == "tcp") return Protocol::Tcp;
    if (name == "udp") return Protocol::Udp;
    return std::nullopt;
}

Left payload(const Json& payload) {
    const std::string protocol = payload.value("protocol", "");
    const std::string field = payload.value("field", "");
    if (protocol == "ip") return {{ipField(field)}, std::nullopt, false};
    if (protocol == "th" || protocol == "tcp" || protocol == "udp")
        return {{portField(field)}, protocolOf(protocol), false};
    constexpr std::array<std::string_view, 8> kOthers{"ip6",  "icmp", "icmpv6", "igmp",
                                                      "sctp", "dccp", "esp",    "ah"};
    const bool never = std::ranges::find(kOthers, protocol) != kOthers.end();
    return {{other()}, std::nullopt, never};
}

/// A field of the flow as it began: both its tuples, the second as the answers will have it.
Field ctField(const std::string& key, const std::string& direction) {
    const bool reply = direction == "reply";
    if (key == "state") return {Kind::State, constant(ct::kNew)};
    if (key == "status")
        return {Kind::Status,
                [](const Packet& p) { return number(p.translated ? ct::kDestinationNat : 0); }};
    if (key == "mark") return {Kind::Number, [](const Packet& p) { return p.connectionMark; }};
    if (key == "direction") return {Kind::Name, constant(std::string{"original"})};
    if (key == "protocol")
        return {Kind::ProtocolNumber, [](const Packet& p) { return number(numberOf(p.protocol)); }};
    if (key == "l3proto") return {Kind::Family, constant(std::string{"ip"})};
    if (key == "ip saddr" || key == "saddr")
        return {Kind::Address, [reply](const Packet& p) {
                    return number((reply ? p.destination : p.source).address.value());
                }};
    if (key == "ip daddr" || key == "daddr")
        return {Kind::Address, [reply](const Packet& p) {
                    return number((reply ? p.source : p.originalDestination).address.value());
                }};
    if (key == "proto-src")
        return {Kind::Number, [reply](const Packet& p) {
                    return number((reply ? p.destination : p.source).port.value);
                }};
    if (key == "proto-dst")
        return {Kind::Number, [reply](const Packet& p) {
                    return number((reply ? p.source : p.originalDestination).port.value);
                }};
    return other();
}

Field fibField(const Json& fib) {
    const Json flags = fib.value("flags", Json::array());
    if (fib.value("result", "") != "type" || flags != Json::array({"daddr"})) return other();
    return {Kind::AddressType,
            [](const Packet& p) { return number(routeType(p.destinationType)); }};
}

std::optional<Interval> single(const Value& value) {
    return Interval{value, value};
}

std::optional<std::uint64_t> bitOf(Kind kind, std::string_view name) {
    using Named = std::pair<std::string_view, std::uint64_t>;
    static constexpr std::array<Named, 5> kStates{{{"invalid", ct::kInvalid},
                                                   {"established", ct::kEstablished},
                                                   {"related", ct::kRelated},
                                                   {"new", ct::kNew},
                                                   {"untracked", ct::kUntracked}}};
    static constexpr std::array<Named, 7> kStatus{{{"expected", 1},
                                                   {"seen-reply", 2},
                                                   {"assured", 4},
                                                   {"confirmed", 8},
                                                   {"snat", ct::kSourceNat},
                                                   {"dnat", ct::kDestinationNat},
                                                   {"dying", 512}}};
    const auto find = [&](const auto& names) -> std::optional<std::uint64_t> {
        const auto found = std::ranges::find(names, name, &Named::first);
        return found == names.end() ? std::nullopt : std::optional{found->second};
    };
    return kind == Kind::State ? find(kStates) : find(kStatus);
}

std::optional<Interval> named(const std::string& text, Kind kind) {
    switch (kind) {
        case Kind::Name:
            return single(text);
        case Kind::Address:
            return addressInterval(text);
        case Kind::ProtocolNumber:
            if (const auto protocol = protocolNumber(text)) return single(*protocol);
            return std::nullopt;
        case Kind::State:
        case Kind::Status:
            if (const auto bit = bitOf(kind, text)) return single(*bit);
            return std::nullopt;
        case Kind::AddressType:
            if (text == "local") return single(routeType(DestinationType::Local));
            if (text == "unicast") return single(routeType(DestinationType::Unicast));
            if (text == "multicast") return single(routeType(DestinationType::Multicast));
            return single(std::uint64_t{0});  // broadcast, anycast and the like: no packet of ours
        case Kind::Family:
            return single(std::string{text == "ipv4" || text == "ip" ? "ip" : "another"});
        case Kind::Number:
        case Kind::Other:
            break;
    }
    return std::nullopt;
}

std::optional<Interval> read(const Json& value, Kind kind) {
    if (value.is_number_unsigned()) return single(value.get<std::uint64_t>());
    if (value.is_boolean()) return single(std::uint64_t{value.get<bool>()});
    if (value.is_string()) return named(value.get<std::string>(), kind);
    if (!value.is_object()) return std::nullopt;
    if (value.contains("range") && value["range"].size() == 2) {
        const auto first = read(value["range"][0], kind);
        const auto last = read(value["range"][1], kind);
        if (first && last) return Interval{first->first, last->last};
    }
    if (value.contains("prefix") && kind == Kind::Address)
        return addressInterval(value["prefix"].value("addr", "") + "/" +
                               std::to_string(value["prefix"].value("len", 0)));
    return std::nullopt;
}

Extract combined(const Json& operands, std::uint64_t (*operation)(std::uint64_t, std::uint64_t)) {
    if (!operands.is_array() || operands.empty()) return constant({});
    Extract result = numberOf(operands[0]);
    for (std::size_t i = 1; i < operands.size(); ++i)
        result = [left = result, right = numberOf(operands[i]),
                  operation](const Packet& p) -> Value {
            const Value a = left(p);
            const Value b = right(p);
            const auto* const x = std::get_if<std::uint64_t>(&a);
            const auto* const y = std::get_if<std::uint64_t>(&b);
            if (x == nullptr || y == nullptr) return {};
            return operation(*x, *y);
        };
    return result;
}

std::optional<Extract> operation(const Json& expression) {
    if (expression.contains("&"))
        return combined(expression["&"], [](std::uint64_t a, std::uint64_t b) { return a & b; });
    if (expression.contains("|"))
        return combined(expression["|"], [](std::uint64_t a, std::uint64_t b) { return a | b; });
    if (expression.contains("^"))
        return combined(expression["^"], [](std::uint64_t a, std::uint64_t b) { return a ^ b; });
    return std::nullopt;
}

}  // namespace

Tuple Left::of(const Packet& packet) const {
    Tuple tuple;
    for (const Field& field : fields) tuple.push_back(field.value(packet));
    return tuple;
}

const Json& bare(const Json& element) {
    if (element.is_object() && element.contains("elem") && element["elem"].is_object() &&
        element["elem"].contains("val"))
        return element["elem"]["val"];
    return element;
}

Left leftOf(const Json& expression) {
    if (!expression.is_object()) return {{other()}, std::nullopt, false};
    if (expression.contains("meta"))
        return {{metaField(expression["meta"].value("key", ""))}, std::nullopt, false};
    if (expression.contains("payload")) return payload(expression["payload"]);
    if (expression.contains("ct"))
        return {{ctField(expression["ct"].value("key", ""), expression["ct"].value("dir", ""))},
                std::nullopt,
                false};
    // Our packets come and go in the clear.
    if (expression.contains("rt") && expression["rt"].value("key", "") == "ipsec")
        return {{{Kind::Number, constant(std::uint64_t{0})}}, std::nullopt, false};
    if (expression.contains("fib")) return {{fibField(expression["fib"])}, std::nullopt, false};
    if (auto computed = operation(expression))
        return {{{Kind::Number, *computed}}, std::nullopt, false};
    if (!expression.contains("concat")) return {{other()}, std::nullopt, false};
    Left all;
    for (const Json& part : expression["concat"]) {
        Left one = leftOf(part);
        all.fields.push_back(one.fields.front());
        all.never = all.never || one.never;
        if (one.onlyFor) all.onlyFor = one.onlyFor;
    }
    return all;
}

Element elementOf(const Json& value, const std::vector<Field>& fields) {
    const Json& content = bare(value);
    const bool several = content.is_object() && content.contains("concat");
    Element element;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const Json part =
            several ? (i < content["concat"].size() ? content["concat"][i] : Json{}) : content;
        element.push_back(read(part, fields[i].kind).value_or(Interval{}));
    }
    return element;
}

std::vector<Element> elementsOf(const Json& right, const std::vector<Field>& fields,
                                const NftSets& sets, const std::string& table) {
    std::vector<Element> elements;
    if (right.is_object() && right.contains("set") && right["set"].is_array()) {
        for (const Json& value : right["set"]) elements.push_back(elementOf(value, fields));
        return elements;
    }
    if (!right.is_string() || !right.get<std::string>().starts_with('@'))
        return {elementOf(right, fields)};
    const auto set = sets.find(table + " " + right.get<std::string>().substr(1));
    if (set == sets.end()) return {Element(fields.size())};
    for (const auto& [key, ignored] : set->second.elements)
        elements.push_back(elementOf(key, fields));
    return elements;
}

Extract numberOf(const Json& expression) {
    if (expression.is_number_unsigned()) return constant(expression.get<std::uint64_t>());
    if (!expression.is_object()) return constant({});
    if (auto computed = operation(expression)) return *computed;
    const Left left = leftOf(expression);
    return left.fields.size() == 1 && left.fields.front().kind == Kind::Number
               ? left.fields.front().value
               : constant({});
}

}  // namespace igd::inspect
