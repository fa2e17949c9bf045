// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/default_duration.h"

#include "upnpd/util/parse.h"

#include <cstdint>
#include <ctime>

namespace igd {
namespace {

constexpr Seconds kSoon{60};
constexpr Seconds kDay = std::chrono::hours{24};
/// The longest lease that is granted; the kernel's timers take no more than some years.
constexpr Seconds kYear = 365 * kDay;

/// Returns the seconds from `now` until the local time of day `span` on that day plus `days`;
/// mktime minds summer time.
Seconds untilTimeOfDay(std::time_t now, Seconds span, int days) {
    std::tm local{};
    ::localtime_r(&now, &local);
    local.tm_hour = static_cast<int>(span.count() / 3600);
    local.tm_min = static_cast<int>(span.count() / 60 % 60);
    local.tm_sec = static_cast<int>(span.count() % 60);
    local.tm_mday += days;
    local.tm_isdst = -1;
    return Seconds{std::mktime(&local) - now};
}

}  // namespace

std::optional<Seconds> parseSpan(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) {
        const auto seconds = parseUnsigned<std::uint32_t>(text);
        return seconds ? std::optional{Seconds{*seconds}} : std::nullopt;
    }
    const std::string_view minutesText = text.substr(colon + 1);
    const auto hours = parseUnsigned<std::uint32_t>(text.substr(0, colon));
    const auto minutes = parseUnsigned<std::uint32_t>(minutesText);
    if (colon > 2 || minutesText.size() != 2 || !hours || !minutes || *minutes > 59)
        return std::nullopt;
    return std::chrono::hours{*hours} + std::chrono::minutes{*minutes};
}

std::optional<DefaultDuration> DefaultDuration::parse(std::string_view text) {
    DefaultDuration result;
    result.timeOfDay_ = text.starts_with('@');
    const auto span = parseSpan(result.timeOfDay_ ? text.substr(1) : text);
    if (!span || *span > kYear || (result.timeOfDay_ && *span >= kDay)) return std::nullopt;
    result.span_ = *span;
    return result;
}

std::optional<Seconds> DefaultDuration::leaseAt(
    std::chrono::system_clock::time_point wallNow) const {
    if (!timeOfDay_) return span_ == Seconds{0} ? std::nullopt : std::optional{span_};
    const std::time_t now = std::chrono::system_clock::to_time_t(wallNow);
    const Seconds today = untilTimeOfDay(now, span_, 0);
    return today >= kSoon ? today : untilTimeOfDay(now, span_, 1);
}

}  // namespace igd
