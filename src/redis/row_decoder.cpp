// SPDX-License-Identifier: GPL-2.0-or-later
#include "row_decoder.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace igd::redis {
namespace {

/// Admission shortens what is longer than the settings allow.
constexpr Seconds kLongest = std::chrono::hours{24 * 365};

std::optional<store::Row> rowOf(std::string_view name, std::string_view line, std::uint64_t first,
                                const Now& now) {
    auto opening = readLease(line, now, kLongest);
    if (!opening || leaseNameText(opening->name()) != name) return std::nullopt;
    return store::Row{std::move(*opening), first, store::digestOf(line)};
}

/// Returns the value of a field among names and values; empty: there is none.
const Reply& fieldIn(const Reply& pairs, std::string_view name) {
    static const Reply kNothing{.items = {}};
    for (std::size_t i = 0; i + 1 < pairs.items.size(); i += 2)
        if (pairs.items[i].text == name) return pairs.items[i + 1];
    return kNothing;
}

decltype(Entry::change) changeIn(const Reply& pairs, const Now& now) {
    const std::string& kind = fieldIn(pairs, "kind").text;
    const Reply& name = fieldIn(pairs, "name");
    if (kind == "kept") {
        auto row =
            rowOf(name.text, fieldIn(pairs, "line").text, fieldIn(pairs, "first").asCount(), now);
        if (row) return std::move(*row);
    } else if (kind == "gone") {
        auto gone = readLeaseName(name.text);
        if (gone) return store::Gone{*gone};
    } else if (kind == "lead") {
        constexpr std::size_t kLongestName = 64;
        return store::Leader{fieldIn(pairs, "token").asCount(), cleanUtf8(name.text, kLongestName)};
    }
    return Unknown{};
}

}  // namespace

std::optional<EntryId> parseEntryId(std::string_view text) {
    const auto hyphen = text.find('-');
    if (hyphen == std::string_view::npos) return std::nullopt;
    const auto time = parseUnsigned<std::uint64_t>(text.substr(0, hyphen));
    const auto number = parseUnsigned<std::uint64_t>(text.substr(hyphen + 1));
    return time && number ? std::optional{EntryId{*time, *number}} : std::nullopt;
}

std::string toString(const EntryId& id) {
    return fmt::format("{}-{}", id.time, id.number);
}

std::optional<store::Row> rowIn(std::string_view key, const Reply& values, const Now& now) {
    if (!key.starts_with(kRowPrefix)) return std::nullopt;
    const std::string* const line = values.at(0).asText();
    if (line == nullptr) return std::nullopt;
    return rowOf(key.substr(kRowPrefix.size()), *line, values.at(1).asCount(), now);
}

std::vector<Entry> entriesIn(const Reply& answer, const Now& now) {
    std::vector<Entry> entries;
    for (const Reply& each : answer.at(0).at(1).items)
        if (const auto id = parseEntryId(each.at(0).text))
            entries.push_back({*id, changeIn(each.at(1), now)});
    return entries;
}

EntryId firstIdIn(const Reply& answer) {
    return parseEntryId(answer.at(0).at(0).text).value_or(EntryId{});
}

std::optional<Keys> keysIn(const Reply& answer) {
    const std::string* const cursor = answer.at(0).asText();
    if (cursor == nullptr || !parseUnsigned<std::uint64_t>(*cursor)) return std::nullopt;
    Keys found{.cursor = *cursor};
    for (const Reply& each : answer.at(1).items)
        if (each.text.starts_with(kRowPrefix) && each.text.size() <= kLongestLease)
            found.keys.push_back(each.text);
    return found;
}

}  // namespace igd::redis
