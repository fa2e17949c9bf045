// SPDX-License-Identifier: GPL-2.0-or-later
// Drives the firewall room from standard input, for tests/network/test_firewall_backends.py. One
// line a command, one line an answer: "ok", "failed" or what was asked for.
#include "upnpd/firewall/factory.h"
#include "upnpd/system/privileges.h"
#include "upnpd/util/log.h"
#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace {

using namespace igd;

/// The words of a line, and its "name=value" words by name.
struct Line {
    std::vector<std::string> words;
    std::map<std::string, std::string> options;
};

Line parse(const std::string& text) {
    Line line;
    for (const std::string_view word : words(text)) {
        const auto equals = word.find('=');
        if (equals == std::string_view::npos)
            line.words.emplace_back(word);
        else
            line.options[std::string{word.substr(0, equals)}] = word.substr(equals + 1);
    }
    return line;
}

std::string option(const Line& line, const std::string& name, const std::string& otherwise = "") {
    const auto found = line.options.find(name);
    return found == line.options.end() ? otherwise : found->second;
}

FirewallConfig configOf(const Line& line) {
    FirewallConfig config{.external = InterfaceName::parse(line.words.at(2)).value(),
                          .internal = {InterfaceName::parse("br-lan").value()}};
    const std::string& backend = line.words.at(1);
    config.backend = backend == "nftables"   ? BackendChoice::Nftables
                     : backend == "iptables" ? BackendChoice::Iptables
                                             : BackendChoice::Auto;
    const std::string insert = option(line, "insert", "auto");
    config.insertForwardRules = insert == "yes"  ? InsertForwardRules::Yes
                                : insert == "no" ? InsertForwardRules::No
                                                 : InsertForwardRules::Auto;
    config.markBits =
        parseUnsigned<std::uint32_t>(option(line, "marks")).value_or(kDefaultMarkBits);
    config.forwardRulesAppend = option(line, "append") == "yes";
    config.forwardChain = option(line, "forward", config.forwardChain);
    config.preroutingChain = option(line, "prerouting", config.preroutingChain);
    return config;
}

using Key = std::pair<Protocol, Port>;

Key keyOf(const Rule& rule) {
    return {rule.protocol, rule.externalPort};
}

Key keyOf(const Line& line) {
    return {parseProtocol(line.words.at(1)).value(), parsePort(line.words.at(2)).value()};
}

/// filters=FILTER,FILTER
std::vector<PeerFilter> filtersOf(const Line& line) {
    std::string text = option(line, "filters");
    std::ranges::replace(text, ',', ' ');
    std::vector<PeerFilter> filters;
    for (const std::string_view filter : words(text))
        filters.push_back(parsePeerFilter(filter).value());
    return filters;
}

std::uint16_t countOf(const Line& line) {
    return parseUnsigned<std::uint16_t>(option(line, "ports", "1")).value();
}

/// add PROTOCOL EXTERNAL-PORT ADDRESS PORT [ports=N] [remote=A] [filters=...] [timeout=S]
/// [comment=TEXT, "~" for a blank]
Rule ruleOf(const Line& line) {
    const auto [protocol, externalPort] = keyOf(line);
    Rule rule{.protocol = protocol,
              .externalPort = externalPort,
              .internal = {parseIpv4Address(line.words.at(3)).value(),
                           parsePort(line.words.at(4)).value()},
              .portCount = countOf(line),
              .remote = parsePeerFilter(option(line, "remote")),
              .filters = filtersOf(line),
              .comment = option(line, "comment")};
    std::ranges::replace(rule.comment, '~', ' ');
    if (const auto timeout = parseUnsigned<std::uint32_t>(option(line, "timeout")))
        rule.timeout = Seconds{*timeout};
    return rule;
}

/// pinhole PROTOCOL ADDRESS PORT [ports=N] [remote=FILTER] [filters=FILTER,FILTER] [timeout=S]
Rule pinholeOf(const Line& line) {
    return {.protocol = parseAnyProtocol(line.words.at(1)).value(),
            .internal = {parseIpv6Address(line.words.at(2)).value(),
                         Port{parseUnsigned<std::uint16_t>(line.words.at(3)).value()}},
            .portCount = countOf(line),
            .remote = parsePeerFilter(option(line, "remote")),
            .filters = filtersOf(line),
            .timeout = Seconds{parseUnsigned<std::uint32_t>(option(line, "timeout", "60")).value()},
            .comment = option(line, "comment")};
}

