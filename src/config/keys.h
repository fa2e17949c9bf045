// SPDX-License-Identifier: GPL-2.0-or-later
// The table of all keys of upnpd.conf is the one place that says what a key is called, what it
// takes and where it goes.
#pragma once

#include "upnpd/config/settings.h"

#include <span>
#include <string>
#include <string_view>

namespace igd {

constexpr std::string_view kExternalInterfaceKey = "external_interface";
constexpr std::string_view kExternalInterface6Key = "external_interface6";
constexpr std::string_view kInternalInterfaceKey = "internal_interface";

struct ConfigurationKey {
    std::string_view name;
    /// Puts `value` into the configuration; false when the key does not take it. nullptr: the key
    /// is known and has no effect.
    bool (*set)(Settings& settings, std::string_view value);
    std::string_view expected;      ///< what the key takes; for a key without effect the reason why
    std::string_view defaultValue;  ///< as it would be written; checked against Settings by a test
};

/// The keys of today, in the order of etc/upnpd.conf. The interfaces are not among them (see the
/// parser).
[[nodiscard]] std::span<const ConfigurationKey> configurationKeys();

/// Keys of older programs that this one has no use for.
[[nodiscard]] std::span<const ConfigurationKey> keysWithoutEffect();

struct KeyAlias {
    std::string_view old;
    std::string_view name;  ///< of today
    /// Translates the old value; nullptr: it is the new one. nullopt: the old value says nothing.
    std::optional<std::string> (*translate)(std::string_view) = nullptr;
    bool blankSeparated = false;  ///< linux-igd 0.93 wrote it without `=`
    /// Sets the part of `name`'s value that this key gives; false when the value does not fit.
    bool (*setPart)(Settings& settings, std::string_view value) = nullptr;
    std::string_view expected{};  ///< by setPart
};

[[nodiscard]] std::span<const KeyAlias> keyAliases();

/// Returns the known name that `key` was probably meant to be; empty when none is near.
[[nodiscard]] std::string_view similarKey(std::string_view key);

}  // namespace igd
