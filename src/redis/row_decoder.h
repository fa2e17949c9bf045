// SPDX-License-Identifier: GPL-2.0-or-later
// The server keeps names and values for us: keys, the row of each opening, the stream of changes.
// Whoever may write into the store may have written anything. Pure, and fuzzed.
#pragma once

#include "reply.h"

#include "upnpd/store/store_messages.h"
#include "upnpd/system/lease_row.h"

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace igd::redis {

constexpr std::string_view kRowPrefix = "upnpd:opening:";
constexpr std::string_view kChanges = "upnpd:changes";
constexpr std::string_view kToken = "upnpd:token";
constexpr std::string_view kLeader = "upnpd:leader";
constexpr std::string_view kBatch = "upnpd:batch";
constexpr std::string_view kEpoch = "upnpd:epoch";
constexpr std::string_view kBootId = "upnpd:bootid";
constexpr std::string_view kExternal = "upnpd:external";

/// The id of an entry of a stream: "1800000000000-3".
struct EntryId {
    std::uint64_t time = 0;
    std::uint64_t number = 0;
    auto operator<=>(const EntryId&) const = default;
};
[[nodiscard]] std::optional<EntryId> parseEntryId(std::string_view text);
[[nodiscard]] std::string toString(const EntryId& id);

/// Returns the row of `key`, whose fields `line` and `first` are `values`; nullopt: it is none of
/// ours.
[[nodiscard]] std::optional<store::Row> rowIn(std::string_view key, const Reply& values,
                                              const Now& now);

/// Nobody knows what that change is.
struct Unknown {
    bool operator==(const Unknown&) const = default;
};
struct Entry {
    EntryId id{};
    std::variant<Unknown, store::Row, store::Gone, store::Leader> change{};
};
/// Returns the entries in an answer to XREAD of kChanges, in their order; those without an id are
/// left out.
[[nodiscard]] std::vector<Entry> entriesIn(const Reply& answer, const Now& now);
/// Returns the id of the first entry in an answer to XRANGE or XREVRANGE; the least where there is
/// none.
[[nodiscard]] EntryId firstIdIn(const Reply& answer);

/// Returns the keys of rows in an answer to SCAN, and where to go on; 0: that was all. nullopt: it
/// is no answer to SCAN.
struct Keys {
    std::vector<std::string> keys{};
    std::string cursor{};
};
[[nodiscard]] std::optional<Keys> keysIn(const Reply& answer);

}  // namespace igd::redis
