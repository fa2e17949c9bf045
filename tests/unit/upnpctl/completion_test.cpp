// SPDX-License-Identifier: GPL-2.0-or-later
#include "completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

namespace igd::ctl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Candidate> live(Live kind) {
    switch (kind) {
        case Live::Ids:
            return {{"7", "tcp 80 -> nas:80"}};
        case Live::Keys:
            return {{"tcp:80"}};
        case Live::Openings:
            return {{"tcp:80"}, {"tcp:[2001:db8::5]:80"}};
        case Live::Clients:
            return {{"nas"}, {"192.168.1.5"}};
        case Live::Waiting:
            return {{"192.168.1.9"}};
    }
    return {};
}

std::vector<std::string> behind(const std::vector<std::string>& words) {
    std::vector<std::string> offered;
    for (const Candidate& each : candidatesFor(words, live)) offered.push_back(each.word);
    return offered;
}

TEST(Completion, OffersCommands) {
    EXPECT_THAT(behind({"re"}), ElementsAre("reload"));
    EXPECT_THAT(behind({"-j", "s"}), ElementsAre("status", "show", "sync"));
    EXPECT_THAT(behind({"--js"}), ElementsAre("--json"));
    EXPECT_THAT(behind({}), testing::Contains("watch"));
}

TEST(Completion, OffersWhatTheDaemonHas) {
    EXPECT_THAT(behind({"show", ""}), testing::Contains("7"));
    EXPECT_THAT(behind({"check", "t"}), ElementsAre("tcp:80"));
    EXPECT_THAT(behind({"del", "tcp:["}), ElementsAre("tcp:[2001:db8::5]:80"));
    EXPECT_THAT(behind({"list", "--client", "n"}), ElementsAre("nas"));
    EXPECT_THAT(behind({"explain", "1"}), ElementsAre("192.168.1.5"));
    EXPECT_THAT(behind({"approve", "1"}), ElementsAre("192.168.1.9"));
    EXPECT_EQ(candidatesFor(std::vector<std::string>{"show", "7"}, live).front().meaning,
              "tcp 80 -> nas:80");
}

TEST(Completion, KnowsThePlaceOfAWord) {
    EXPECT_THAT(behind({"explain", "nas", "u"}), ElementsAre("udp"));
    EXPECT_THAT(behind({"add", "u"}), ElementsAre("udp:"));
    EXPECT_THAT(behind({"add", "--for", "2h", "tcp:80", "n"}), ElementsAre("nas"));
    EXPECT_THAT(behind({"list", "--proto", "s"}), ElementsAre("sctp"));
    EXPECT_THAT(behind({"expl", "n"}), ElementsAre("nas")) << "a command that was shortened";
}

TEST(Completion, LeavesFilesToTheShell) {
    EXPECT_THAT(behind({"-c", "/etc/"}), ElementsAre(":files"));
    EXPECT_THAT(behind({"add", "--comment", "t"}), IsEmpty());
}

}  // namespace
}  // namespace igd::ctl
