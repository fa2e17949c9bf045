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

TEST(Arguments, SayHowTalkativeTheLogIsAndHowLong) {
    const auto for5m = std::get<SetLog>(parse({"log", "3", "--for", "5m"})->command);
    EXPECT_EQ(for5m.debugMode, 3);
    EXPECT_EQ(for5m.duration, Seconds{300});
    EXPECT_EQ(std::get<SetLog>(parse({"log", "0"})->command).duration, std::nullopt);
    EXPECT_EQ(std::get<SetLog>(parse({"log", "--for", "90", "1"})->command).duration, Seconds{90});
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"log"},
                                               {"log", "4"},
                                               {"log", "x"},
                                               {"log", "1", "2"},
                                               {"log", "1", "--for"},
                                               {"log", "1", "--for", "0"},
                                               {"log", "--for", "5m"}})
        EXPECT_FALSE(parse(words)) << words.back();
}

TEST(Arguments, NameAMappingEitherWayRound) {
    const MappingKey key{Protocol::Udp, Port{3074}};
    for (const char* const word : {"3074/udp", "udp:3074", "UDP/3074", "3074:Udp"}) {
        EXPECT_EQ(std::get<Check>(parse({"check", word})->command).keys, std::vector{key}) << word;
        EXPECT_EQ(std::get<Delete>(parse({"del", word})->command).key, key) << word;
    }
    for (const char* const word :
         {"0", "udp", "0/udp", "65536/udp", "3074/sctp", "/", "udp:3074:1"})
        EXPECT_FALSE(parse({"check", word})) << word;
}

TEST(Arguments, MeanBothProtocolsByAPortAlone) {
    EXPECT_EQ(std::get<Check>(parse({"check", "3074"})->command).keys,
              (std::vector<MappingKey>{{Protocol::Tcp, Port{3074}}, {Protocol::Udp, Port{3074}}}));
    EXPECT_FALSE(parse({"check", "3074", "3075"}));
}

TEST(Arguments, ListWhatBelongsToAClientOfEitherFamily) {
    EXPECT_EQ(std::get<List>(parse({"list", "--client", "fd77::11"})->command).client, "fd77::11");
    EXPECT_EQ(std::get<List>(parse({"list", "--client", "nas"})->command).client, "nas");
    EXPECT_EQ(std::get<List>(parse({"list", "--proto", "sctp"})->command).protocol, Protocol::Sctp);
}

TEST(Arguments, SayWhatIsWrongAndWhatIsExpected) {
    const auto said = [](std::vector<std::string> words) {
        return parse(std::move(words)).error();
    };
    EXPECT_EQ(said({"list", "--client"}),
              "list: --client needs a value: an address, a hardware address or a name");
    EXPECT_EQ(said({"list", "--client", "1.2.3"}),
              "list: --client \"1.2.3\": expected an address, a hardware address or a name");
    EXPECT_EQ(said({"list", "--proto", "icmp"}),
              "list: --proto \"icmp\": expected tcp, udp, gre, esp or sctp");
    EXPECT_EQ(said({"check", "3074/sctp"}),
              "check: \"3074/sctp\" is not understood: expected PORT/PROTOCOL, as in 3074/udp, or "
              "PORT for both protocols");
    EXPECT_EQ(said({"status", "now"}), "status: \"now\" is not understood: expected nothing more");
    EXPECT_EQ(said({"-s"}), "option \"-s\" needs a value");
    EXPECT_EQ(said({"fly"}), "\"fly\" is no command");
    EXPECT_EQ(said({"s"}), "\"s\" may be status or show or sync");
    EXPECT_EQ(said({""}), "\"\" is no command");
}

TEST(Arguments, AreToldInJsonWhateverIsWrongWithThem) {
    EXPECT_TRUE(wantsJson(std::vector<std::string>{"fly", "-j"}));
    EXPECT_FALSE(wantsJson(std::vector<std::string>{"list"}));
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
    EXPECT_EQ(std::get<Delete>(parse({"del", "--client", "10.0.0.1"})->command).client, "10.0.0.1");
    EXPECT_EQ(std::get<Delete>(parse({"del", "7"})->command).id, 7U);
    EXPECT_FALSE(parse({"del"}));
    EXPECT_FALSE(parse({"del", "1/tcp", "tcp:[2001:db8::5]:5000"}));
    EXPECT_FALSE(parse({"del", "--all", "1/tcp"}));
    EXPECT_FALSE(parse({"del", "--client", "not a name"}));
}

TEST(Arguments, RefuseWhatTheyDoNotKnow) {
    EXPECT_FALSE(parse({"--force"}));
    EXPECT_FALSE(parse({"list", "tcp"}));
}

TEST(Arguments, AskWhatAClientWouldGet) {
    const auto asked =
        std::get<Explain>(parse({"explain", "2001:db8::5", "udp", "3075:3074"})->command);
    EXPECT_EQ(asked.client, "2001:db8::5");
    EXPECT_EQ(asked.protocol, Protocol::Udp);
    EXPECT_EQ(asked.externalPort, Port{3075});
    EXPECT_EQ(asked.internalPort, Port{3074});
    const auto same = std::get<Explain>(parse({"explain", "10.0.0.1", "tcp", "22"})->command);
    EXPECT_EQ(same.internalPort, Port{22});
    for (const std::vector<std::string>& words : {std::vector<std::string>{"explain"},
                                                  {"explain", "10.0.0.1", "tcp"},
                                                  {"explain", "-x", "tcp", "22"},
                                                  {"explain", "10.0.0.1", "gre", "22"},
                                                  {"explain", "10.0.0.1", "tcp", "0"},
                                                  {"explain", "10.0.0.1", "tcp", "22:"},
                                                  {"explain", "10.0.0.1", "tcp", "22", "22"}})
        EXPECT_FALSE(parseArguments(words)) << words.size();
}

