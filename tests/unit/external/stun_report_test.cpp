// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/external/stun_report.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

const StunReport kAnswer{StunAnswer{{Ipv4Address{0x50010203}, Port{40000}}, Port{40001}}, ""};
const StunReport kFailure{std::nullopt, "no answer: nothing came"};

TEST(StunReport, IsReadAsItWasWritten) {
    for (const StunReport& report : {kAnswer, kFailure})
        EXPECT_EQ(decodeStunReport(encode(report)), report);
}

TEST(StunReport, IsWholeOrNone) {
    for (const StunReport& report : {kAnswer, kFailure}) {
        const auto whole = encode(report);
        for (std::size_t size = 0; size < whole.size(); ++size)
            EXPECT_FALSE(decodeStunReport(std::span{whole}.first(size))) << size;
        auto longer = whole;
        longer.push_back(0);
        EXPECT_FALSE(decodeStunReport(longer));
    }
}

TEST(StunReport, ReasonsAreShortAndClean) {
    const auto written = decodeStunReport(encode({std::nullopt, "a\nb" + std::string(5000, 'x')}));
    ASSERT_TRUE(written);
    EXPECT_EQ(written->error.size(), 200U);
    EXPECT_EQ(written->error.substr(0, 3), "abx");
    auto dirty = encode(kFailure);
    dirty.back() = '\n';
    EXPECT_FALSE(decodeStunReport(dirty));
    EXPECT_FALSE(decodeStunReport(encode({std::nullopt, ""})));
}

TEST(StunReport, AnAddressIsOneOfAHost) {
    for (const std::uint32_t address : {0U, 0x7f000001U, 0xe0000001U, 0xffffffffU}) {
        StunReport report = kAnswer;
        report.answer->mapped.address = Ipv4Address{address};
        EXPECT_FALSE(decodeStunReport(encode(report))) << address;
    }
    auto kind = encode(kAnswer);
    kind[0] = 2;
    EXPECT_FALSE(decodeStunReport(kind));
}

}  // namespace
}  // namespace igd
