// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/values_in_force.h"

#include "keys.h"
#include "temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace igd {
namespace {

using testing::ElementsAre;

class Values : public testing::Test {
protected:
    Values() { surroundings_.configurationFile = file(); }
    [[nodiscard]] std::string file() const { return (folder_ / "upnpd.conf").string(); }
    [[nodiscard]] std::string line(int number) const {
        return file() + ":" + std::to_string(number);
    }

    [[nodiscard]] std::vector<ValueInForce> of(const char* text) const {
        std::ofstream{file()} << "external_interface = wan0\ninternal_interface = lan0\n" << text;
        const auto loaded = loadConfiguration(options_, surroundings_);
        return loaded.configuration ? valuesInForce(*loaded.configuration)
                                    : std::vector<ValueInForce>{};
    }
    [[nodiscard]] std::vector<ValueInForce> of(const char* text, std::string_view key) const {
        auto values = of(text);
        std::erase_if(values, [&](const ValueInForce& each) { return each.key != key; });
        return values;
    }

    TemporaryFolder folder_;
    Options options_;
    Surroundings surroundings_;
};

TEST_F(Values, AreThoseOfAllKeysWhereNothingIsSet) {
    const auto values = of("");
    ASSERT_EQ(values.size(), configurationKeys().size() + 2);
    EXPECT_EQ(values[0], (ValueInForce{"external_interface", "wan0", line(1), false}));
    EXPECT_EQ(values[1], (ValueInForce{"internal_interface", "lan0", line(2), false}));
    EXPECT_TRUE(std::all_of(values.begin() + 2, values.end(), [](const ValueInForce& each) {
        return each.isDefault && each.place == "default";
    }));
}

TEST_F(Values, SayWhichLineCounts) {
    EXPECT_THAT(of("lease_max = 60\nlease_max = 3600  # an hour\n", "lease_max"),
                ElementsAre(ValueInForce{"lease_max", "3600", line(4), false}));
    EXPECT_THAT(of("upnp = ON\n", "upnp"), ElementsAre(ValueInForce{"upnp", "ON", line(3), true}));
}

TEST_F(Values, StandUnderTheNamesOfToday) {
    EXPECT_THAT(of("secure_mode = no\n", "allow_third_party"),
                ElementsAre(ValueInForce{"allow_third_party", "yes", line(3), false}));
    EXPECT_THAT(of("external_address = stun\next_stun_host = stun.example\n", "ext_stun_host"),
                ElementsAre(ValueInForce{"ext_stun_host", "stun.example", line(4), false}));
}

TEST_F(Values, HaveEachLineOfThoseThatThereAreMany) {
    const char* const text =
        "mapping = tcp 80 192.168.1.5\nmapping = tcp 81 192.168.1.5\n"
        "DENY 22 0.0.0.0/0 22 # no\nallow 1024-65535 any 1024-65535\n";
    EXPECT_THAT(of(text, "mapping"),
                ElementsAre(ValueInForce{"mapping", "tcp 80 192.168.1.5", line(3), false},
                            ValueInForce{"mapping", "tcp 81 192.168.1.5", line(4), false}));
    EXPECT_THAT(of(text, "deny"),
                ElementsAre(ValueInForce{"deny", "22 0.0.0.0/0 22", line(5), false}));
    EXPECT_EQ(of(text).back(),
              (ValueInForce{"allow", "1024-65535 any 1024-65535", line(6), false}));
}

TEST_F(Values, SayWhatAutoAndPatternsHaveFound) {
    Configuration configuration{
        Settings{}, *InterfaceName::parse("wan0"), {*InterfaceName::parse("ve-x")}};
    configuration.matchedInterfaces = configuration.internalInterfaces;
    configuration.assigned = {{"external_interface", "auto", "f:1"},
                              {"internal_interface", "ve-*", "f:2"},
                              {"internal_interface", "wg*", "f:2"}};
    const auto values = valuesInForce(configuration);
    EXPECT_EQ(values[0], (ValueInForce{"external_interface", "auto", "f:1", false, "wan0"}));
    EXPECT_EQ(values[1], (ValueInForce{"internal_interface", "ve-*", "f:2", false, "ve-x"}));
    EXPECT_EQ(values[2].found, "");
    configuration.externalInterface = InterfaceName::none();
    EXPECT_EQ(valuesInForce(configuration)[0].found, "");
}

TEST_F(Values, SayWhatTheCommandLineHasSet) {
    options_.external = Uplink{{*InterfaceName::parse("ppp0")}};
    options_.internal = {*InterfaceName::parse("eth1")};
    options_.pidFile = "/run/x.pid";
    EXPECT_EQ(of("")[0], (ValueInForce{"external_interface", "ppp0", "command line", false}));
    EXPECT_THAT(of("pid_file = /run/y.pid\n", "pid_file"),
                ElementsAre(ValueInForce{"pid_file", "/run/x.pid", "command line", false}));
}

}  // namespace
}  // namespace igd
