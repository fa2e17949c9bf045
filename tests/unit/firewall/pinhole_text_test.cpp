// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables/ip6t_entry.h"
#include "rules.h"

#include <gtest/gtest.h>

namespace igd::firewall {
namespace {

constexpr std::uint32_t kBits = 0x00c00000;  // that mark packets

using test::aPinhole;
using test::forRemote;
using test::kRemote6;
using test::withFilters;

const PeerFilter kHost{{kRemote6, 128}, Port{0}};
const PeerFilter kPort{{Ipv6Address{}, 0}, Port{7}};
const PeerFilter kHostAndPort{{kRemote6, 128}, Port{7}};
const PeerFilter kNetwork{{*parseIpv6Address("2001:db8:1::"), 48}, Port{0}};

TEST(PinholeEntry, DiffersWithWhatItLeavesOpen) {
    const Entry any = pinholeAcceptEntry(aPinhole());
    EXPECT_EQ(any, pinholeAcceptEntry(aPinhole()));
    EXPECT_NE(any, pinholeAcceptEntry(forRemote(aPinhole(), kHost)));
    EXPECT_NE(any, pinholeAcceptEntry(forRemote(aPinhole(), kPort)));
    EXPECT_NE(any, pinholeMarkEntry(aPinhole(), kBits));
}

TEST(PinholeEntry, IsTheSameForOneRemoteHostHoweverItIsNamed) {
    EXPECT_EQ(pinholeAcceptEntry(forRemote(aPinhole(), kHost)),
              pinholeAcceptEntry(withFilters(aPinhole(), {kHost})));
    EXPECT_NE(pinholeAcceptEntry(withFilters(aPinhole(), {kHost})),
              pinholeAcceptEntry(withFilters(aPinhole(), {kNetwork})));
}

}  // namespace
}  // namespace igd::firewall
