// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/names/named_host.h"

#include "upnpd/portmap/opening_row.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using testing::ElementsAre;

const IpAddress kNas = parseIpAddress("192.168.1.10").value();
const MacAddress kMac{{2, 0, 0, 0, 0, 1}};

std::vector<NamedHost> read(std::string_view text) {
    return namedHostsIn({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

TEST(NamedHost, KeepsLettersDigitsAndThreeMarksOfAName) {
    EXPECT_EQ(cleanHostName("nas"), "nas");
    EXPECT_EQ(cleanHostName("My_Nas-2.lan."), "My_Nas-2.lan");
    EXPECT_EQ(cleanHostName("<b>\x1b[31mnas\n"), "b31mnas");
    EXPECT_EQ(cleanHostName("--force"), "force") << "no option of a program";
    EXPECT_EQ(cleanHostName("*"), "");
    EXPECT_EQ(cleanHostName(std::string(100, 'x')), std::string(kMaxHostName, 'x'));
}

TEST(NamedHost, HasNoNameThatReadsLikeAnAddress) {
    EXPECT_EQ(cleanHostName("192.168.1.1"), "");
    EXPECT_EQ(cleanHostName("02:00:00:00:00:01"), "020000000001");
    EXPECT_EQ(cleanHostName("02-00-00-00-00-01"), "");
}

TEST(NamedHost, IsALineAndBack) {
    const NamedHost whole{kNas, kMac, "nas"};
    const NamedHost nameless{kNas, kMac, ""};
    const NamedHost six{parseIpAddress("2001:db8::10").value(), std::nullopt, "nas.lan"};
    EXPECT_EQ(lineOf(whole), "192.168.1.10 02:00:00:00:00:01 nas\n");
    EXPECT_THAT(read(lineOf(whole) + lineOf(nameless) + lineOf(six)),
                ElementsAre(whole, nameless, six));
}

TEST(NamedHost, LinesOfAProcessThatWasTakenOverDoNoHarm) {
    EXPECT_THAT(read("x\n\n192.168.1.10\n192.168.1.10 - a b\n192.168.1.10 x nas\n"
                     "192.168.1.10 - <nas>"),
                ElementsAre(NamedHost{kNas, std::nullopt, "nas"}));
}

}  // namespace
}  // namespace igd
