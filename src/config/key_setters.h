// SPDX-License-Identifier: GPL-2.0-or-later
// Setters read the values of upnpd.conf whose form is more than a number or a word. Each returns
// false, and sets nothing, when the key does not take the value.
#pragma once

#include "values.h"

#include "upnpd/config/settings.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace igd::setter {

using Value = std::string_view;

/// Puts `value` into `target`.
template <class T, class U>
bool assign(T& target, std::optional<U> value) {
    if (!value) return false;
    target = static_cast<T>(std::move(*value));
    return true;
}

/// Takes a whole number from `lowest` to `highest`.
template <class T>
bool number(T& target, Value value, std::uint64_t lowest, std::uint64_t highest) {
    return assign(target, parseNumber(value, lowest, highest));
}

/// Takes a text of 1 to 64 bytes.
[[nodiscard]] bool filledText(std::string& target, Value value);
/// Takes a URL, or "none" for an empty one.
[[nodiscard]] bool urlOrNone(std::string& target, Value value);
/// Takes the path of our own page, too.
[[nodiscard]] bool presentationUrl(Settings& settings, Value value);
/// Takes an absolute path, or "none".
[[nodiscard]] bool pathOrNone(std::optional<std::filesystem::path>& target, Value value);
/// Takes the place of a store, or "none".
[[nodiscard]] bool leaseStore(Settings& settings, Value value);
/// Takes one address with a port, or "none".
[[nodiscard]] bool listenPlace(std::optional<IpEndpoint>& target, Value value);
[[nodiscard]] bool pageAccess(Settings& settings, Value value);
[[nodiscard]] bool uplinkUse(Settings& settings, Value value);
[[nodiscard]] bool approvalMode(Settings& settings, Value value);
/// Takes "auto", "none" or paths with blanks or commas between them.
[[nodiscard]] bool hostNames(Settings& settings, Value value);
/// Takes a time of at most 365 days.
[[nodiscard]] bool lease(Seconds& target, Value value);
[[nodiscard]] bool absentHostTimeout(Settings& settings, Value value);
[[nodiscard]] bool igdVersion(Settings& settings, Value value);
/// Reads one of two words, the first for false.
[[nodiscard]] bool oneOf(bool& target, Value value, Value no, Value yes);
[[nodiscard]] bool staticMapping(Settings& settings, Value value);
[[nodiscard]] bool externalAddress(Settings& settings, Value value);
[[nodiscard]] bool upstreamGateway(Settings& settings, Value value);
/// Reads the protocols; `yes` and `no` are miniupnpd's words.
[[nodiscard]] bool portControl(Settings& settings, Value value);
[[nodiscard]] bool requestTime(Settings& settings, Value value);
[[nodiscard]] bool deviceUuid(Settings& settings, Value value);

}  // namespace igd::setter
