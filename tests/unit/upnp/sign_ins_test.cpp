// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/sign_ins.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace igd::upnp {
namespace {

const IpAddress kHere = Ipv4Address{0xc0a8320a};
const IpAddress kThere = Ipv4Address{0xc0a8320b};
constexpr TimePoint kNow{Seconds{1000}};

TEST(SignIns, KnowsItsSecretsFromTheirAddressAlone) {
    SignIns all;
    const auto secret = all.add(kHere, kNow);
    EXPECT_GE(secret.size(), 32U);
    const auto token = all.tokenOf(secret, kHere, kNow);
    ASSERT_TRUE(token);
    EXPECT_NE(*token, secret) << "the page shows it";
    EXPECT_EQ(all.tokenOf(secret, kThere, kNow), std::nullopt);
    EXPECT_EQ(all.tokenOf("", kHere, kNow), std::nullopt);
    EXPECT_EQ(all.tokenOf(secret.substr(1), kHere, kNow), std::nullopt);
    EXPECT_EQ(all.tokenOf(*token, kHere, kNow), std::nullopt);
}

TEST(SignIns, EndWhenTheyAreNotUsed) {
    SignIns all;
    const auto secret = all.add(kHere, kNow);
    const TimePoint last = kNow + SignIns::kIdle - Seconds{1};
    EXPECT_TRUE(all.tokenOf(secret, kHere, last));
    EXPECT_FALSE(all.tokenOf(secret, kHere, kNow + SignIns::kIdle)) << "a look is no use";
    all.use(secret, last);
    EXPECT_TRUE(all.tokenOf(secret, kHere, last + SignIns::kIdle - Seconds{1}));
    all.end(secret);
    EXPECT_FALSE(all.tokenOf(secret, kHere, last));
}

TEST(SignIns, AreEightAtMost) {
    SignIns all;
    std::vector<std::string> secrets;
    for (int i = 0; i < 8; ++i) secrets.push_back(all.add(kHere, kNow + Seconds{i}));
    all.use(secrets[0], kNow + Seconds{60});
    secrets.push_back(all.add(kHere, kNow + Seconds{61}));
    for (const auto& each : secrets)
        EXPECT_EQ(all.tokenOf(each, kHere, kNow + Seconds{61}).has_value(), each != secrets[1]);
    EXPECT_EQ(std::set(secrets.begin(), secrets.end()).size(), secrets.size());
}

TEST(SignIns, ComparesSecretsWhole) {
    EXPECT_TRUE(isSameSecret("abc", "abc"));
    EXPECT_TRUE(isSameSecret("", ""));
    for (const auto* other : {"", "ab", "abd", "Abc", "abcd"})
        EXPECT_FALSE(isSameSecret("abc", other)) << other;
}

}  // namespace
}  // namespace igd::upnp
