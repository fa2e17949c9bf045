// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/call_checks.h"

#include "samples.h"

#include <gtest/gtest.h>

namespace igd::ipc {
namespace {

constexpr TimePoint kDeadline{Seconds{1000}};

Lan lan() {
    return {.interface = InterfaceName::parse("lan0").value(),
            .addresses = {parseIpv4Prefix("192.168.1.1/24").value()},
            .addresses6 = {{sample::kClient6, 64}},
            .routed = {parseIpv4Prefix("10.9.0.0/16").value()}};
}

bool speaks(std::string_view requester) {
    return speaksFor(MappingAt{1, parseIpv4Address(requester).value()}, lan());
}

bool speaks6(std::string_view requester) {
    return speaksFor(PinholeRelease{1, parseIpv6Address(requester).value()}, lan());
}

TEST(CallChecks, FindTheRequesterOfEachRequestThatHasOne) {
    for (const GatewayRequest& request : sample::requests()) {
        const bool hasOne = !std::holds_alternative<GetStatus>(request) &&
                            !std::holds_alternative<GetMetrics>(request) &&
                            !std::holds_alternative<GetOutboundTimeout>(request);
        EXPECT_EQ(requesterOf(request).has_value(), hasOne) << request.index();
        EXPECT_TRUE(speaksFor(request, lan())) << request.index();
        const Lan foreign{InterfaceName::parse("lan1").value()};
        EXPECT_EQ(speaksFor(request, foreign), !hasOne) << request.index();
    }
    EXPECT_EQ(requesterOf(sample::pcpMap()), IpAddress{sample::kClient});
}

TEST(CallChecks, KnowTheNetworksOfALan) {
    EXPECT_TRUE(speaks("192.168.1.7"));
    EXPECT_TRUE(speaks("10.9.1.1")) << "routed over it";
    EXPECT_FALSE(speaks("192.168.2.7"));
    EXPECT_FALSE(speaks("0.0.0.0"));
    EXPECT_TRUE(speaks6("2001:db8::ffff"));
    EXPECT_TRUE(speaks6("fe80::1"));
    EXPECT_FALSE(speaks6("2001:db8:1::1"));
}

TEST(CallChecks, RefuseInTheFormOfTheProtocol) {
    for (const GatewayRequest& request : sample::requests()) {
        const GatewayReply reply = refusalOf(request, MappingError::Backend);
        if (std::holds_alternative<PortRequest>(request) ||
            std::holds_alternative<PortRelease>(request) ||
            std::holds_alternative<PeerRequest>(request))
            EXPECT_EQ(reply, GatewayReply{PortRefusal{.error = MappingError::Backend}});
        else
            EXPECT_EQ(reply, GatewayReply{MappingError::Backend});
    }
    EXPECT_EQ(refusalOf(GetStatus{}, MappingError::Conflict), GatewayReply{MappingError::Conflict});
}

TEST(CallChecks, RefuseACallWhoseDeadlineHasPassed) {
    const Call call{1, kDeadline, sample::mapping()};
    EXPECT_FALSE(refusalIfLate(call, kDeadline - Clock::duration{1}));
    EXPECT_EQ(refusalIfLate(call, kDeadline), GatewayReply{MappingError::Backend});
    EXPECT_EQ(refusalIfLate({1, kDeadline, sample::pcpMap()}, kDeadline + Seconds{1}),
              GatewayReply{PortRefusal{.error = MappingError::Backend}});
}

}  // namespace
}  // namespace igd::ipc
