// SPDX-License-Identifier: GPL-2.0-or-later
#include "fake_gateway.h"

#include "upnpd/igd/description.h"

#include <gmock/gmock.h>

#include <set>

namespace igd {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const DeviceIdentity kIdentity = sampleIdentity();
const std::string kType = "urn:schemas-upnp-org:";

TEST(SearchTargets, AreTheTenRowsEachOnce) {  // SSDP-NOTIFY-01, SSDP-MSEARCH-02
    const auto all = answersTo("ssdp:all", kIdentity);
    std::set<std::string> usns;
    for (const auto& row : all) {
        usns.insert(row.usn);
        EXPECT_THAT(row.usn, testing::HasSubstr("uuid:"));
    }
    EXPECT_THAT(all, SizeIs(10));
    EXPECT_THAT(usns, SizeIs(10));
}

TEST(SearchTargets, AreAnsweredOnceWithWhatWasAsked) {  // SSDP-MSEARCH-01, -03
    const std::string root = "uuid:" + kIdentity.uuid;
    const std::vector<std::string> targets{
        "upnp:rootdevice", root, udn(kIdentity, DeviceRole::WanConnection),
        kType + "device:WANDevice:1", kType + "service:WANIPConnection:1"};
    for (const auto& target : targets) {
        const auto answers = answersTo(target, kIdentity);
        ASSERT_THAT(answers, SizeIs(1)) << target;
        EXPECT_EQ(answers.front().target, target);
    }
    EXPECT_EQ(answersTo("upnp:rootdevice", kIdentity).front().usn, root + "::upnp:rootdevice");
    EXPECT_EQ(answersTo(root, kIdentity).front().usn, root);
}

TEST(SearchTargets, AreComparedWhole) {  // SSDP-MSEARCH-05, -07, -09
    for (const std::string& target :
         {std::string{}, std::string{"ssdp:al"}, "uuid:" + std::string(36, '0'),
          kType + "device:InternetGatewayDevice:3", kType + "device:InternetGatewayDevice:0",
          kType + "device:InternetGatewayDevice:", kType + "device:InternetGatewayDevice",
          kType + "service:WANIPConnection:1abc", kType + "service:WANIPConn:1",
          kType + "device:WAN:1", kType + "service:WANPPPConnection",
          kType + "service:WANIPConnection:11"})
        EXPECT_THAT(answersTo(target, kIdentity), IsEmpty()) << target;
}

TEST(SearchTargets, AreAnsweredInALowerVersion) {  // SSDP-MSEARCH-04 to -08, IGD-Quirk-07
    for (const char* type : {"device:InternetGatewayDevice", "device:WANDevice",
                             "device:WANConnectionDevice", "service:WANIPConnection"}) {
        const auto lower = answersTo(kType + type + ":1", kIdentity);
        ASSERT_THAT(lower, SizeIs(1)) << type;
        EXPECT_EQ(lower.front().target, kType + type + ":1");
        EXPECT_TRUE(lower.front().usn.ends_with("::" + lower.front().target));
        EXPECT_EQ(lower.front().profile, kVersion1);
        const auto own = answersTo(kType + type + ":2", kIdentity);
        ASSERT_THAT(own, SizeIs(1)) << type;
        EXPECT_EQ(own.front().profile, kIdentity.profile);
        EXPECT_THAT(answersTo(kType + type + ":2", asVersion1(kIdentity)), IsEmpty());
    }
    EXPECT_THAT(answersTo(kType + "service:WANPPPConnection:2", kIdentity), IsEmpty());
}

TEST(SearchTargets, LeadToVersion1UnlessVersion2IsSought) {  // SSDP-MSEARCH-08
    DeviceIdentity identity = kIdentity;
    identity.profile.pinholes = true;
    identity.announced = IgdVersion::One;
    const auto profileOf = [&](const std::string& target) {
        const auto answers = answersTo(target, identity);
        EXPECT_THAT(answers, SizeIs(1)) << target;
        return answers.front().profile;
    };
    for (const std::string& target :
         {std::string{"upnp:rootdevice"}, udn(identity, DeviceRole::Wan),
          kType + "device:InternetGatewayDevice:1", kType + "service:WANIPConnection:1",
          kType + "service:Layer3Forwarding:1"})
        EXPECT_EQ(profileOf(target), kVersion1) << target;
    for (const char* type : {"device:InternetGatewayDevice:2", "service:WANIPConnection:2",
                             "service:WANIPv6FirewallControl:1"})
        EXPECT_EQ(profileOf(kType + type), identity.profile) << type;
    EXPECT_THAT(answersTo("ssdp:all", identity),
                testing::Each(testing::Field(&SearchTarget::profile, kVersion1)));
    EXPECT_THAT(answersTo("ssdp:all", identity), SizeIs(10));
}

TEST(SearchTargets, HaveWanPppForThoseWhoKnowNothingElse) {  // IGD-Quirk-06, -07
    const auto type = kType + "service:WANPPPConnection:1";
    for (const DeviceIdentity& identity : {kIdentity, asVersion1(kIdentity)}) {
        const auto answers = answersTo(type, identity);
        ASSERT_THAT(answers, SizeIs(1));
        EXPECT_EQ(answers.front().profile, kVersion1Ppp);
        EXPECT_EQ(answers.front().usn, udn(identity, DeviceRole::WanConnection) + "::" + type);
        EXPECT_THAT(answersTo("ssdp:all", identity),
                    testing::Not(testing::Contains(testing::Field(&SearchTarget::target, type))));
    }
}

TEST(SearchTargets, AreFoundInAnyLetterCase) {  // SSDP-MSEARCH-10
    EXPECT_THAT(answersTo("SSDP:All", kIdentity), SizeIs(searchTargets(kIdentity).size()));
    const auto root = answersTo("upnp:RootDevice", kIdentity);
    ASSERT_THAT(root, SizeIs(1));
    EXPECT_EQ(root.front().target, "upnp:rootdevice");
    for (const char* version : {":1", ":2"}) {
        const auto type = kType + "device:internetgatewaydevice" + version;
        const auto device = answersTo(type, kIdentity);
        ASSERT_THAT(device, SizeIs(1)) << type;
        EXPECT_EQ(device.front().target, kType + "device:InternetGatewayDevice" + version);
        EXPECT_TRUE(device.front().usn.ends_with("::" + device.front().target));
    }
}

TEST(Udn, DiffersForEachDeviceAndStays) {  // IGD-Tree-03, DESC-07
    const std::set<std::string> all{udn(kIdentity, DeviceRole::InternetGateway),
                                    udn(kIdentity, DeviceRole::Wan),
                                    udn(kIdentity, DeviceRole::WanConnection)};
    EXPECT_THAT(all, SizeIs(3));
    for (const auto& each : all) EXPECT_EQ(each.size(), 41U);
    EXPECT_EQ(deriveUuid("machine", "x"), deriveUuid("machine", "x"));
    EXPECT_NE(deriveUuid("machine", "x"), deriveUuid("other", "x"));
}

}  // namespace
}  // namespace igd
