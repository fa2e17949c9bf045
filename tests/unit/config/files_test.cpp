// SPDX-License-Identifier: GPL-2.0-or-later
// The sample file and the manual page say what the program does.
#include "keys.h"

#include "upnpd/util/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

namespace igd {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string contents(const std::string& path) {
    std::ifstream file{UPNPD_SOURCES + ("/" + path)};
    EXPECT_TRUE(file) << path;
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

/// `#key = value` lines: prose has a blank behind the #.
std::map<std::string, std::string> commentedDefaults() {
    std::map<std::string, std::string> result;
    std::istringstream file{contents("etc/upnpd.conf")};
    const std::regex form{"#([a-z0-9_]+) = ?(.*)"};
    std::smatch match;
    for (std::string line; std::getline(file, line);)
        if (std::regex_match(line, match, form)) result[match[1]] = match[2];
    return result;
}

TEST(SampleConfiguration, IsReadWithoutAnyRemark) {
    EXPECT_THAT(parseConfiguration(contents("etc/upnpd.conf"), "upnpd.conf").diagnostics,
                IsEmpty());
}

TEST(SampleConfiguration, ShowsEveryKeyWithItsDefaultAndNoOther) {
    auto shown = commentedDefaults();
    EXPECT_EQ(shown.erase(std::string{kExternalInterfaceKey}), 1U);
    EXPECT_EQ(shown.erase(std::string{kInternalInterfaceKey}), 1U);
    for (const auto& key : configurationKeys()) {
        const auto found = shown.find(std::string{key.name});
        ASSERT_NE(found, shown.end()) << key.name;
        EXPECT_EQ(found->second, key.defaultValue) << key.name;
        shown.erase(found);
    }
    EXPECT_THAT(shown, IsEmpty());
}

TEST(SampleConfiguration, IsValidWithEveryDefaultTakenIn) {
    std::string text;
    for (const auto& [key, value] : commentedDefaults()) text += key + " = " + value + "\n";
    EXPECT_THAT(parseConfiguration(text, "upnpd.conf").diagnostics, IsEmpty());
}

/// `name` is a word of `page`, whatever the case.
bool mentions(const std::string& page, std::string_view name) {
    const auto all = words(page);
    return std::ranges::any_of(all,
                               [&](auto word) { return equalsIgnoringCase(trimmed(word), name); });
}

TEST(ManualPage, DocumentsEveryKey) {
    std::string page = contents("man/upnpd.conf.5");
    std::ranges::replace(page, '\n', ' ');
    std::ranges::replace(page, ',', ' ');
    std::vector<std::string> names{std::string{kExternalInterfaceKey},
                                   std::string{kInternalInterfaceKey}, "allow", "deny"};
    for (const auto& key : configurationKeys()) names.emplace_back(key.name);
    for (const auto& name : names)
        EXPECT_NE(page.find(".It Ic " + name + " "), std::string::npos) << name;
    for (const auto& alias : keyAliases()) EXPECT_TRUE(mentions(page, alias.old)) << alias.old;
    for (const auto& key : keysWithoutEffect()) EXPECT_TRUE(mentions(page, key.name)) << key.name;
}

TEST(ManualPage, TellsEveryDefault) {
    const std::string page = contents("man/upnpd.conf.5");
    for (const auto& key : configurationKeys()) {
        const auto start = page.find(".It Ic " + std::string{key.name} + " ");
        ASSERT_NE(start, std::string::npos) << key.name;
        const std::string item = page.substr(start, page.find(".It Ic ", start + 1) - start);
        const std::string shown =
            key.defaultValue.empty() ? "empty" : std::string{key.defaultValue};
        EXPECT_THAT(item, HasSubstr("\nDefault: " + shown)) << key.name;
    }
}

}  // namespace
}  // namespace igd
