// SPDX-License-Identifier: GPL-2.0-or-later
#include "pair_remarks.h"

#include <gmock/gmock.h>

namespace igd {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Returns the settings of a pair with nothing to say of.
Settings ofPair() {
    Settings settings;
    settings.isOfPair = true;
    settings.identity.uuid = "0b5a1f9e-6a52-4dd1-8a3c-111111111111";
    settings.virtualAddresses = {parseIpAddress("192.168.1.1").value()};
    return settings;
}

TEST(PairRemarks, APairWithAllItNeedsIsFine) {
    EXPECT_THAT(remarksOnPair(ofPair(), true), IsEmpty());
    EXPECT_THAT(remarksOnPair(Settings{}, false), IsEmpty());
}

TEST(PairRemarks, SayWhatIsMissing) {
    Settings settings = ofPair();
    settings.identity.uuid.clear();
    const auto remarks = remarksOnPair(settings, false);
    ASSERT_THAT(remarks, SizeIs(2));
    for (const PairRemark& each : remarks) {
        EXPECT_EQ(each.key, "role");
        EXPECT_EQ(each.severity, Severity::Error);
    }
    EXPECT_THAT(remarks[0].text, HasSubstr("expected lease_store as well"));
    EXPECT_THAT(remarks[1].text, HasSubstr("expected uuid as well"));
}

TEST(PairRemarks, NoGatewayAboveLeadsPortsToTheOtherRouter) {
    Settings settings = ofPair();
    settings.upstream.by = Upstream::Auto;
    const auto remarks = remarksOnPair(settings, true);
    ASSERT_THAT(remarks, SizeIs(1));
    EXPECT_EQ(remarks[0].key, "upstream");
    EXPECT_EQ(remarks[0].severity, Severity::Error);
}

TEST(PairRemarks, VirtualAddressesAreOfAPair) {
    Settings settings = ofPair();
    settings.isOfPair = false;
    const auto remarks = remarksOnPair(settings, true);
    ASSERT_THAT(remarks, SizeIs(1));
    EXPECT_EQ(remarks[0].key, "virtual_addresses");
    EXPECT_EQ(remarks[0].severity, Severity::Notice);
}

}  // namespace
}  // namespace igd
