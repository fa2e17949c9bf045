// SPDX-License-Identifier: GPL-2.0-or-later
// The text of the lease file: pure, and fuzzed.
#include "upnpd/system/lease_file.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace igd {
namespace {

constexpr std::size_t kAddFields = 10;
/// No clock that is set shows less (November 2023).
constexpr std::int64_t kPlausible = 1'700'000'000;

std::int64_t unixSeconds(WallTime time) {
    return std::chrono::duration_cast<Seconds>(time.time_since_epoch()).count();
}

/// The next word; `text` is left with what follows the one blank behind it.
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

std::optional<Origin> parseOrigin(std::string_view text) {
    for (const Origin origin : {Origin::Igd, Origin::NatPmp, Origin::Pcp, Origin::Static})
        if (text == name(origin)) return origin;
    return std::nullopt;
}

bool parseRemote(std::string_view text, std::optional<Ipv4Address>& remote) {
    if (text == "any") return true;
    remote = parseIpv4Address(text);
    return remote.has_value();
}

/// An end in the past becomes `now`: such a mapping is left out later.
std::optional<TimePoint> endOf(std::uint64_t unixEnd, const Now& now, Seconds longest) {
    if (unixEnd == 0) return std::nullopt;
    const auto wall = unixSeconds(now.wall);
    const auto end = static_cast<std::int64_t>(std::min<std::uint64_t>(unixEnd, INT64_MAX));
    return now.monotonic + std::clamp(Seconds{end > wall ? end - wall : 0}, Seconds{0}, longest);
}

/// Whose the mapping is: ORIGIN[;nonce=HEX][;igd=END][;peers=PREFIX[@PORT],...]
struct Holder {
    std::optional<Origin> origin;  ///< nullopt: not readable
    std::optional<Nonce> nonce{};
    std::vector<PeerFilter> filters{};
    std::optional<IgdShare> igdShare{};
};

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
    for (const PeerFilter& filter : filters) text += (text.empty() ? ";peers=" : ",") + toString(filter);
    return text;
}

std::string holderText(const Mapping& mapping, std::int64_t igdEnd) {
    std::string text{name(mapping.origin)};
    if (mapping.nonce) text += nonceText(*mapping.nonce);
    if (mapping.igdShare) text += fmt::format(";igd={}", igdEnd);
    return text + filtersText(mapping.filters);
}

bool areOfFamily(const std::vector<PeerFilter>& filters, bool four) {
    return std::ranges::all_of(
        filters, [four](const PeerFilter& filter) { return ipv4Part(filter).has_value() == four; });
}

std::optional<Ipv6Mapping> parseAdd6(std::string_view rest, const Now& now, Seconds longest) {
    const auto protocol = takeWord(rest);
    const auto key = parseKey(protocol, takeWord(rest));
    const auto client = parseIpv6Address(takeWord(rest));
    const auto end = parseUnsigned<std::uint64_t>(takeWord(rest));
    Holder holder = parseHolder(takeWord(rest), now, longest);
    const auto requester = parseIpv6Address(rest);
    if (!key || !client || !end || *end == 0 || !holder.nonce || holder.origin != Origin::Pcp || !requester)
        return std::nullopt;
    if (holder.igdShare || !areOfFamily(holder.filters, false)) return std::nullopt;
    return Ipv6Mapping{key->protocol,
                       *client,
                       key->externalPort,
                       *holder.nonce,
                       std::move(holder.filters),
                       endOf(*end, now, longest).value_or(now.monotonic),
                       *requester};
}

std::optional<Mapping> parseAdd(std::string_view rest, const Now& now, Seconds longest) {
    std::array<std::string_view, kAddFields - 1> word;
    for (auto& each : word) each = takeWord(rest);
    const auto key = parseKey(word[0], word[1]);
    const auto client = parseIpv4Address(word[2]);
    const auto internal = parsePort(word[3]);
    std::optional<Ipv4Address> remote;
    const bool remoteOk = parseRemote(word[4], remote);
    const auto end = parseUnsigned<std::uint64_t>(word[5]);
    Holder holder = parseHolder(word[7], now, longest);
    const auto requester = parseIpv4Address(word[8]);
    if (!key || !client || !internal || !remoteOk || !end || !holder.origin || !requester)
        return std::nullopt;
    if (!areOfFamily(holder.filters, true)) return std::nullopt;
    if (word[6] != "on" && word[6] != "off") return std::nullopt;
    return Mapping{*key,
                   remote,
                   Endpoint{*client, *internal},
                   word[6] == "on",
                   cleanUtf8(rest, kMaxDescription),
                   endOf(*end, now, longest),
                   *requester,
                   *holder.origin,
                   holder.nonce,
                   std::move(holder.filters),
                   holder.igdShare};
}

class Reader {
public:
    Reader(const Now& now, Seconds longest, const Boot& boot) : now_(now), longest_(longest), boot_(boot) {}

    bool line(std::string_view text) {
        const auto verb = takeWord(text);
        if (verb == "del") return erase(text);
        if (verb == "del6") return erase6(text);
        if (verb == "add6") return add6(text);
        if (verb == "clock") return clock(text);
        if (verb != "add") return verb.empty() || verb == "#";
        auto mapping = parseAdd(text, now_, longest_);
        if (mapping) store(*mapping);
        return mapping.has_value();
    }

    /// Those that still run, in the order in which they were first added.
    [[nodiscard]] std::vector<Mapping> running() const {
        std::map<std::size_t, Mapping> inOrder;
        for (const auto& [key, entry] : entries_)
            if (const auto held = heldAt(entry.mapping, now_.monotonic)) inOrder.emplace(entry.serial, *held);
        std::vector<Mapping> result;
        result.reserve(inOrder.size());
        for (const auto& [serial, mapping] : inOrder) result.push_back(mapping);
        return result;
    }

