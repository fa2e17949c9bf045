// SPDX-License-Identifier: GPL-2.0-or-later
#include "openings_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace igd::ctl {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(OpeningsText, ListsAMappingALineAndQuotesWhatAClientWrote) {
    const Json mapping{{"protocol", "udp"},
                       {"external_port", 3074},
                       {"remote_host", nullptr},
                       {"internal_address", "192.168.50.10"},
                       {"internal_port", 3075},
                       {"enabled", false},
                       {"description", "a\x1b[31m \"b\""},
                       {"lease", 0},
                       {"via", "nat-pmp"}};
    const std::string text = listText({mapping});
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
    EXPECT_THAT(text, HasSubstr("192.168.50.10  3075  3074      udp    any   for ever, off"));
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, HasSubstr("nat-pmp"));
    EXPECT_EQ(listText({}), "no port mappings\n");
}

TEST(OpeningsText, ListsAPortSetALine) {  // PCP-SET-10
    const Json set{{"protocol", "udp"},     {"external_port", 41000},
                   {"internal_port", 4000}, {"ports", 256},
                   {"lease", 59},           {"internal_address", "192.168.50.10"}};
    EXPECT_THAT(listText({set}), HasSubstr("192.168.50.10  4000-4255  41000-41255  udp "));
    EXPECT_THAT(pinholesText({set}), HasSubstr("192.168.50.10  4000-4255  udp "));
}

TEST(OpeningsText, SaysWhatIsNotReached) {
    const Json mapping{{"protocol", "udp"},
                       {"external_port", 3074},
                       {"internal_address", "192.168.50.10"},
                       {"internal_port", 3074},
                       {"lease", 59},
                       {"stopped_by", "ip raw prerouting drops it"}};
    EXPECT_THAT(listText({mapping}), HasSubstr("59s, NOT REACHED"));
    EXPECT_THAT(openingText(mapping, Screen{}), HasSubstr("ip raw prerouting drops it"));
}

TEST(OpeningsText, ListsPinholesBelow) {
    const Json pinhole{{"protocol", "tcp"},     {"internal_address", "2001:db8::10"},
                       {"internal_port", 5000}, {"lease", 59},
                       {"via", "pcp"},          {"from", {"2001:db9::/32", "2001:dba::1/128@53"}}};
    EXPECT_THAT(
        pinholesText({pinhole}),
        HasSubstr("2001:db8::10  5000  tcp    59s   pcp  2001:db9::/32, 2001:dba::1/128@53\n"));
    const Json vpn{{"protocol", "esp"}, {"internal_address", "2001:db8::10"}, {"internal_port", 0}};
    EXPECT_THAT(pinholesText({vpn}), HasSubstr("2001:db8::10  -     esp"));
    EXPECT_EQ(pinholesText({}), "");
}

Json richMapping() {
    return {{"kind", "mapping"},
            {"id", 7},
            {"protocol", "tcp"},
            {"external_port", 8443},
            {"internal_port", 443},
            {"internal_address", "192.168.50.10"},
            {"via", "admin"},
            {"bytes", 1288490188},
            {"packets", 1102},
            {"lease", 0},
            {"made", 1795207654},
            {"description", "caf\u00e9 \u202e\u6771\u4eac"},
            {"client", {{"name", "nas"}, {"mac", "02:00:00:00:00:10"}, {"present", true}}},
            {"claims", {{{"via", "admin"}, {"requester", "192.168.50.10"}, {"lease", 0}}}}};
}

TEST(OpeningsText, HasColumnsForWhatIsKnown) {
    const std::string text = listText({richMapping()});
    EXPECT_THAT(text, testing::StartsWith("ID  CLIENT         NAME  PORT  EXTERNAL  PROTO"));
    EXPECT_THAT(text, HasSubstr("7   192.168.50.10  nas   443   8443      tcp"));
    EXPECT_THAT(text, HasSubstr("1.2 GiB"));
}

TEST(OpeningsText, ShowsUtf8WhereTheTerminalDoes) {
    Screen screen;
    EXPECT_THAT(listText({richMapping()}, screen), HasSubstr("\"caf\\xc3\\xa9 "));
    screen.unicode = true;
    EXPECT_THAT(listText({richMapping()}, screen),
                HasSubstr("\"caf\u00e9 \\xe2\\x80\\xae\u6771\u4eac\""));
}

TEST(OpeningsText, CutsDescriptionsAndNeverPorts) {
    Json mapping = richMapping();
    mapping["description"] = std::string(200, 'x');
    Screen screen;
    screen.columns = 100;
    const std::string text = listText({mapping}, screen);
    EXPECT_THAT(text, HasSubstr("192.168.50.10"));
    EXPECT_THAT(text, HasSubstr("8443"));
    EXPECT_THAT(text, testing::EndsWith("x...\n"));
    EXPECT_EQ(text.find('\n', text.find('\n') + 1) - text.find('\n') - 1, 100U);
}

TEST(OpeningsText, TellsWhoseHostHasGoneInYellow) {
    Json mapping = richMapping();
    mapping["host"] = "absent";
    Screen screen;
    screen.colours = true;
    EXPECT_THAT(listText({mapping}, screen), HasSubstr("\x1b[33m7 "));
    EXPECT_THAT(listText({mapping}), HasSubstr("for ever (host absent)"));
}

TEST(OpeningsText, TellsEverythingAboutOne) {
    const std::string text = openingText(richMapping());
    for (const char* const fact :
         {"id          7\n", "mapping, tcp 8443 -> nas:443\n",
          "192.168.50.10, nas, 02:00:00:00:00:10, present\n", "1.2 GiB in 1102 packet(s)\n",
          "asked       admin by 192.168.50.10, for ever\n", "made        2026-"})
        EXPECT_THAT(text, HasSubstr(fact));
    EXPECT_THAT(text, Not(HasSubstr("renewed")));
}

TEST(OpeningsText, NamesAnOpeningInSomeWords) {
    Json opening = richMapping();
    EXPECT_EQ(shortText(opening), "tcp 8443 -> nas:443");
    EXPECT_EQ(clientText(opening), "nas (192.168.50.10)");
    opening.erase("client");
    opening.erase("external_port");
    opening["internal_address"] = "2001:db8::5";
    EXPECT_EQ(shortText(opening), "tcp [2001:db8::5]:443");
}

}  // namespace
}  // namespace igd::ctl
