// SPDX-License-Identifier: GPL-2.0-or-later
#include "word_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::ctl {
namespace {

TEST(WordValues, AreTimesInOneUnit) {
    EXPECT_EQ(parseTime("90"), Seconds{90});
    EXPECT_EQ(parseTime("90s"), Seconds{90});
    EXPECT_EQ(parseTime("5m"), Seconds{300});
    EXPECT_EQ(parseTime("2h"), Seconds{7200});
    EXPECT_EQ(parseTime("365d"), Seconds{31536000});
    for (const char* const wrong : {"", "0", "0s", "s", "366d", "-1", "1w", "1.5h", "4294967296"})
        EXPECT_EQ(parseTime(wrong), std::nullopt) << wrong;
}

TEST(WordValues, AreHostsAndPorts) {
    EXPECT_EQ(parseHostWord("nas"), (HostWord{"nas"}));
    EXPECT_EQ(parseHostWord("nas.lan:443"), (HostWord{"nas.lan", Port{443}}));
    EXPECT_EQ(parseHostWord("192.168.1.5:443"), (HostWord{"192.168.1.5", Port{443}}));
    EXPECT_EQ(parseHostWord("2001:db8::5"), (HostWord{"2001:db8::5"}));
    EXPECT_EQ(parseHostWord("[2001:db8::5]"), (HostWord{"2001:db8::5"}));
    EXPECT_EQ(parseHostWord("[2001:db8::5]:443"), (HostWord{"2001:db8::5", Port{443}}));
    EXPECT_EQ(parseHostWord("02:00:00:00:00:10"), (HostWord{"02:00:00:00:00:10"}));
    EXPECT_EQ(parseHostWord("02:00:00:00:00:10:443"), (HostWord{"02:00:00:00:00:10", Port{443}}));
    for (const char* const wrong :
         {"", "[", "[]", "[nas]:1", "nas:", "nas:0", "nas:1:2", "-x", "a b", "192.168.1",
          "[2001:db8::5]443", "[2001:db8::5", "n\x1b"})
        EXPECT_EQ(parseHostWord(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace igd::ctl
