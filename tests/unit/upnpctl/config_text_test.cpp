// SPDX-License-Identifier: GPL-2.0-or-later
#include "config_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::ctl {
namespace {

Json setting(const char* key, const char* value, const char* place, bool isDefault = false) {
    return {{"key", key}, {"value", value}, {"place", place}, {"default", isDefault}};
}

TEST(ConfigText, HasLinesThatAFileMayHave) {
    EXPECT_EQ(configText({setting("lease_max", "60", "/x.conf:3"),
                          setting("serial_number", "", "default", true),
                          setting("deny", "22 any 22", "/x.conf:4")}),
              "lease_max = 60      # /x.conf:3\n"
              "serial_number = \"\"  # default\n"
              "deny 22 any 22      # /x.conf:4\n");
}

TEST(ConfigText, KeepsTheRoutersIdentityOutOfReports) {
    EXPECT_TRUE(isUnchanged(setting("upnp", "yes", "default", true)));
    EXPECT_TRUE(isUnchanged(setting("uuid", "75802409", "/x.conf:1")));
    EXPECT_FALSE(isUnchanged(setting("lease_max", "60", "/x.conf:3")));
}

}  // namespace
}  // namespace igd::ctl
