// SPDX-License-Identifier: GPL-2.0-or-later
// One entry of a legacy table: a header with addresses and interfaces, matches, a target. Octets
// that do not make an entry are noticed before they are used.
#pragma once

#include "xt_values.h"

#include <optional>
#include <string_view>

namespace igd::inspect::xt {

/// Matches and target of an entry.
struct Extension {
    std::string_view name;
    std::uint8_t revision = 0;
    std::span<const std::byte> info;
};

class LegacyEntry {
public:
    /// Reads the entry at the start of `octets`; nullopt: there is none.
    static std::optional<LegacyEntry> at(std::span<const std::byte> octets, bool ipv6);

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] const std::vector<Extension>& matches() const { return matches_; }
    [[nodiscard]] const Extension& target() const { return target_; }
    [[nodiscard]] bool isGoto() const;
    /// Returns what the kernel's standard target says: an offset, or a negative verdict; nullopt:
    /// it has another target.
    [[nodiscard]] std::optional<std::int32_t> standardVerdict() const;
    /// Returns the name of the chain that begins behind this entry; nullopt: it is no such mark.
    [[nodiscard]] std::optional<std::string_view> chainName() const;

    /// Appends the conditions of the header.
    void conditions(const Rule& rule) const;

private:
    LegacyEntry(std::span<const std::byte> header, bool ipv6) : header_(header), ipv6_(ipv6) {}
    bool readMatches(std::span<const std::byte> octets);
    bool readTarget(std::span<const std::byte> octets);

    std::span<const std::byte> header_;
    bool ipv6_;
    std::size_t size_ = 0;
    std::vector<Extension> matches_{};
    Extension target_{};
};

}  // namespace igd::inspect::xt
