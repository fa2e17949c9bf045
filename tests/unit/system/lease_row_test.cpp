// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/lease_row.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

const Now kNow = Now::sample();

Opening mapping(Seconds left) {
    const Ipv4Address client{0xc0a8320a};
    return {.kind = OpeningKind::Mapping,
            .protocol = Protocol::Udp,
            .externalPort = Port{3074},
            .internal = {client, Port{3075}},
            .claims = {Claim{.origin = Origin::Igd,
                             .requester = client,
                             .expiresAt = kNow.monotonic + left,
                             .description = "a game; 50%"}},
            .account = client};
}

TEST(LeaseRow, IsALineOfTheLeaseFileWithoutItsFirstWord) {
    const std::string text = leaseText(mapping(Seconds{60}), kNow);
    EXPECT_TRUE(text.starts_with("mapping udp 3074 192.168.50.10:3075 at=")) << text;
    const auto read = readLease(text, kNow, Seconds{3600});
    ASSERT_TRUE(read);
    EXPECT_EQ(read->claims[0].description, "a game; 50%");
    EXPECT_EQ(leaseNameText(read->name()), "mapping udp 3074");
    EXPECT_EQ(readLeaseName("mapping udp 3074"), read->name());
}

TEST(LeaseRow, LastsNoLongerThanItMay) {
    const std::string text = leaseText(mapping(Seconds{7200}), kNow);
    const auto endOf = [&](const Now& now, Seconds longest) {
        return *readLease(text, now, longest)->claims[0].expiresAt - now.monotonic;
    };
    EXPECT_EQ(endOf(kNow, Seconds{3600}), Seconds{3600});
    // A clock that is an hour behind gives no more than was left when it was written.
    const Now behind{kNow.monotonic, kNow.wall - Seconds{3600}};
    EXPECT_LE(endOf(behind, Seconds{86400}), Seconds{7200});
    const Now later{kNow.monotonic, kNow.wall + Seconds{99999}};
    EXPECT_EQ(endOf(later, Seconds{86400}), Seconds{0});
}

TEST(LeaseRow, IsNothingElse) {
    for (const std::string& text :
         {std::string{}, std::string{"open mapping udp 1 192.168.1.1:1"},
          leaseText(mapping(Seconds{60}), kNow) + " x", std::string(10000, 'x')}) {
        EXPECT_FALSE(readLease(text, kNow, Seconds{60}));
        EXPECT_FALSE(readLeaseName(text));
    }
}

TEST(LeaseRow, SaysNothingOfTheAdministratorsLines) {
    Opening opening = mapping(Seconds{60});
    EXPECT_TRUE(isSoundLease(opening));
    opening.claims[0].origin = Origin::Static;
    EXPECT_EQ(leaseText(opening, kNow), "");
    EXPECT_FALSE(isSoundLease(opening));
}

}  // namespace
}  // namespace igd
