// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

ParsedConfiguration parse(std::string_view text) {
    return parseConfiguration(text, "f");
}

/// The only diagnostic that `text` gives, as the administrator reads it.
std::string only(std::string_view text) {
    const auto parsed = parse(text);
    EXPECT_THAT(parsed.diagnostics, SizeIs(1)) << text;
    return parsed.diagnostics.empty() ? "" : toString(parsed.diagnostics.front());
}

TEST(InterfaceLines, NamesInterfacesThatAreNone) {
    EXPECT_EQ(only("external_interface = 203.0.114.1"),
              "f:1: error: external_interface = \"203.0.114.1\": an address is no interface: "
              "expected the name of the network interface that has it");
    EXPECT_THAT(only("internal_interface = fd00::1/64"), HasSubstr("an address is no interface"));
    EXPECT_THAT(only("external_interface = eth0:1"),
                HasSubstr("an alias is one more address of \"eth0\": name \"eth0\""));
    EXPECT_THAT(only("internal_interface = auto"), HasSubstr("and chooses no LAN"));
}

TEST(InterfaceLines, GivesEachUplinkAMarkOfItsOwn) {
    EXPECT_EQ(uplinkMark(0x00ff0000, 0), 0x00010000U);
    EXPECT_EQ(uplinkMark(0x00ff0000, 1), 0x00020000U);
    EXPECT_EQ(uplinkMark(0x00ff0000, 253), 0x00fe0000U);
    EXPECT_EQ(uplinkMark(0x00ff0000, 254), 0U) << "all bits mark what may pass";
    EXPECT_EQ(uplinkMark(0x00800000, 0), 0U);
    EXPECT_EQ(uplinkMark(0x00050000, 1), 0U) << "a bit of somebody else is between";
    EXPECT_EQ(uplinkMark(0xc0000000, 1), 0x80000000U);
    EXPECT_EQ(uplinkMark(0xc0000000, 2), 0U);
}

TEST(InterfaceLines, ReadsAutoAndPatterns) {
    const auto parsed = parse(
        "external_interface = Auto\nexternal_interface6 = wan6\n"
        "internal_interface = br-lan, ve-*, wg0\n");
    EXPECT_THAT(parsed.diagnostics, IsEmpty());
    EXPECT_EQ(toString(parsed.external->uplink), "auto");
    EXPECT_EQ(toString(parsed.external6->uplink), "wan6");
    EXPECT_THAT(parsed.internal, SizeIs(2));
    ASSERT_THAT(parsed.patterns, SizeIs(1));
    EXPECT_EQ(parsed.patterns[0].pattern.text(), "ve-*");
    EXPECT_EQ(parsed.patterns[0].line, 3U);
    EXPECT_EQ(only("internal_interface = *"),
              "f:1: error: internal_interface = \"*\": expected a pattern like ve-*: characters "
              "of a name, with * for any others");
    EXPECT_EQ(toString(parse("external_interface = wan0, wan1").external->uplink), "wan0 wan1");
    EXPECT_THAT(only("external_interface = wan0 auto"), HasSubstr("auto stands alone"));
    EXPECT_THAT(only("external_interface = wan0 wan0"), HasSubstr("wan0 stands there twice"));
    EXPECT_THAT(only("external_interface = wan*"),
                HasSubstr("expected the name of a network interface"));
}

}  // namespace
}  // namespace igd
