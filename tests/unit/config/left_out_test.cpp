// SPDX-License-Identifier: GPL-2.0-or-later
#include "left_out.h"

#include "keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace igd {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Optional;

bool all(BuildPart /*part*/) {
    return true;
}
bool none(BuildPart /*part*/) {
    return false;
}

/// Returns the settings after a line of the file.
Settings settingsOf(std::string_view key, std::string_view value) {
    Settings settings;
    settings.natPmp = settings.pcp = settings.pinholes = false;
    const auto keys = configurationKeys();
    EXPECT_TRUE(std::ranges::find(keys, key, &ConfigurationKey::name)->set(settings, value)) << key;
    return settings;
}

struct Line {
    std::string_view key;
    std::string_view value;
    std::string_view part;
    std::string_view instead;
};
constexpr Line kLines[] = {
    {"firewall_backend", "nftables", "nftables", "iptables"},
    {"firewall_backend", "iptables", "iptables", "nftables"},
    {"open_nat", "192.168.1.9", "nftables", "none"},
    {"port_control", "both", "NAT-PMP and PCP", "none"},
    {"port_control", "pcp", "NAT-PMP and PCP", "none"},
    {"ipv6_pinholes", "yes", "IPv6", "no"},
    {"metrics_listen", "[2a02:3a7f::1]:9100", "IPv6", "an IPv4 address"},
    {"require_seccomp", "yes", "seccomp", "no"},
};

TEST(LeftOut, NamesThePartThatALineNeedsAndWhatToTakeInstead) {
    for (const Line& line : kLines) {
        const Settings settings = settingsOf(line.key, line.value);
        EXPECT_THAT(lacks(line.key, settings, none),
                    Optional(AllOf(HasSubstr("built without " + std::string{line.part} + ":"),
                                   testing::EndsWith("take " + std::string{line.instead}))))
            << line.key;
        EXPECT_EQ(lacks(line.key, settings, all), std::nullopt) << line.key;
    }
}

TEST(LeftOut, SaysNothingOfALineThatNeedsNothing) {
    constexpr std::pair<std::string_view, std::string_view> kFine[] = {
        {"firewall_backend", "auto"},
        {"open_nat", "none"},
        {"port_control", "none"},
        {"ipv6_pinholes", "no"},
        {"require_seccomp", "no"},
        {"metrics_listen", "127.0.0.1:9100"},
        {"hairpin", "yes"}};
    for (const auto& [key, value] : kFine)
        EXPECT_EQ(lacks(key, settingsOf(key, value), none), std::nullopt) << key;
}

TEST(LeftOut, ADefaultNeedsNothing) {
    for (const ConfigurationKey& key : configurationKeys()) {
        const auto here = defaultHere(key.name, key.defaultValue, none);
        EXPECT_EQ(lacks(key.name, settingsOf(key.name, here), none), std::nullopt) << key.name;
        EXPECT_EQ(defaultHere(key.name, key.defaultValue, all), key.defaultValue);
    }
    EXPECT_EQ(lacks("port_control", Settings{}), std::nullopt);
    EXPECT_EQ(lacks("ipv6_pinholes", Settings{}), std::nullopt);
}

}  // namespace
}  // namespace igd
