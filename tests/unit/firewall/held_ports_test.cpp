// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/firewall/held_ports.h"

#include "nft/nft_elements.h"
#include "nft/nft_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <linux/netlink.h>

namespace igd::firewall {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Ipv4Address kConsole{0xc0a83228};

/// The kernel writes an element as we do.
std::vector<std::byte> messageOf(std::vector<NftField> key, std::vector<NftField> value) {
    const NftMessage message =
        addMessage({.set = {kNftTable, "open4"}, .key = std::move(key), .value = std::move(value)});
    const auto octets = std::as_bytes(std::span{message}).subspan(NLMSG_HDRLEN);
    return {octets.begin(), octets.end()};
}

TEST(HeldPorts, AreThoseInAMessageOfTheKernels) {
    EXPECT_THAT(heldPortsIn(messageOf({Port{3075}}, {Ipv4Prefix{kConsole, 32}, Port{3074}})),
                ElementsAre(HeldPort{Port{3075}, kConsole, Port{3074}}));
}

TEST(HeldPorts, OtherElementsAreNone) {
    EXPECT_THAT(heldPortsIn(messageOf({Port{3075}}, {})), IsEmpty());
    EXPECT_THAT(heldPortsIn(messageOf({Port{3075}}, {Port{3074}})), IsEmpty());
    EXPECT_THAT(
        heldPortsIn(messageOf({Protocol::Udp, Port{3075}}, {Ipv4Prefix{kConsole, 32}, Port{3074}})),
        IsEmpty());
}

TEST(HeldPorts, AMessageThatIsCutOffHasNone) {
    const auto whole = messageOf({Port{3075}}, {Ipv4Prefix{kConsole, 32}, Port{3074}});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::vector<std::byte> part(whole.begin(),
                                          whole.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_THAT(heldPortsIn(part), IsEmpty()) << size;
    }
}

}  // namespace
}  // namespace igd::firewall