TEST(Arguments, AskWhichLineDecides) {
    const auto asked = std::get<Acl>(parse({"acl", "nas", "tcp", "22"})->command).asked;
    EXPECT_EQ(asked.client, "nas");
    EXPECT_EQ(asked.internalPort, Port{22});
    EXPECT_EQ(std::get<Acl>(parse({"acl", "nas", "tcp", "22", "2222"})->command).asked.internalPort,
              Port{2222});
    EXPECT_FALSE(parse({"acl", "nas", "tcp"}));
    EXPECT_FALSE(parse({"acl", "nas", "tcp", "22", "x"}));
    EXPECT_FALSE(parse({"acl", "nas", "tcp", "22:2222", "2222"}));
}

TEST(Arguments, OpenAPortToAHost) {
    const auto add = [](std::vector<std::string> words) {
        words.insert(words.begin(), "add");
        const auto read = parseArguments(words);
        return read ? std::get<Add>(read->command) : Add{};
    };
    for (const std::vector<std::string>& words : {std::vector<std::string>{"tcp:8443", "nas:443"},
                                                  {"8443/tcp", "nas:443"},
                                                  {"tcp", "8443", "nas:443"},
                                                  {"--dry-run", "TCP:8443", "nas:443"}}) {
        const Add wanted = add(words);
        EXPECT_EQ(wanted.protocol, Protocol::Tcp);
        EXPECT_EQ(wanted.externalPort, Port{8443});
        EXPECT_EQ(wanted.target, (HostWord{"nas", Port{443}}));
        EXPECT_EQ(wanted.lease, std::nullopt);
        EXPECT_EQ(wanted.dryRun, words.front() == "--dry-run");
    }
    const Add more = add({"udp:1", "nas", "--for", "2h", "--comment", "the \"box\""});
    EXPECT_EQ(more.lease, Seconds{7200});
    EXPECT_EQ(more.comment, "the \"box\"");
    EXPECT_EQ(more.target, (HostWord{"nas", std::nullopt}));
    for (const std::vector<std::string>& words : {std::vector<std::string>{"add"},
                                                  {"add", "tcp:8443"},
                                                  {"add", "tcp", "nas:443"},
                                                  {"add", "gre:8443", "nas"},
                                                  {"add", "tcp:1", "nas", "nas"},
                                                  {"add", "tcp:1", "nas:x"},
                                                  {"add", "tcp:1", "nas", "--for", "0"},
                                                  {"add", "tcp:1", "nas", "--ever"}})
        EXPECT_FALSE(parseArguments(words)) << words.back();
}

TEST(Arguments, FollowApproveAndSet) {
    EXPECT_TRUE(std::get<Watch>(parse({"watch", "--initial"})->command).initial);
    EXPECT_EQ(std::get<Top>(parse({"top", "-n", "1", "--every", "5"})->command).times, 1U);
    EXPECT_FALSE(parse({"top", "-n", "0"}));
    EXPECT_TRUE(std::get<ShowConfig>(parse({"config", "--changed"})->command).changed);
    EXPECT_TRUE(std::get<Metrics>(parse({"metrics", "--openmetrics"})->command).openMetrics);
    EXPECT_EQ(std::get<Approve>(parse({"approve", "--list"})->command).host, std::nullopt);
    EXPECT_EQ(std::get<Approve>(parse({"approve", "nas"})->command).host, "nas");
    EXPECT_EQ(std::get<Block>(parse({"block", "nas"})->command).host, "nas");
    EXPECT_FALSE(parse({"block"}));
    EXPECT_TRUE(std::get<PagePassword>(parse({"page-password", "--stdin"})->command).fromInput);
    EXPECT_EQ(std::get<ShowOne>(parse({"show", "7"})->command).id, 7U);
    EXPECT_FALSE(parse({"show"}));
}

TEST(Arguments, ShortenACommandWhileItIsTheOnlyOne) {
    EXPECT_EQ(parse({"l"}).error(), "\"l\" may be list or log");
    EXPECT_TRUE(std::holds_alternative<Watch>(parse({"w"})->command));
    EXPECT_TRUE(std::holds_alternative<PagePassword>(parse({"page"})->command));
    EXPECT_FALSE(parse({"comp"})) << "shells alone ask that";
    EXPECT_EQ(commandOf("sho"), "show");
    EXPECT_EQ(commandOf("s"), "");
}

TEST(Arguments, LeaveTheWordsThatAreCompletedAlone) {
    EXPECT_EQ(std::get<Complete>(parse({"complete", "-j", "list", ""})->command).words,
              (std::vector<std::string>{"-j", "list", ""}));
}

TEST(Arguments, AskForALivePacket) {
    const auto live = [](std::vector<std::string> words) {
        words.insert(words.begin(), {"check", "--live"});
        const auto read = parseArguments(words);
        return read ? std::get<Check>(read->command).live : std::nullopt;
    };
    EXPECT_EQ(live({"3074/udp"}), std::chrono::seconds{60});
    EXPECT_EQ(live({"--wait", "5", "3074"}), std::chrono::seconds{5});
    EXPECT_EQ(live({"--wait", "601", "3074"}), std::nullopt);
    EXPECT_EQ(live({"3074", "--wait"}), std::nullopt);
    EXPECT_EQ(live({}), std::nullopt) << "which port?";
}

}  // namespace
}  // namespace igd::ctl
