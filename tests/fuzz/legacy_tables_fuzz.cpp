// SPDX-License-Identifier: GPL-2.0-or-later
// A table of legacy iptables, and a packet through whatever it makes: the first octet chooses the
// family and the table, then comes the frame, then the entries.
#include "upnpd/inspect/judge.h"
#include "upnpd/inspect/legacy_decoder.h"

#include <array>
#include <cstring>
#include <span>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace igd;
    using namespace igd::inspect;
    if (size < 1 + sizeof(LegacyFrame)) return 0;
    constexpr std::array<std::string_view, 4> kTables{"filter", "nat", "mangle", "raw"};
    const bool ipv6 = data[0] % 2 == 1;
    LegacyFrame frame;
    std::memcpy(&frame, data + 1, sizeof frame);
    const auto octets = std::as_bytes(std::span{data, size}).subspan(1 + sizeof frame);
    Ruleset rules;
    if (!addLegacyTable(rules, kTables[data[0] / 2 % kTables.size()], ipv6, frame, octets, "upnpd"))
        return 0;
    for (ChainId id = 0; id < rules.chains.size(); ++id) {
        if (!rules.chains[id].base) continue;
        Packet packet;
        packet.in = "wan0";
        packet.out = "br-lan";
        packet.protocol = Protocol::Tcp;
        packet.source.address = ipv6 ? IpAddress{Ipv6Address{}} : IpAddress{Ipv4Address{}};
        packet.destination = packet.originalSource = packet.originalDestination = packet.source;
        (void)judgeChain(rules, id, packet, Doubt::AllWays);
    }
    return 0;
}
