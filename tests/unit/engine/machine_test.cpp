// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>

namespace igd {
namespace {

Configuration sample(const char* internal) {
    return {Settings{}, *InterfaceName::parse("ppp0"), {*InterfaceName::parse(internal)}};
}

TEST(Machine, KeepsAConfiguredUuid) {
    Configuration configuration = sample("br-lan");
    configuration.identity.uuid = "11111111-2222-3333-4444-555555555555";
    EXPECT_EQ(identityOfThisMachine(configuration).uuid, configuration.identity.uuid);
}

TEST(Machine, DerivesTheSameUuidEachTime) {
    const Configuration configuration = sample("lo");  // it has an address if nothing else has one
    const std::string uuid = identityOfThisMachine(configuration).uuid;
    EXPECT_THAT(uuid, testing::MatchesRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"));
    EXPECT_EQ(identityOfThisMachine(configuration).uuid, uuid);
}

TEST(Machine, PutsNameAndVersionIntoTheTexts) {
    Configuration configuration = sample("lo");
    configuration.identity.friendlyName = "%h";
    configuration.identity.modelNumber = "%v";
    const DeviceIdentity identity = identityOfThisMachine(configuration);
    EXPECT_THAT(identity.friendlyName, testing::Not(testing::HasSubstr("%")));
    EXPECT_THAT(identity.friendlyName, testing::Not(testing::IsEmpty()));
    EXPECT_EQ(identity.modelNumber, UPNPD_VERSION);
}

}  // namespace
}  // namespace igd
