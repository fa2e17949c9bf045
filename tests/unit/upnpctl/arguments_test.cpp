// SPDX-License-Identifier: GPL-2.0-or-later
#include "arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace igd::ctl {
namespace {

auto parse(std::vector<std::string> words) {
    return parseArguments(words);
}

TEST(Arguments, MeanStatusWhenThereAreNone) {
    EXPECT_TRUE(std::holds_alternative<Status>(parse({})->command));
    EXPECT_TRUE(parse({"-j"})->json);
}

TEST(Arguments, TakeOptionsBeforeAndBehindTheCommand) {
    const auto arguments = parse({"-s", "/run/x.sock", "list", "--json", "-c", "x.conf"});
    EXPECT_EQ(arguments->socket, "/run/x.sock");
    EXPECT_EQ(arguments->configuration, "x.conf");
    EXPECT_TRUE(arguments->json);
    EXPECT_TRUE(std::holds_alternative<List>(arguments->command));
}

TEST(Arguments, NameAMappingEitherWayRound) {
    const MappingKey key{Protocol::Udp, Port{3074}};
    for (const char* const word : {"3074/udp", "udp:3074", "UDP/3074", "3074:Udp"}) {
        EXPECT_EQ(std::get<Check>(parse({"check", word})->command).key, key) << word;
        EXPECT_EQ(std::get<Delete>(parse({"del", word})->command).key, key) << word;
    }
    for (const char* const word :
         {"3074", "udp", "0/udp", "65536/udp", "3074/sctp", "/", "udp:3074:1"})
        EXPECT_FALSE(parse({"check", word})) << word;
}

TEST(Arguments, NameAPinholeEitherWayRound) {
    const PinholeTarget target{Protocol::Tcp, *parseIpv6Address("2001:db8::5"), Port{5000}};
    for (const char* const word : {"tcp:[2001:db8::5]:5000", "[2001:DB8:0::5]:5000/tcp"})
        EXPECT_EQ(std::get<Delete>(parse({"del", word})->command).pinhole, target) << word;
    const PinholeTarget portless{Protocol::Esp, *parseIpv6Address("2001:db8::5"), Port{0}};
    for (const char* const word : {"esp:[2001:db8::5]", "[2001:db8::5]/esp"})
        EXPECT_EQ(std::get<Delete>(parse({"del", word})->command).pinhole, portless) << word;
    for (const char* const word :
         {"esp:[2001:db8::5]:5000", "sctp:[2001:db8::5]", "[2001:db8::5]", "tcp:[2001:db8::5]:0",
          "tcp:[2001:db8::5]", "[2001:db8::5]:5000", "tcp:[192.168.1.5]:5000",
          "tcp:[2001:db8::5]5000", "tcp[2001:db8::5]:5000", "t[2001:db8::5]:cp:5000",
          "tcp:2001:db8::5:5000", "tcp:5000[2001:db8::5]:", "[2001:db8::5]:tcp:5000", "]:[",
          "tcp:[[2001:db8::5]]:5000"})
        EXPECT_FALSE(parse({"del", word})) << word;
    EXPECT_FALSE(parse({"check", "tcp:[2001:db8::5]:5000"}));
}

TEST(Arguments, DeleteOneThing) {
    EXPECT_TRUE(std::get<Delete>(parse({"del", "--all"})->command).all);
    EXPECT_EQ(std::get<Delete>(parse({"del", "--client", "10.0.0.1"})->command).client,
              IpAddress{Ipv4Address{0x0a000001}});
    EXPECT_EQ(std::get<Delete>(parse({"del", "--client", "2001:db8::5"})->command).client,
              IpAddress{*parseIpv6Address("2001:db8::5")});
    EXPECT_FALSE(parse({"del"}));
    EXPECT_FALSE(parse({"del", "1/tcp", "tcp:[2001:db8::5]:5000"}));
    EXPECT_FALSE(parse({"del", "--all", "1/tcp"}));
    EXPECT_FALSE(parse({"del", "--client", "here"}));
}

TEST(Arguments, RefuseWhatTheyDoNotKnow) {
    for (const std::vector<std::string>& words : {std::vector<std::string>{"fly"},
                                                  {"status", "now"},
                                                  {"-s"},
                                                  {"list", "--proto", "icmp"},
                                                  {"--force"}})
        EXPECT_THAT(parse(words).error(), testing::StartsWith("upnpctl: "));
}

}  // namespace
}  // namespace igd::ctl