    [[nodiscard]] std::vector<Ipv6Mapping> running6() const {
        std::vector<Ipv6Mapping> result;
        for (const auto& [key, mapping] : entries6_)
            if (mapping.expiresAt > now_.monotonic) result.push_back(mapping);
        return result;
    }

private:
    using Key6 = std::pair<MappingKey, Ipv6Address>;
    struct Entry {
        std::size_t serial;
        Mapping mapping;
    };

    /// now_.wall becomes what the file's own wall clock would show.
    bool clock(std::string_view text) {
        const auto wall = parseUnsigned<std::uint32_t>(takeWord(text));
        const auto monotonic = parseUnsigned<std::uint32_t>(takeWord(text));
        if (!wall || !monotonic) return false;
        if (!boot_.id.empty() && text == boot_.id) {
            const auto since =
                std::chrono::floor<Seconds>(now_.monotonic.time_since_epoch()).count() - *monotonic;
            now_.wall = WallTime{Seconds{*wall + std::max<std::int64_t>(since, 0)}};
            return true;
        }
        now_.wall = WallTime{Seconds{underAnotherBoot(*wall)}};
        return true;
    }

    /// The present time, or that of the last writing when the one clock or the other was not set.
    [[nodiscard]] std::int64_t underAnotherBoot(std::int64_t wall) const {
        const auto isSet = [](std::int64_t time) { return time >= kPlausible; };
        const std::int64_t written = unixSeconds(boot_.lastWritten);
        const std::int64_t last = isSet(written) == isSet(wall) ? std::max(wall, written) : wall;
        const std::int64_t present = unixSeconds(now_.wall);
        return present < last || isSet(present) != isSet(last) ? last : present;
    }

    bool erase(std::string_view text) {
        const auto protocol = takeWord(text);
        const auto key = parseKey(protocol, text);
        if (key) entries_.erase(*key);
        return key.has_value();
    }

    void store(const Mapping& mapping) {
        const auto [entry, added] = entries_.try_emplace(mapping.key, Entry{nextSerial_, mapping});
        if (added)
            ++nextSerial_;
        else
            entry->second.mapping = mapping;
    }

    bool add6(std::string_view text) {
        const auto mapping = parseAdd6(text, now_, longest_);
        if (mapping)
            entries6_.insert_or_assign({{mapping->protocol, mapping->port}, mapping->client}, *mapping);
        return mapping.has_value();
    }

    bool erase6(std::string_view text) {
        const auto protocol = takeWord(text);
        const auto key = parseKey(protocol, takeWord(text));
        const auto client = parseIpv6Address(text);
        if (!key || !client) return false;
        entries6_.erase({*key, *client});
        return true;
    }

    Now now_;
    Seconds longest_;
    const Boot& boot_;
    std::map<MappingKey, Entry> entries_;
    std::map<Key6, Ipv6Mapping> entries6_;
    std::size_t nextSerial_ = 0;
};

}  // namespace

std::string clockLine(const Now& now, const std::string& bootId) {
    return fmt::format("clock {} {} {}", unixSeconds(now.wall),
                       std::chrono::floor<Seconds>(now.monotonic.time_since_epoch()).count(), bootId);
}

std::string addLine(const Mapping& mapping, const Now& now) {
    const auto unixEnd = [&now](const std::optional<TimePoint>& end) {
        return end ? unixSeconds(now.wall) + secondsUntil(*end, now.monotonic).count() : 0;
    };
    const std::int64_t igdEnd = mapping.igdShare ? unixEnd(mapping.igdShare->expiresAt) : 0;
    return fmt::format("add {} {} {} {} {} {} {} {} {}", toString(mapping.key),
                       toString(mapping.internal.address), mapping.internal.port.value,
                       mapping.remoteHost ? toString(*mapping.remoteHost) : "any", unixEnd(mapping.expiresAt),
                       mapping.enabled ? "on" : "off", holderText(mapping, igdEnd),
                       toString(mapping.requester), mapping.description);
}

std::string addLine(const Ipv6Mapping& mapping, const Now& now) {
    const auto end = unixSeconds(now.wall) + secondsUntil(mapping.expiresAt, now.monotonic).count();
    return fmt::format("add6 {} {} {} {} {}{} {}", lowerName(mapping.protocol), mapping.port.value,
                       toString(mapping.client), end, name(Origin::Pcp),
                       nonceText(mapping.nonce) + filtersText(mapping.filters), toString(mapping.requester));
}

std::string deleteLine(const Ipv6Mapping& mapping) {
    return fmt::format("del6 {} {} {}", lowerName(mapping.protocol), mapping.port.value,
                       toString(mapping.client));
}

std::string deleteLine(const MappingKey& key) {
    return fmt::format("del {}", toString(key));
}

ReadLeases readLeases(std::string_view text, const Now& now, Seconds longest, const Boot& boot) {
    Reader reader{now, longest, boot};
    ReadLeases result;
    // A last line without its end was torn by a crash while it was written.
    for (std::size_t number = 1; text.find('\n') != std::string_view::npos; ++number) {
        const auto end = text.find('\n');
        if (!reader.line(text.substr(0, end))) result.badLines.push_back(number);
        text.remove_prefix(end + 1);
    }
    result.mappings = reader.running();
    result.ipv6Mappings = reader.running6();
    return result;
}

}  // namespace igd
