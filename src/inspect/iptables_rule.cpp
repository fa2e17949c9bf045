// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables_rule.h"

#include "values.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace igd::inspect {
namespace {

std::vector<std::string_view> split(std::string_view text, char by) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = text.find(by);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::optional<std::uint64_t> anyBase(std::string_view text) {
    const bool hex = text.starts_with("0x");
    if (hex) text.remove_prefix(2);
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value, hex ? 16 : 10);
    if (text.empty() || error != std::errc{} || rest != end) return std::nullopt;
    return value;
}

std::optional<Interval> portInterval(std::string_view text) {
    const auto ends = split(text, ':');
    const auto first = ends[0].empty() ? std::optional<std::uint16_t>{std::uint16_t{0}}
                                       : parseUnsigned<std::uint16_t>(ends[0]);
    const auto last = ends.size() < 2   ? first
                      : ends[1].empty() ? std::optional<std::uint16_t>{std::uint16_t{65535}}
                                        : parseUnsigned<std::uint16_t>(ends[1]);
    if (!first || !last || ends.size() > 2) return std::nullopt;
    return Interval{std::uint64_t{*first}, std::uint64_t{*last}};
}

/// Reads the words of one rule from left to right.
class RuleReader {
public:
    RuleReader(const std::vector<std::string>& words, const std::string& table)
        : words_(words), table_(table) {}

    std::vector<Step> read() {
        while (at_ < words_.size()) {
            const bool inverted = words_[at_] == "!";
            if (inverted) ++at_;
            if (at_ < words_.size()) readOne(next(), inverted);
        }
        if (verdict_) steps_.push_back(std::move(*verdict_));
        return std::move(steps_);
    }

private:
    const std::string& next() {
        static const std::string kNone;
        return at_ < words_.size() ? words_[at_++] : kNone;
    }

    void readOne(const std::string& option, bool inverted) {
        if (option == "-m" || option == "--comment" || option == "--match") {
            (void)next();
            return;
        }
        if (option == "-j" || option == "-g") return target(next(), option == "-g");
        if (packetOption(option, inverted) || portOption(option, inverted) ||
            flowOption(option, inverted) || markOption(option, inverted) ||
            labelOption(option, inverted))
            return;
        unknown();
        while (at_ < words_.size() && words_[at_] != "!" && !words_[at_].starts_with('-')) ++at_;
    }

    void add(bool inverted, Condition condition) {
        if (!inverted) return steps_.push_back(std::move(condition));
        steps_.push_back(Condition{
            [condition = std::move(condition)](const Packet& p) { return negated(condition(p)); }});
    }
    void unknown() {
        steps_.push_back(Condition{[](const Packet&) { return Truth::Unknown; }});
    }

    void compare(bool inverted, std::optional<Interval> interval, Value (*field)(const Packet&)) {
        if (!interval) return unknown();
        add(inverted, [interval = *interval, field](const Packet& p) {
            return isWithin(field(p), interval);
        });
    }

    void interface(bool inverted, const std::string& name, std::string Packet::*member) {
        // "eth+" is every interface whose name begins so.
        std::string pattern = name;
        if (pattern.ends_with('+')) pattern.back() = '*';
        add(inverted, [pattern, member](const Packet& p) {
            return isWithin(Value{p.*member}, {Value{pattern}, Value{pattern}});
        });
    }

    bool packetOption(const std::string& option, bool inverted) {
        if (option == "-i")
            interface(inverted, next(), &Packet::in);
        else if (option == "-o")
            interface(inverted, next(), &Packet::out);
        else if (option == "-s")
            compare(inverted, addressInterval(next()),
                    [](const Packet& p) { return Value{std::uint64_t{p.source.address.value()}}; });
        else if (option == "-d")
            compare(inverted, addressInterval(next()), [](const Packet& p) {
                return Value{std::uint64_t{p.destination.address.value()}};
            });
        else if (option == "-p" || option == "--ctproto")
            protocol(inverted, next());
        else if (option == "--dst-type")
            addressType(inverted, next());
        else
            return false;
        return true;
    }

    void protocol(bool inverted, const std::string& name) {
        if (name == "all") return;
        const auto wanted = protocolNumber(name);
        if (!wanted) return unknown();
        add(inverted, [wanted = *wanted](const Packet& p) {
            return truthOf(numberOf(p.protocol) == wanted);
        });
    }

