// SPDX-License-Identifier: GPL-2.0-or-later
// Rulesets in both forms, and a packet through whatever they make: the first octet chooses the
// form.
#include "upnpd/inspect/judge.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace igd;
    using namespace igd::inspect;
    if (size == 0) return 0;
    const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
    Ruleset rules;
    if (data[0] % 2 == 0) {
        auto read = Ruleset::fromNft(text, text);
        if (!read) return 0;
        rules = std::move(*read);
    } else {
        (void)rules.addIptables(text, data[0] % 4 == 1 ? IptablesKind::Legacy : IptablesKind::Nft);
    }
    static const InterfaceName kWan = InterfaceName::parse("wan0").value();
    static const Lan kLan{InterfaceName::parse("br-lan").value(),
                          parseIpv4Prefix("192.168.50.0/24").value()};
    const Endpoint client{Ipv4Address{0xc0a8320a}, Port{5000}};
    (void)judgeWayIn(rules,
                     {kWan,
                      Ipv4Address{0x50646401},
                      {Ipv4Address{0x08080808}, Port{1}},
                      Protocol::Tcp,
                      Port{80},
                      client},
                     {kLan});
    (void)judgeInput(
        rules, {kLan.interface, client, {Ipv4Address{0xc0a83201}, Port{1900}}, Protocol::Udp});
    (void)judgeMasquerade(rules, kLan, kWan);
    return 0;
}
