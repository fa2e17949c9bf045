// SPDX-License-Identifier: GPL-2.0-or-later
#include "followed_interfaces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Names that no machine has: the kernel knows no index of them.
const InterfaceName kLan = InterfaceName::parse("test-no-lan").value();
const InterfaceName kGuest = InterfaceName::parse("test-no-guest").value();

FollowedInterfaces followed() {
    FollowedInterfaces interfaces;
    interfaces.set({kLan, kGuest});
    return interfaces;
}

TEST(FollowedInterfaces, MayBeAbsent) {
    const FollowedInterfaces interfaces = followed();
    EXPECT_EQ(interfaces.indexOf(kLan), 0);
    EXPECT_EQ(interfaces.byIndex(0), nullptr);
    EXPECT_EQ(interfaces.all().size(), 2U);
}

TEST(FollowedInterfaces, KnowTheIndexOfThisHostsOwn) {
    FollowedInterfaces interfaces;
    interfaces.set({InterfaceName::parse("lo").value()});
    EXPECT_NE(interfaces.all().front().index, 0);
}

TEST(FollowedInterfaces, Come) {
    FollowedInterfaces interfaces = followed();
    const auto change = interfaces.named(7, kLan.text());
    EXPECT_TRUE(change.isNew);
    EXPECT_THAT(change.gone, IsEmpty());
    EXPECT_EQ(interfaces.indexOf(kLan), 7);
    EXPECT_EQ(interfaces.byIndex(7)->name, kLan);
    EXPECT_FALSE(interfaces.named(7, kLan.text()).isNew) << "it was there already";
    EXPECT_FALSE(interfaces.named(8, "eth0").isNew) << "nobody follows that";
}

TEST(FollowedInterfaces, GoAndAreMadeAnew) {
    FollowedInterfaces interfaces = followed();
    (void)interfaces.named(7, kLan.text());
    const auto gone = interfaces.named(7, "");
    EXPECT_THAT(gone.gone, ElementsAre(7));
    EXPECT_FALSE(gone.isNew);
    EXPECT_EQ(interfaces.byIndex(7), nullptr);
    EXPECT_TRUE(interfaces.named(9, kLan.text()).isNew);
    const auto replaced = interfaces.named(11, kLan.text());
    EXPECT_THAT(replaced.gone, ElementsAre(9)) << "also when its end was not heard of";
    EXPECT_EQ(interfaces.indexOf(kLan), 11);
}

TEST(FollowedInterfaces, AreRenamed) {
    FollowedInterfaces interfaces = followed();
    (void)interfaces.named(7, kLan.text());
    const auto change = interfaces.named(7, kGuest.text());
    EXPECT_THAT(change.gone, ElementsAre(7));
    EXPECT_TRUE(change.isNew);
    EXPECT_EQ(interfaces.indexOf(kLan), 0);
    EXPECT_EQ(interfaces.indexOf(kGuest), 7);
}

}  // namespace
}  // namespace igd
