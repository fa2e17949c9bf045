// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/external/wan.h"

#include "fake_interfaces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using testing::ElementsAre;

const InterfaceName kWan = *InterfaceName::parse("wan0");
constexpr Ipv4Address kModem{0xc0a80102};  // 192.168.1.2
constexpr Ipv4Address kFirst{0x50646401};  // 80.100.100.1
constexpr Ipv4Address kSecond{0x50646402};

class WanTest : public testing::Test {
protected:
    WanTest() {
        interfaces.set(kWan, kModem);
        interfaces.of(kWan).addresses.push_back({kFirst, 24});
    }

    FakeInterfaces interfaces;
    Wan wan{interfaces, kWan, {}, {}};
};

TEST_F(WanTest, TellsTheAddressThatTheRouteUses) {
    (void)wan.refresh({});
    EXPECT_EQ(wan.external().told(), kModem);
    interfaces.routed = kFirst;
    EXPECT_TRUE(wan.refresh({}));
    EXPECT_EQ(wan.address(), kFirst);
    EXPECT_EQ(wan.external().told(), kFirst);
    EXPECT_EQ(wan.status().externalAddress, kFirst);
    EXPECT_FALSE(wan.refresh({})) << "nothing is new";
}

TEST_F(WanTest, HasMappingsAtTheAddressThatIsToldAlone) {
    interfaces.routed = kFirst;
    (void)wan.refresh({});
    EXPECT_THAT(wan.addresses(), ElementsAre(kFirst));
    interfaces.of(kWan).addresses.push_back({kSecond, 24});
    EXPECT_TRUE(wan.refresh({})) << "one more";
    EXPECT_THAT(wan.addresses(), ElementsAre(kFirst));
    EXPECT_THAT(wan.allAddresses(), ElementsAre(kFirst, kModem, kSecond));
    interfaces.of(kWan).running = false;
    EXPECT_TRUE(wan.refresh({}));
    EXPECT_TRUE(wan.addresses().empty());
}

TEST_F(WanTest, HasAPublicAddressThatIsToldInstead) {
    constexpr Ipv4Address kConfigured{0x50010203};
    wan.set({ExternalAddressSetting::From::Configured, kConfigured, {}});
    (void)wan.refresh({});
    EXPECT_THAT(wan.addresses(), ElementsAre(kModem, kConfigured));
    wan.set({ExternalAddressSetting::From::Configured, kFirst, {}});
    EXPECT_THAT(wan.addresses(), ElementsAre(kFirst)) << "one of its own";
}

}  // namespace
}  // namespace igd
