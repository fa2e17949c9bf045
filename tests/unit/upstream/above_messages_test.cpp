// SPDX-License-Identifier: GPL-2.0-or-later
#include "above_messages.h"

#include <gtest/gtest.h>

namespace igd::above {
namespace {

const Ipv4Address kGateway{0xc0a85a01};
const Begin kSetup{"wan0", Ipv4Address{0xc0a85a02}, kGateway, Upstream::Auto, "a-seed", "a-uuid"};

TEST(AboveMessages, ComeBackAsTheyWere) {
    for (const ToProcess& message : {ToProcess{kSetup}, ToProcess{Hold{Protocol::Tcp, Port{80}}},
                                     ToProcess{Release{Protocol::Udp, Port{65535}}}}) {
        const auto bytes = encode(message);
        ASSERT_TRUE(bytes);
        EXPECT_EQ(decodeToProcess(*bytes), message);
    }
    for (const ToEngine& message :
         {ToEngine{Hop{true, Upstream::Pcp, kGateway, ""}},
          ToEngine{Hop{false, Upstream::Auto, std::nullopt, "it does not answer"}},
          ToEngine{Held{Protocol::Tcp, Port{80}, Port{81}, Seconds{60}}},
          ToEngine{NotHeld{Protocol::Tcp, Port{80}, NotHeld::Why::AnyPort, "a quota"}}}) {
        const auto bytes = encode(message);
        ASSERT_TRUE(bytes);
        EXPECT_EQ(decodeToEngine(*bytes), message);
    }
}

TEST(AboveMessages, ThatMakeNoSenseAreNone) {
    EXPECT_FALSE(encode(ToEngine{Hop{true, Upstream::Pcp, {}, "found, and a problem"}}));
    EXPECT_FALSE(encode(ToEngine{Hop{true, Upstream::Auto, {}, ""}})) << "found by what?";
    EXPECT_FALSE(encode(ToEngine{Hop{false, Upstream::Pcp, kGateway, "lost"}}));
    EXPECT_FALSE(encode(ToEngine{Hop{true, Upstream::Pcp, Ipv4Address{0x7f000001}, ""}}));
    EXPECT_FALSE(encode(ToEngine{Held{Protocol::Gre, Port{80}, Port{80}, Seconds{60}}}));
    EXPECT_FALSE(encode(ToEngine{Held{Protocol::Tcp, Port{80}, Port{0}, Seconds{60}}}));
    EXPECT_FALSE(encode(ToEngine{NotHeld{Protocol::Tcp, Port{80}, NotHeld::Why::Silence, ""}}));
    Begin setup = kSetup;
    setup.interface = "a b";
    EXPECT_FALSE(encode(ToProcess{setup}));
    setup = kSetup;
    setup.by = Upstream::Off;
    EXPECT_FALSE(encode(ToProcess{setup}));
}

TEST(AboveMessages, HaveCleanTexts) {
    const auto bytes = encode(ToEngine{NotHeld{Protocol::Tcp, Port{80}, NotHeld::Why::OnePort,
                                               "a\nline" + std::string(999, 'x')}});
    ASSERT_TRUE(bytes);
    const auto read = decodeToEngine(*bytes);
    ASSERT_TRUE(read);
    const std::string& reason = std::get<NotHeld>(*read).reason;
    EXPECT_LE(reason.size(), 200U);
    EXPECT_EQ(reason.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace igd::above
