// SPDX-License-Identifier: GPL-2.0-or-later
#include "lease_words.h"

#include "upnpd/util/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace igd::lease {
namespace {

std::optional<Origin> parseOrigin(std::string_view text) {
    for (const Origin origin : {Origin::Igd, Origin::NatPmp, Origin::Pcp, Origin::Static})
        if (text == name(origin)) return origin;
    return std::nullopt;
}

std::optional<Nonce> parseNonce(std::string_view hex) {
    Nonce nonce{};
    if (hex.size() != 2 * nonce.size()) return std::nullopt;
    for (std::size_t i = 0; i < nonce.size(); ++i) {
        const char* const first = hex.data() + 2 * i;
        if (std::from_chars(first, first + 2, nonce[i], 16).ptr != first + 2) return std::nullopt;
    }
    return nonce;
}

/// Up to the next `separator`, which is taken away with it.
std::string_view takeUntil(std::string_view& text, char separator) {
    const auto end = text.find(separator);
    const auto part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return part;
}

bool parseFilters(std::string_view text, std::vector<PeerFilter>& filters) {
    while (!text.empty()) {
        const auto filter = parsePeerFilter(takeUntil(text, ','));
        if (!filter || filters.size() == kMaxFilters) return false;
        add(filters, *filter);
    }
    return true;
}

}  // namespace

std::int64_t unixSeconds(WallTime time) {
    return std::chrono::duration_cast<Seconds>(time.time_since_epoch()).count();
}

std::int64_t unixEnd(TimePoint end, const Now& now) {
    return unixSeconds(now.wall +
                       std::chrono::duration_cast<WallTime::duration>(end - now.monotonic));
}

std::optional<TimePoint> endOf(std::uint64_t unixEnd, const Now& now, Seconds longest) {
    if (unixEnd == 0) return std::nullopt;
    constexpr std::uint64_t kLast = 9'000'000'000;  // in the year 2255
    const WallTime end{Seconds{std::min(unixEnd, kLast)}};
    const auto left = std::chrono::duration_cast<Clock::duration>(end - now.wall);
    return now.monotonic + std::clamp<Clock::duration>(left, Clock::duration{}, longest);
}

std::string_view takeWord(std::string_view& text) {
    const auto blank = text.find(' ');
    const auto word = text.substr(0, blank);
    text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
    return word;
}

std::optional<MappingKey> parseKey(std::string_view protocol, std::string_view port) {
    const auto parsedProtocol = parseProtocol(protocol);
    const auto parsedPort = parsePort(port);
    if (!parsedProtocol || !parsedPort) return std::nullopt;
    return MappingKey{*parsedProtocol, *parsedPort};
}

Holder parseHolder(std::string_view text, const Now& now, Seconds longest) {
    Holder holder{parseOrigin(takeUntil(text, ';'))};
    bool good = true;
    while (!text.empty()) {
        std::string_view value = takeUntil(text, ';');
        const auto key = takeUntil(value, '=');
        if (key == "nonce") {
            holder.nonce = parseNonce(value);
            good = good && holder.nonce;
        } else if (key == "igd") {
            const auto end = parseUnsigned<std::uint64_t>(value);
            if (end) holder.igdShare = IgdShare{endOf(*end, now, longest)};
            good = good && end;
        } else {
            good = good && key == "peers" && parseFilters(value, holder.filters);
        }
    }
    // Without its nonce nobody could renew it.
    if (!good || (holder.origin == Origin::Pcp) != holder.nonce.has_value()) holder.origin.reset();
    return holder;
}

std::string nonceText(const Nonce& nonce) {
    std::string text = ";nonce=";
    for (const std::uint8_t byte : nonce) text += fmt::format("{:02x}", byte);
    return text;
}

std::string filtersText(const std::vector<PeerFilter>& filters) {
    std::string text;
    for (const PeerFilter& filter : filters)
        text += (text.empty() ? ";peers=" : ",") + toString(filter);
    return text;
}

bool areOfFamily(const std::vector<PeerFilter>& filters, bool four) {
    return std::ranges::all_of(
        filters, [four](const PeerFilter& filter) { return ipv4Part(filter).has_value() == four; });
}

}  // namespace igd::lease
