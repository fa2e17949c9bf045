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
    EXPECT_EQ(shown.erase(std::string{kExternalInterface6Key}), 1U);
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
                                   std::string{kExternalInterface6Key},
                                   std::string{kInternalInterfaceKey}, "allow", "deny"};
    for (const auto& key : configurationKeys()) names.emplace_back(key.name);
    for (const auto& name : names)
        EXPECT_NE(page.find(".It Ic " + name + " "), std::string::npos) << name;
    for (const auto& alias : keyAliases()) EXPECT_TRUE(mentions(page, alias.old)) << alias.old;
    for (const auto& key : keysWithoutEffect()) EXPECT_TRUE(mentions(page, key.name)) << key.name;
}

/// The words of a page that name a key, as .It and .Ic have them.
std::string keysOf(const std::string& name) {
    std::string page = contents(name);
    std::ranges::replace(page, '\n', ' ');
    std::ranges::replace(page, ',', ' ');
    return page;
}

TEST(ManualPage, OfMiniupnpdNamesEveryKeyOfItWithItsNameOfToday) {
    const std::string page = keysOf("man/upnpd-miniupnpd.7");
    const auto aliases = keyAliases();
    const auto first = std::ranges::find(aliases, "ext_ifname", &KeyAlias::old);
    ASSERT_NE(first, aliases.end());
    for (auto alias = first; alias != aliases.end(); ++alias) {
        EXPECT_TRUE(mentions(page, alias->old)) << alias->old;
        EXPECT_TRUE(mentions(page, alias->name) || alias->name == "pcp_third_party") << alias->name;
    }
}

TEST(ManualPage, NamesNoKeyThatIsNone) {
    std::vector<std::string> known{std::string{kExternalInterfaceKey},
                                   std::string{kExternalInterface6Key},
                                   std::string{kInternalInterfaceKey}};
    for (const auto& key : configurationKeys()) known.emplace_back(key.name);
    for (const auto& key : keysWithoutEffect()) known.emplace_back(key.name);
    for (const auto& alias : keyAliases()) known.emplace_back(alias.old);
    for (const char* name : {"man/upnpd-miniupnpd.7", "man/upnpd-linuxigd.7"}) {
        const std::string page = keysOf(name);
        for (const auto word : words(page)) {
            if (word.find('_') == std::string_view::npos ||
                word.find('/') != std::string_view::npos)
                continue;
            EXPECT_TRUE(std::ranges::find(known, toLower(word)) != known.end())
                << name << ": " << word;
        }
    }
}

TEST(ManualPage, TheTwoAboutOlderProgramsNameEveryOldKey) {
    const std::string pages =
        keysOf("man/upnpd-miniupnpd.7") + " " + keysOf("man/upnpd-linuxigd.7");
    for (const auto& alias : keyAliases()) EXPECT_TRUE(mentions(pages, alias.old)) << alias.old;
    for (const auto& key : keysWithoutEffect()) {
        if (key.name == "force_forwarding" || key.name == "ignore_private_ip_check") continue;
        EXPECT_TRUE(mentions(pages, key.name)) << key.name;
    }
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