IpAddress addressOf(const std::string& text) {
    if (const auto ipv4 = parseIpv4Address(text)) return *ipv4;
    return parseIpv6Address(text).value();
}

/// flow PROTOCOL ADDRESS PORT REMOTE@PORT EXTERNAL-ADDRESS EXTERNAL-PORT [timeout=S]
Rule flowOf(const Line& line) {
    return {.protocol = parseProtocol(line.words.at(1)).value(),
            .externalPort = Port{parseUnsigned<std::uint16_t>(line.words.at(6)).value()},
            .internal = {addressOf(line.words.at(2)), parsePort(line.words.at(3)).value()},
            .remote = parsePeerFilter(line.words.at(4)),
            .timeout = Seconds{parseUnsigned<std::uint32_t>(option(line, "timeout", "60")).value()},
            .flowAddress = addressOf(line.words.at(5))};
}

class Driver {
public:
    std::string execute(const Line& line) {
        const std::string& command = line.words.at(0);
        if (command == "open") {
            firewall_ = openFirewall(configOf(line));
            return std::string{firewall_->name()};
        }
        if (command == "cleanup") return answer(cleanUpFirewall());
        if (command == "add") return add(ruleOf(line));
        if (command == "pinhole") return take(line, pinholeOf(line));
        if (command == "flow") return take(line, flowOf(line));
        if (command == "stage") return stage(line, ruleOf(line));
        if (command == "commit") return answer(apply(std::exchange(staged_, {})));
        if (command == "packets") return packets(pinholeOf(line));
        if (command == "traffic") return traffic(line);
        if (command == "count") return count();
        if (command == "foreign") return foreign(line);
        if (command == "external") return external(line);
        if (command == "damage") return firewall_->damage().value_or("none");
        if (command == "del") return erase(keyOf(line));
        if (command == "forget") return forget();
        if (command == "replaceall") return answer(firewall_->replaceAll(all()));
        if (command == "removeall") return answer(firewall_->removeAll(FlowsThen::End));
        if (command == "drop") return drop(line);
        if (command == "fill") return fill(line);
        if (command == "measure") return measure(line);
        return "what?";
    }

private:
    static std::string answer(const Result<void>& result) { return result ? "ok" : "failed"; }

    /// Does as the daemon: nothing while another program works on the rules.
    Result<void> apply(const RuleDelta& delta) {
        while (firewall_->isBusy()) std::this_thread::sleep_for(std::chrono::milliseconds{5});
        return firewall_->apply(delta);
    }

    std::string add(const Rule& rule) {
        RuleDelta delta;
        if (const auto old = rules_.find(keyOf(rule)); old != rules_.end())
            delta.remove.push_back(old->second);
        delta.add.push_back(rule);
        const auto result = apply(delta);
        if (result) rules_.insert_or_assign(keyOf(rule), rule);
        return answer(result);
    }

    /// With del=yes the rule goes.
    std::string stage(const Line& line, const Rule& rule) {
        (option(line, "del") == "yes" ? staged_.remove : staged_.add).push_back(rule);
        return "ok";
    }

    /// With del=yes the rule goes, with renew=yes it is there already, with stage=yes it waits for
    /// "commit".
    std::string take(const Line& line, const Rule& rule) {
        if (option(line, "stage") == "yes") return stage(line, rule);
        const bool goes = option(line, "del") == "yes";
        RuleDelta delta;
        if (goes || option(line, "renew") == "yes") delta.remove.push_back(rule);
        if (!goes) delta.add.push_back(rule);
        return answer(apply(delta));
    }

    std::string packets(const Rule& rule) {
        const auto packets = firewall_->packets(rule);
        return packets ? fmt::format("{}", *packets) : "failed";
    }

    /// traffic PROTOCOL PORT, or traffic PROTOCOL ADDRESS PORT of a pinhole: "PACKETS BYTES".
    std::string traffic(const Line& line) {
        const Rule rule = line.words.size() > 3 ? pinholeOf(line) : rules_.at(keyOf(line));
        const auto counted = firewall_->traffic({&rule, 1});
        if (!counted) return "failed";
        const auto& one = counted->front();
        return one ? fmt::format("{} {}", one->packets, one->bytes) : "none";
    }

