// SPDX-License-Identifier: GPL-2.0-or-later
// Every number of every action is read in one way.
#include "arguments.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

constexpr std::string_view kLease = "PortMappingLeaseDuration";

bool isNumber(const StateVariable& variable) {
    return variable.type == DataType::Ui2 || variable.type == DataType::Ui4;
}

/// Calls `check` with each number that an action of either version takes.
template <class Check>
void forEachNumber(Check check) {
    for (const Profile profile : {kVersion1, Profile{IgdVersion::Two, true}})
        for (const Service* service : allServices(profile))
            for (const Action& action : service->actions)
                for (const Argument& argument : action.arguments)
                    if (argument.direction == Direction::In &&
                        isNumber(*findVariable(*service, argument.variable)))
                        check(*service, action, argument);
}

/// Returns arguments of the right types, with `text` for the one called `name`.
std::vector<ArgumentValue> argumentsOf(const Action& action, std::string_view name,
                                       const std::string& text) {
    std::vector<ArgumentValue> given;
    for (const Argument& argument : action.arguments)
        if (argument.direction == Direction::In)
            given.emplace_back(argument.name, argument.name == name ? text : "1");
    return given;
}

TEST(Arguments, RefuseEveryNumberThatIsNone) {  // IGD-SOAP-08, -09
    std::size_t numbers = 0;
    forEachNumber([&](const Service& service, const Action& action, const Argument& argument) {
        ++numbers;
        std::vector<std::string> texts{"x",   "80x", "0x50", "8.0",  "8,0", "+8",
                                       "1e3", "1 2", "- 1",  "-1.5", "-",   "4294967296"};
        if (findVariable(service, argument.variable)->type == DataType::Ui2)
            texts.insert(texts.end(), {"65536", "65537"});
        if (argument.variable != kLease) texts.insert(texts.end(), {"", "-1", "infinite"});
        for (const std::string& text : texts) {
            const auto in =
                Arguments::decode(service, action, argumentsOf(action, argument.name, text));
            EXPECT_EQ(in ? 200 : in.error().code, 402)
                << action.name << ' ' << argument.name << "=\"" << text << '"';
        }
    });
    EXPECT_GT(numbers, 20U);
}

TEST(Arguments, TakeTheGreatestNumberOfTheirType) {
    forEachNumber([&](const Service& service, const Action& action, const Argument& argument) {
        const bool isUi2 = findVariable(service, argument.variable)->type == DataType::Ui2;
        const std::string greatest = isUi2 ? "65535" : "4294967295";
        for (const std::string& text : {greatest, std::string{"007"}})
            EXPECT_TRUE(
                Arguments::decode(service, action, argumentsOf(action, argument.name, text)))
                << action.name << ' ' << argument.name;
    });
}

}  // namespace
}  // namespace igd
