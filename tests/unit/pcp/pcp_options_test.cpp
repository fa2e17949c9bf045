// SPDX-License-Identifier: GPL-2.0-or-later
#include "pcp_options.h"

#include "responder_fixture.h"

namespace igd::pcp {
namespace {

const std::string kPrefix = "00000000 00000000 0000ffff 50010203";
OptionRules mapRules() {
    return {Opcode::Map, false, Port{5000}, Port{40000}, Ipv4Address{0xc0a8320a}, true};
}

ResultCode errorOf(const std::string& hex, const OptionRules& rules = mapRules()) {
    const Bytes octets = bytes(hex);
    const auto options = parseOptions(octets, rules);
    return options ? ResultCode::Success : options.error();
}

Options parsed(const std::string& hex) {
    const Bytes octets = bytes(hex);
    return parseOptions(octets, mapRules()).value();
}

TEST(PcpOptions, ComeBackAsTheyWereUnderstood) {
    const std::string known =
        "02 00 0000"
        "03 00 0014 00 78 0035" +
        kPrefix;
    const Options options = parsed("c8 00 0005 0102030405 ffffff" + known + "ff 00 0000");
    EXPECT_EQ(options.echo, bytes(known));
    EXPECT_TRUE(options.preferFailure);
    EXPECT_EQ(toString(options.filters.at(0)), "80.1.2.0/24@53");
}

TEST(PcpOptions, AFilterOfLengthZeroDropsThoseBefore) {
    const Options options = parsed("03 00 0014 00 80 0000" + kPrefix + "03 00 0014 00 00 0000" +
                                   kPrefix + "03 00 0014 00 68 0000" + kPrefix);
    EXPECT_TRUE(options.dropFilters);
    ASSERT_EQ(options.filters.size(), 1U);
    EXPECT_EQ(toString(options.filters[0]), "80.0.0.0/8");
}

TEST(PcpOptions, NameAThirdParty) {
    EXPECT_EQ(parsed("01 00 0010 00000000 00000000 0000ffff c0a8320b").thirdParty,
              IpAddress{Ipv4Address{0xc0a8320b}});
    OptionRules forbidden = mapRules();
    forbidden.mayActForOthers = false;
    EXPECT_EQ(errorOf("01 00 0010 00000000 00000000 0000ffff c0a8320b", forbidden),
              ResultCode::UnsuppOption);
    EXPECT_EQ(errorOf("01 00 0010 00000000 00000000 0000ffff c0a8320a"),
              ResultCode::MalformedRequest);
    EXPECT_EQ(errorOf("01 00 000c 00000000 00000000 0000ffff"), ResultCode::MalformedOption);
}

TEST(PcpOptions, EndWithThePacket) {
    for (const char* const packet : {"80", "80 00 00", "80 00 0001", "80 00 ffff",
                                     "80 00 0005 01020304", "02 00 0000 80 00 0004 0102 03"})
        EXPECT_EQ(errorOf(packet), ResultCode::MalformedOption) << packet;
}

TEST(PcpOptions, DescribeWithoutControlCharacters) {
    EXPECT_EQ(parsed("80 00 0006 63616d 0a6572 0000").description, "camer");
}

TEST(PcpOptions, NameASetOfPorts) {  // PCP-SET-08
    const Options options = parsed("82 00 0005 0100 1388 01 000000");
    ASSERT_TRUE(options.set);
    EXPECT_EQ(options.set->count, 256U);
    EXPECT_TRUE(options.set->keepsParity);
    EXPECT_TRUE(options.echo.empty()) << "the answer says which set there is";
    EXPECT_FALSE(parsed("82 00 0005 0100 1388 fe 000000").set->keepsParity);
    for (const char* const malformed :
         {"82 00 0005 0000 1388 00 000000", "82 00 0005 0100 1389 00 000000",
          "82 00 0004 0100 1388", "82 00 0006 0100 1388 0000 0000", "82 00 0000",
          "82 00 0005 0100 1388 00 000000 82 00 0005 0100 1388 00 000000"})
        EXPECT_EQ(errorOf(malformed), ResultCode::MalformedOption) << malformed;
    OptionRules rules = mapRules();
    rules.deletes = true;
    EXPECT_EQ(errorOf("82 00 0005 0000 0000 00 000000", rules), ResultCode::Success);
    rules.opcode = Opcode::Peer;
    EXPECT_EQ(errorOf("82 00 0001 00000000", rules), ResultCode::Success) << "it is optional";
}

TEST(PcpOptions, BelongToTheirOpcodes) {
    const std::string filter = "03 00 0014 00 80 0000" + kPrefix;
    OptionRules rules = mapRules();
    rules.deletes = true;
    EXPECT_EQ(errorOf("02 00 0000", rules), ResultCode::MalformedOption);
    EXPECT_EQ(errorOf(filter, rules), ResultCode::MalformedOption);
    rules = mapRules();
    rules.suggestedPort = Port{0};
    EXPECT_EQ(errorOf("02 00 0000", rules), ResultCode::MalformedOption);
    rules.opcode = Opcode::Peer;
    EXPECT_EQ(errorOf("02 00 0000", rules), ResultCode::MalformedRequest);
    EXPECT_EQ(errorOf(filter, rules), ResultCode::MalformedOption);
    rules.opcode = Opcode::Announce;
    EXPECT_EQ(errorOf("02 00 0000", rules), ResultCode::MalformedOption);
    EXPECT_EQ(errorOf("05 00 0000", rules), ResultCode::UnsuppOption);
}

}  // namespace
}  // namespace igd::pcp