    /// Returns the microseconds that the counters of all rules take, and how many were told.
    std::string count() {
        const std::vector<Rule> rules = all();
        const auto begin = std::chrono::steady_clock::now();
        const auto counted = firewall_->traffic(rules);
        const auto time = std::chrono::steady_clock::now() - begin;
        if (!counted) return "failed";
        return fmt::format(
            "{} {}", std::chrono::duration_cast<std::chrono::microseconds>(time).count(),
            std::ranges::count_if(*counted, [](const auto& each) { return each.has_value(); }));
    }

    /// external ADDRESS
    std::string external(const Line& line) {
        const Ipv4Address address = parseIpv4Address(line.words.at(1)).value();
        return answer(firewall_->externalAddressChanged({&address, 1}));
    }

    /// foreign PROTOCOL PORT
    std::string foreign(const Line& line) {
        const auto [protocol, port] = keyOf(line);
        return firewall_->foreignForward(protocol, port).value_or("none");
    }

    std::string erase(const Key& key) {
        const auto found = rules_.find(key);
        if (found == rules_.end()) return "unknown";
        const auto result = apply({{found->second}, {}});
        if (result) rules_.erase(found);
        return answer(result);
    }

    std::string forget() {
        rules_.clear();
        return "ok";
    }

    /// drop [raw=yes]: goes on as nobody, with what the daemon keeps.
    static std::string drop(const Line& line) {
        keepNetworkRights(findSystemUser("nobody"), option(line, "raw") == "yes", std::nullopt);
        return "ok";
    }

    [[nodiscard]] std::vector<Rule> all() const {
        std::vector<Rule> rules;
        for (const auto& [key, rule] : rules_) rules.push_back(rule);
        return rules;
    }

    /// fill COUNT: as many rules, in one replaceAll; the answer is the time it took.
    std::string fill(const Line& line) {
        const auto count = parseUnsigned<std::uint16_t>(line.words.at(1)).value();
        rules_.clear();
        for (std::uint16_t i = 0; i < count; ++i) {
            const Port port{static_cast<std::uint16_t>(20000 + i)};
            rules_[{Protocol::Udp, port}] =
                Rule{.protocol = Protocol::Udp,
                     .externalPort = port,
                     .internal = {Ipv4Address{0xc0a83200U + 2 + i % 200}, port},
                     .timeout = Seconds{3600},
                     .comment = fmt::format("mapping {}", i)};
        }
        const auto start = Clock::now();
        const auto result = firewall_->replaceAll(all());
        return fmt::format("{} {:.2f} ms", answer(result), millisecondsSince(start));
    }

    /// measure COUNT: milliseconds for one addition, one renewal and one deletion, over as many of
    /// each.
    std::string measure(const Line& line) {
        const auto count = parseUnsigned<std::uint16_t>(line.words.at(1)).value();
        const auto ruleAt = [](std::uint16_t i) {
            const Port port{static_cast<std::uint16_t>(20000 + i)};
            return Rule{.protocol = Protocol::Tcp,
                        .externalPort = port,
                        .internal = {Ipv4Address{0xc0a83202U}, port},
                        .timeout = Seconds{3600},
                        .comment = "measured"};
        };
        std::string text;
        for (const int step : {0, 1, 2}) {
            const auto start = Clock::now();
            for (std::uint16_t i = 0; i < count; ++i) {
                const std::string result = step == 2 ? erase(keyOf(ruleAt(i))) : add(ruleAt(i));
                if (result != "ok") return result;
            }
            text += fmt::format("{:.3f} ", millisecondsSince(start) / count);
        }
        return text;
    }

    static double millisecondsSince(TimePoint start) {
        return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    }

    std::unique_ptr<FirewallBackend> firewall_;
    std::map<Key, Rule> rules_;
    RuleDelta staged_;
};

}  // namespace

int main() {
    log::open(log::Target::StandardError, 3);
    Driver driver;
    std::string text;
    while (std::getline(std::cin, text)) {
        std::string result;
        try {
            result = driver.execute(parse(text));
        } catch (const std::exception& error) {
            result = fmt::format("error: {}", error.what());
        }
        std::cout << result << std::endl;
    }
    return 0;
}
