// SPDX-License-Identifier: GPL-2.0-or-later
// A responder over a gateway that says what the test wants, and keeps what it was asked.
#pragma once

#include "upnpd/pcp/responder.h"
#include "upnpd/portmap/call_times.h"

#include <gtest/gtest.h>

#include <string>

namespace igd::pcp {

/// "00 80 ff", blanks as one likes.
inline Bytes bytes(std::string_view hex) {
    Bytes result;
    std::string digits;
    for (const char c : hex)
        if (c != ' ') digits += c;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        result.push_back(static_cast<std::uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
    return result;
}

class ResponderTest : public testing::Test, public Gateway {
protected:
    void ask(const GatewayRequest& request, TimePoint deadline, Answered answered) override {
        if (const auto* const map = std::get_if<PortRequest>(&request)) mapped = *map;
        if (const auto* const release = std::get_if<PortRelease>(&request)) unmapped = *release;
        if (const auto* const peer = std::get_if<PeerRequest>(&request)) peered = *peer;
        EXPECT_EQ(deadline, now + kPortCallTime);
        answered(answer ? GatewayReply{*answer} : GatewayReply{answer.error()});
    }

    /// The answer to `datagram`; empty: it was dropped.
    Bytes replyTo(const Bytes& datagram, const IpAddress& source = Ipv4Address{0xc0a8320a}) {
        Bytes reply;
        Responder responder{config, {*this, [this] { return state; }, [this] { return now; }}};
        dropped = responder.receive(datagram, source, hostKeyOf(source, std::nullopt),
                                    [&](Bytes answered) { reply = std::move(answered); });
        EXPECT_EQ(reply.empty(), dropped.has_value());
        return reply;
    }

    ResponderConfig config;
    GatewayState state{Ipv4Address{0x50646401}, TimePoint{Seconds{1000}}};
    TimePoint now{Seconds{1007}};
    PortAnswer answer = PortGrant{Port{40001}, Ipv4Address{0x50646401}, Seconds{3600}};
    Dropped dropped;
    std::optional<PortRequest> mapped;
    std::optional<PortRelease> unmapped;
    std::optional<PeerRequest> peered;
};

}  // namespace igd::pcp
