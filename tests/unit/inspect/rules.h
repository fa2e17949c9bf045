// SPDX-License-Identifier: GPL-2.0-or-later
// Rulesets in a few words for the tests of this room, in a network of wan0 with 80.100.100.1 and
// lan0 with 192.168.50.0/24.
#pragma once

#include "upnpd/inspect/openings.h"
#include "upnpd/net/ip_address.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace igd::inspect::test {

inline const InterfaceName kWan = InterfaceName::parse("wan0").value();
inline const InterfaceName kLan = InterfaceName::parse("lan0").value();
inline const Lan kLanNet{kLan, 3, parseIpv4Address("192.168.50.1").value(), 24};
inline const IpEndpoint kExternal{parseIpv4Address("80.100.100.1").value(), Port{40001}};
inline const IpEndpoint kClient{parseIpv4Address("192.168.50.10").value(), Port{5000}};
inline const IpEndpoint kRemote{parseIpv4Address("80.100.100.9").value(), Port{50000}};

inline Path path() {
    return {.ipv6 = false,
            .external = kWan,
            .externalIndex = 2,
            .externalAddress = kExternal.address,
            .lans = {kLanNet}};
}

inline Step in(std::string_view name) {
    return Comparison{
        .field = Field::InInterface, .first = wordOfName(name), .last = wordOfName(name)};
}
inline Step out(std::string_view name) {
    return Comparison{
        .field = Field::OutInterface, .first = wordOfName(name), .last = wordOfName(name)};
}
inline Step is(Field field, std::uint64_t first, std::uint64_t last) {
    return Comparison{.field = field, .first = wordOf(first), .last = wordOf(last)};
}
inline Step is(Field field, std::uint64_t value) {
    return is(field, value, value);
}
inline Step state(std::uint64_t bits) {
    return Comparison{.field = Field::FlowState,
                      .inverted = true,
                      .mask = wordOf(bits),
                      .first = wordOf(0),
                      .last = wordOf(0)};
}
inline Step dport(std::uint16_t port) {
    return is(Field::DestinationPort, port);
}
inline Step address(Field field, std::string_view text) {
    const Word word = wordOf(IpAddress{parseIpv4Address(text).value()});
    return Comparison{.field = field, .first = word, .last = word};
}
inline Step unknown() {
    return Guess{Truth::Unknown};
}
inline Step accept() {
    return Verdict{Ending::Accept};
}
inline Step drop() {
    return Verdict{Ending::Drop};
}

/// A ruleset under construction.
class Rules {
public:
    using Lines = std::initializer_list<std::vector<Step>>;

    /// Adds a chain of "inet filter" without a hook.
    ChainId chain(std::string_view name, Lines lines = {}) {
        const ChainId id = rules.idOf(Kind::Nft, "inet", "filter", name);
        std::uint64_t handle = 10;
        for (const auto& steps : lines) rules.chains[id].add(++handle, steps);
        return id;
    }
    ChainId base(std::string_view name, Base base, Lines lines = {}) {
        const ChainId id = chain(name, lines);
        rules.chains[id].base = std::move(base);
        return id;
    }
    ChainId forward(Lines lines, bool policyDrop = false) {
        return base("forward", {.hook = Hook::Forward, .policyDrop = policyDrop}, lines);
    }
    [[nodiscard]] Step jump(std::string_view name) {
        return Verdict{Ending::Jump, rules.idOf(Kind::Nft, "inet", "filter", name)};
    }

    Ruleset rules;
};

}  // namespace igd::inspect::test