    void addressType(bool inverted, const std::string& types) {
        std::vector<DestinationType> wanted;
        for (const std::string_view type : split(types, ',')) {
            if (type == "LOCAL") wanted.push_back(DestinationType::Local);
            if (type == "UNICAST") wanted.push_back(DestinationType::Unicast);
            if (type == "MULTICAST") wanted.push_back(DestinationType::Multicast);
        }
        add(inverted, [wanted = std::move(wanted)](const Packet& p) {
            return truthOf(std::ranges::find(wanted, p.destinationType) != wanted.end());
        });
    }

    bool portOption(const std::string& option, bool inverted) {
        static constexpr auto kSource = [](const Packet& p) {
            return Value{std::uint64_t{p.source.port.value}};
        };
        static constexpr auto kDestination = [](const Packet& p) {
            return Value{std::uint64_t{p.destination.port.value}};
        };
        if (option == "--sport")
            compare(inverted, portInterval(next()), kSource);
        else if (option == "--dport")
            compare(inverted, portInterval(next()), kDestination);
        else if (option == "--sports")
            ports(inverted, next(), kSource);
        else if (option == "--dports")
            ports(inverted, next(), kDestination);
        else if (option == "--tcp-flags") {
            (void)next();
            // The first packet of a flow has SYN of SYN, RST, ACK, FIN.
            flags(inverted, next());
        } else
            return false;
        return true;
    }

    void flags(bool inverted, const std::string& set) {
        add(inverted, [syn = set == "SYN"](const Packet& p) {
            return p.protocol == Protocol::Tcp ? truthOf(syn) : Truth::No;
        });
    }

    void ports(bool inverted, const std::string& list, Value (*field)(const Packet&)) {
        std::vector<Element> elements;
        for (const std::string_view part : split(list, ','))
            elements.push_back({portInterval(part).value_or(Interval{})});
        add(inverted, [elements = std::move(elements), field](const Packet& p) {
            return isAmong({field(p)}, elements);
        });
    }

    bool flowOption(const std::string& option, bool inverted) {
        if (option == "--ctstate" || option == "--state")
            state(inverted, next());
        else if (option == "--ctorigdst")
            compare(inverted, addressInterval(next()), [](const Packet& p) {
                return Value{std::uint64_t{p.originalDestination.address.value()}};
            });
        else if (option == "--ctorigsrc" || option == "--ctrepldst")
            compare(inverted, addressInterval(next()),
                    [](const Packet& p) { return Value{std::uint64_t{p.source.address.value()}}; });
        else if (option == "--ctreplsrc")
            compare(inverted, addressInterval(next()), [](const Packet& p) {
                return Value{std::uint64_t{p.destination.address.value()}};
            });
        else if (option == "--ctorigdstport")
            compare(inverted, portInterval(next()), [](const Packet& p) {
                return Value{std::uint64_t{p.originalDestination.port.value}};
            });
        else if (option == "--ctorigsrcport" || option == "--ctrepldstport")
            compare(inverted, portInterval(next()),
                    [](const Packet& p) { return Value{std::uint64_t{p.source.port.value}}; });
        else if (option == "--ctreplsrcport")
            compare(inverted, portInterval(next()),
                    [](const Packet& p) { return Value{std::uint64_t{p.destination.port.value}}; });
        else if (option == "--ctdir")
            add(inverted,
                [original = next() == "ORIGINAL"](const Packet&) { return truthOf(original); });
        else
            return false;
        return true;
    }

    /// A packet here is the first of its flow: NEW, and DNAT once its destination was translated.
    void state(bool inverted, const std::string& names) {
        bool isNew = false;
        bool dnat = false;
        for (const std::string_view name : split(names, ',')) {
            isNew = isNew || name == "NEW";
            dnat = dnat || name == "DNAT";
        }
        add(inverted,
            [isNew, dnat](const Packet& p) { return truthOf(isNew || (dnat && p.translated)); });
    }

    bool markOption(const std::string& option, bool inverted) {
        if (option != "--mark") return false;
        const auto parts = split(next(), '/');
        const auto value = anyBase(parts[0]);
        const auto mask =
            parts.size() > 1 ? anyBase(parts[1]) : std::numeric_limits<std::uint32_t>::max();
        // The words before it say which mark is meant: -m mark or -m connmark.
        const bool connection = at_ >= 3 && words_[at_ - 3 - (inverted ? 1U : 0U)] == "connmark";
        if (!value || !mask) {
            unknown();
            return true;
        }
        add(inverted, [value = *value, mask = *mask, connection](const Packet& p) {
            const auto* const mark =
                std::get_if<std::uint64_t>(connection ? &p.connectionMark : &p.mark);
            return mark == nullptr ? Truth::Unknown : truthOf((*mark & mask) == value);
        });
        return true;
    }

