// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/lease_row.h"

#include "lease_lines.h"

namespace igd {
namespace {

constexpr std::string_view kOpen = "open ";
constexpr std::string_view kClose = "close ";

}  // namespace

std::string leaseText(const Opening& opening, const Now& now) {
    const std::string line = lease::openLine(opening, now);
    return line.empty() ? line : line.substr(kOpen.size());
}

std::string leaseNameText(const OpeningName& name) {
    return lease::closeLine(name).substr(kClose.size());
}

std::optional<Opening> readLease(std::string_view text, const Now& now, Seconds longest) {
    if (text.size() > kLongestLease) return std::nullopt;
    return lease::parseOpen(text, {now, longest});
}

std::optional<OpeningName> readLeaseName(std::string_view text) {
    if (text.size() > kLongestLease) return std::nullopt;
    return lease::parseClose(text);
}

bool isSoundLease(const Opening& opening) {
    return lease::isSound(opening);
}

}  // namespace igd
