// SPDX-License-Identifier: GPL-2.0-or-later
#include "config_text.h"

#include "members.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd::ctl {
namespace {

constexpr std::size_t kUsualWidth = 48;

std::string lineOf(const Json& setting) {
    const std::string key = textOf(setting, "key", "?");
    const std::string value = textOf(setting, "value");
    if (key == "allow" || key == "deny") return fmt::format("{} {}", key, value);
    const bool isPlain = !value.empty() && value.find_first_of("#;\"") == std::string::npos;
    return isPlain ? fmt::format("{} = {}", key, value) : fmt::format("{} = \"{}\"", key, value);
}

}  // namespace

bool isUnchanged(const Json& setting) {
    return setting.value("default", false) || textOf(setting, "key") == "uuid";
}

std::string configText(const std::vector<Json>& settings) {
    std::size_t width = 0;
    for (const Json& each : settings)
        width = std::max(width, std::min(lineOf(each).size(), kUsualWidth));
    std::string text;
    for (const Json& each : settings) {
        const std::string found = textOf(each, "found");
        text += fmt::format("{:<{}}  # {}{}\n", lineOf(each), width, textOf(each, "place", "?"),
                            found.empty() ? "" : ", now " + found);
    }
    return text;
}

}  // namespace igd::ctl