    /// A label has a name where /etc/xtables/connlabel.conf gives it one.
    bool labelOption(const std::string& option, bool inverted) {
        if (option != "--label") return false;
        const auto label = parseUnsigned<std::uint8_t>(next());
        const bool sets = at_ < words_.size() && words_[at_] == "--set";
        if (sets) ++at_;
        if (!label || *label >= Packet{}.labels.size()) {
            unknown();
        } else if (sets) {
            steps_.push_back(Effect{[label = *label](Packet& p) { p.labels.set(label); }});
        } else {
            add(inverted,
                [label = *label](const Packet& p) { return truthOf(p.labels.test(label)); });
        }
        return true;
    }

    void target(const std::string& name, bool gone) {
        constexpr std::array<std::string_view, 13> kGoOn{
            "LOG",      "NFLOG", "ULOG", "TCPMSS", "CLASSIFY", "DSCP", "TOS",
            "CHECKSUM", "AUDIT", "CT",   "TTL",    "NOTRACK",  "TRACE"};
        const std::size_t end = words_.size();
        if (name == "ACCEPT")
            verdict_ = Verdict{Ending::Accept, {}, {}};
        else if (name == "REDIRECT")
            verdict_ = Verdict{Ending::Redirect, {}, {}};
        else if (name == "DROP" || name == "REJECT")
            verdict_ = Verdict{Ending::Drop, {}, {}};
        else if (name == "RETURN")
            verdict_ = Verdict{Ending::Return, {}, {}};
        else if (name == "MASQUERADE" || name == "SNAT")
            verdict_ = Verdict{Ending::Masquerade, {}, {}};
        else if (name == "DNAT")
            destination();
        else if (name == "MARK")
            mark();
        else if (name == "CONNMARK" || name == "SET")
            steps_.push_back(
                Effect{[](Packet& p) { p.connectionMark = Value{}, p.mark = Value{}; }});
        else if (std::ranges::find(kGoOn, name) == kGoOn.end())
            chainOrUnknown(name, gone);
        at_ = end;  // options of the target
    }

    void chainOrUnknown(const std::string& name, bool gone) {
        // Extensions are written in capitals, as chains may be: the reader of the table knows which
        // there are.
        verdict_ = Verdict{gone ? Ending::Goto : Ending::Jump, table_ + " " + name, {}};
    }

    [[nodiscard]] std::string valueOf(std::string_view option) const {
        const auto found = std::ranges::find(words_, option);
        return found == words_.end() || found + 1 == words_.end() ? "" : *(found + 1);
    }

    void destination() {
        const std::string value = valueOf("--to-destination");
        const auto parts = split(value, ':');
        const auto address = parseIpv4Address(parts[0]);
        const auto port = parts.size() > 1 ? parsePort(parts[1]) : std::nullopt;
        if (!address) {
            verdict_ = Verdict{Ending::Unknown, {}, {}};
            return;
        }
        verdict_ =
            Verdict{Ending::Translate, {}, [address = *address, port](const Packet& p) {
                        return std::optional{Endpoint{address, port.value_or(p.destination.port)}};
                    }};
    }

    /// --set-xmark V/M: clear M, then exclusive or with V.
    void mark() {
        const std::string text = valueOf("--set-xmark");
        const auto parts = split(text, '/');
        const auto value = anyBase(parts[0]);
        const auto mask =
            parts.size() > 1 ? anyBase(parts[1]) : std::numeric_limits<std::uint32_t>::max();
        steps_.push_back(Effect{[value, mask](Packet& p) {
            const auto* const old = std::get_if<std::uint64_t>(&p.mark);
            p.mark = old != nullptr && value && mask ? Value{(*old & ~*mask) ^ *value} : Value{};
        }});
    }

    const std::vector<std::string>& words_;
    const std::string& table_;
    std::size_t at_ = 0;
    std::vector<Step> steps_;
    std::optional<Verdict> verdict_;
};

}  // namespace

std::vector<Step> iptablesSteps(const std::vector<std::string>& words, const std::string& table) {
    return RuleReader{words, table}.read();
}

}  // namespace igd::inspect
