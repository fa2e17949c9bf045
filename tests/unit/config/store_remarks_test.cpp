// SPDX-License-Identifier: GPL-2.0-or-later
#include "store_remarks.h"

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
    settings.leaseStore = parseStoreSetting("redis://192.168.1.9").value();
    settings.identity.uuid = "0b5a1f9e-6a52-4dd1-8a3c-111111111111";
    settings.virtualAddresses = {parseIpAddress("192.168.1.1").value()};
    return settings;
}

TEST(StoreRemarks, APairWithAllItNeedsIsFine) {
    EXPECT_THAT(remarksOnStore(ofPair()), IsEmpty());
    EXPECT_THAT(remarksOnStore(Settings{}), IsEmpty());
}

TEST(StoreRemarks, SayWhatIsMissing) {
    Settings settings = ofPair();
    settings.identity.uuid.clear();
    settings.leaseStore.reset();
    const auto remarks = remarksOnStore(settings);
    ASSERT_THAT(remarks, SizeIs(2));
    for (const StoreRemark& each : remarks) {
        EXPECT_EQ(each.key, "role");
        EXPECT_EQ(each.severity, Severity::Error);
    }
    EXPECT_THAT(remarks[0].text, HasSubstr("expected lease_store as well"));
    EXPECT_THAT(remarks[1].text, HasSubstr("expected uuid as well"));
}

TEST(StoreRemarks, NoGatewayAboveLeadsPortsToTheOtherRouter) {
    Settings settings = ofPair();
    settings.upstream.by = Upstream::Auto;
    const auto remarks = remarksOnStore(settings);
    ASSERT_THAT(remarks, SizeIs(1));
    EXPECT_EQ(remarks[0].key, "upstream");
    EXPECT_EQ(remarks[0].severity, Severity::Error);
}

TEST(StoreRemarks, VirtualAddressesAreOfAPair) {
    Settings settings = ofPair();
    settings.isOfPair = false;
    const auto remarks = remarksOnStore(settings);
    ASSERT_THAT(remarks, SizeIs(1));
    EXPECT_EQ(remarks[0].key, "virtual_addresses");
    EXPECT_EQ(remarks[0].severity, Severity::Notice);
}

TEST(StoreRemarks, SayThatNobodySpeaksTlsHere) {
    Settings settings;
    settings.leaseStore = parseStoreSetting("rediss://192.168.1.9").value();
    const auto remarks = remarksOnStore(settings);
    ASSERT_THAT(remarks, SizeIs(1));
    EXPECT_EQ(remarks[0].severity, Severity::Error);
    EXPECT_THAT(remarks[0].text, HasSubstr("no TLS"));
}

TEST(StoreRemarks, ALoginIsForAStore) {
    Settings settings;
    settings.leaseStoreLogin = "/etc/linuxigd/store";
    const auto remarks = remarksOnStore(settings);
    ASSERT_THAT(remarks, SizeIs(1));
    EXPECT_EQ(remarks[0].key, "lease_store_login");
}

}  // namespace
}  // namespace igd
