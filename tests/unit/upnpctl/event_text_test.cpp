// SPDX-License-Identifier: GPL-2.0-or-later
#include "event_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::ctl {
namespace {

TEST(EventText, IsALineWithTheLocalTime) {
    const Json granted{{"event", "granted"},
                       {"time", 0},
                       {"opening",
                        {{"id", 7},
                         {"protocol", "udp"},
                         {"external_port", 3075},
                         {"internal_port", 3074},
                         {"internal_address", "192.168.1.5"},
                         {"via", "upnp"},
                         {"lease", 0},
                         {"description", "Demonware"}}}};
    EXPECT_THAT(eventText(granted),
                testing::EndsWith(" granted    7 udp 3075 -> 192.168.1.5:3074, upnp, for ever, "
                                  "\"Demonware\"\n"));
    Json ended = granted;
    ended["event"] = "ended";
    ended["cause"] = "expired";
    ended["reason"] = "lease ran out";
    EXPECT_THAT(eventText(ended), testing::HasSubstr(", upnp: lease ran out, \"Demonware\""));
}

TEST(EventText, TellsWhoWasRefusedAndWhyInRed) {
    Json refused{{"event", "refused"},     {"time", 0},
                 {"via", "pcp"},           {"requester", "192.168.1.5"},
                 {"what", "udp 22"},       {"error", "not-authorized"},
                 {"reason", "below 1024"}, {"description", "\x1b[2J"}};
    EXPECT_THAT(eventText(refused),
                testing::EndsWith(" refused    udp 22 by pcp of 192.168.1.5: below 1024, "
                                  "\"\\x1b[2J\"\n"));
    Screen screen;
    screen.colours = true;
    EXPECT_THAT(eventText(refused, screen), testing::StartsWith("\x1b[31m"));
    refused["error"] = "not-approved";
    EXPECT_THAT(eventText(refused, screen), testing::StartsWith("\x1b[33m"));
}

TEST(EventText, TellsSentences) {
    EXPECT_THAT(eventText({{"event", "repaired"}, {"time", 0}, {"text", "a table was gone"}}),
                testing::EndsWith(" repaired   a table was gone\n"));
    EXPECT_THAT(eventText(Json::object()), testing::HasSubstr("?"));
}

}  // namespace
}  // namespace igd::ctl
