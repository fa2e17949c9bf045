// SPDX-License-Identifier: GPL-2.0-or-later
// Messages of nftables, each behind its type and its size in two octets, as answers to whatever the
// decoder asks, and packets through the rules that they make.
#include "upnpd/inspect/judge.h"
#include "upnpd/inspect/nft_decoder.h"
#include "upnpd/inspect/openings.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace {

using namespace igd;
using namespace igd::inspect;

using Messages = std::vector<std::pair<std::uint8_t, std::span<const std::byte>>>;

Messages messagesIn(std::span<const std::byte> octets) {
    constexpr std::size_t kHeader = 3;
    Messages messages;
    while (octets.size() >= kHeader) {
        const auto at = [&](std::size_t i) { return std::to_integer<std::size_t>(octets[i]); };
        const std::size_t size = std::min(at(1) << 8 | at(2), octets.size() - kHeader);
        messages.emplace_back(static_cast<std::uint8_t>(at(0)), octets.subspan(kHeader, size));
        octets = octets.subspan(kHeader + size);
    }
    return messages;
}

void ask(const Ruleset& rules) {
    static const InterfaceName kWan = InterfaceName::parse("wan0").value();
    static const Lan kLan{InterfaceName::parse("lan0").value(), 3,
                          parseIpv4Address("192.168.50.1").value(), 24};
    const IpEndpoint client{parseIpv4Address("192.168.50.10").value(), Port{5000}};
    const IpEndpoint external{parseIpv4Address("80.100.100.1").value(), Port{40001}};
    const IpEndpoint remote{parseIpv4Address("80.100.100.9").value(), Port{50000}};
    (void)judgeWayIn(rules, {kWan, 2, Protocol::Tcp, remote, external, client},
                     [](const IpAddress&) { return kLan; });
    (void)judgeInput(rules, {kLan.interface, 3, client, {kLan.address, Port{1900}}, Protocol::Udp});
    (void)judgeMasquerade(rules, kLan, kWan);
    (void)planOpenings(rules,
                       {.ipv6 = false,
                        .external = kWan,
                        .externalIndex = 2,
                        .externalAddress = external.address,
                        .lans = {kLan}},
                       {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr int kMostQuestions = 200;
    const Messages messages = messagesIn(std::as_bytes(std::span{data, size}));
    Ruleset rules;
    NftDecoder decoder{rules, {}};
    for (int asked = 0; asked < kMostQuestions && decoder.next(); ++asked)
        for (const auto& [type, message] : messages) decoder.take(type, message);
    (void)decoder.places();
    (void)decoder.ownHandles();
    ask(rules);
    return 0;
}
