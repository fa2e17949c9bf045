// SPDX-License-Identifier: GPL-2.0-or-later
#include "line.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd {
namespace {

constexpr std::string_view kBlank = " \t";

bool isKeyCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

tl::expected<std::string, std::string> quotedValue(std::string_view text) {
    const auto end = text.find(text.front(), 1);
    if (end == std::string_view::npos)
        return tl::unexpected(
            fmt::format("the value {} has no closing quote", igd::quoted(text.substr(1))));
    if (const auto rest = withoutComment(text.substr(end + 1)); !rest.empty())
        return tl::unexpected(fmt::format(
            "{} stands behind the closing quote; a comment begins with #", igd::quoted(rest)));
    return std::string{text.substr(1, end - 1)};
}

}  // namespace

bool isBlank(std::string_view line) {
    const auto text = trimmed(line);
    return text.empty() || text.front() == '#';
}

std::string_view withoutComment(std::string_view text) {
    for (auto hash = text.find('#'); hash != std::string_view::npos;
         hash = text.find('#', hash + 1)) {
        if (hash > 0 && kBlank.find(text[hash - 1]) == std::string_view::npos) continue;
        text = text.substr(0, hash);
        break;
    }
    text = trimmed(text);
    if (text.ends_with(';')) text.remove_suffix(1);
    return trimmed(text);
}

tl::expected<std::string, std::string> readValue(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with('"') || text.starts_with('\'')) return quotedValue(text);
    return std::string{withoutComment(text)};
}

tl::expected<ConfigurationLine, std::string> splitLine(std::string_view line) {
    line = trimmed(line);
    const auto end =
        static_cast<std::size_t>(std::ranges::find_if_not(line, isKeyCharacter) - line.begin());
    std::string_view rest = line.substr(end);
    const bool blankFollows = !rest.empty() && kBlank.find(rest.front()) != std::string_view::npos;
    rest = trimmed(rest);
    const bool hasSeparator = rest.starts_with('=');
    if (end == 0 || !(hasSeparator || blankFollows || rest.empty()))
        return tl::unexpected(
            fmt::format("{} is not a setting: expected \"key = value\"", igd::quoted(line)));
    auto value = readValue(hasSeparator ? rest.substr(1) : rest);
    if (!value) return tl::unexpected(std::move(value.error()));
    return ConfigurationLine{toLower(line.substr(0, end)), hasSeparator, std::move(*value)};
}

}  // namespace igd
