// SPDX-License-Identifier: GPL-2.0-or-later
// The text of the lease file: pure, and fuzzed.
#include "lease_words.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace igd {

using namespace lease;

namespace {

constexpr std::size_t kAddFields = 10;
/// No clock that is set shows less (November 2023).
constexpr std::int64_t kPlausible = 1'700'000'000;
constexpr std::uint64_t kLastMillisecond = 9'000'000'000'000;  // in the year 2255

bool parseRemote(std::string_view text, std::optional<Ipv4Address>& remote) {
    if (text == "any") return true;
    remote = parseIpv4Address(text);
    return remote.has_value();
}

std::string holderText(const Mapping& mapping, std::int64_t igdEnd) {
    std::string text{name(mapping.origin)};
    if (mapping.nonce) text += nonceText(*mapping.nonce);
    if (mapping.igdShare) text += fmt::format(";igd={}", igdEnd);
    return text + filtersText(mapping.filters);
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
    Reader(const Now& now, Seconds longest, const Boot& boot)
        : now_(now), longest_(longest), boot_(boot) {}

    bool line(std::string_view text) {
        const auto verb = takeWord(text);
        if (verb == "del") return erase(text);
        if (verb == "del6") return erase6(text);
        if (verb == "add6") return add6(text);
        if (verb == "pinhole") return open(text);
        if (verb == "close") return close(text);
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
            if (const auto held = heldAt(entry.mapping, now_.monotonic))
                inOrder.emplace(entry.serial, *held);
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

    [[nodiscard]] std::vector<Pinhole> open() const {
        std::vector<Pinhole> result;
        for (const auto& [id, pinhole] : pinholes_)
            if (pinhole.expiresAt > now_.monotonic) result.push_back(pinhole);
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
        const auto wall = parseUnsigned<std::uint64_t>(takeWord(text));
        const auto monotonic = parseUnsigned<std::uint64_t>(takeWord(text));
        if (!wall || !monotonic || *wall > kLastMillisecond || *monotonic > kLastMillisecond)
            return false;
        const WallTime written{std::chrono::milliseconds{*wall}};
        const TimePoint then{std::chrono::milliseconds{*monotonic}};
        if (!boot_.id.empty() && text == boot_.id)
            now_.wall = written + std::chrono::duration_cast<WallTime::duration>(
                                      std::max(now_.monotonic - then, Clock::duration{}));
        else
            now_.wall = WallTime{Seconds{underAnotherBoot(unixSeconds(written))}};
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
        const auto mapping = parseIpv6Mapping(text, now_, longest_);
        if (mapping)
            entries6_.insert_or_assign({{mapping->protocol, mapping->port}, mapping->client},
                                       *mapping);
        return mapping.has_value();
    }

    bool erase6(std::string_view text) {
        const auto key = takeKey6(text);
        const auto client = parseIpv6Address(text);
        if (!key || !client) return false;
        entries6_.erase({*key, *client});
        return true;
    }

    bool open(std::string_view text) {
        const auto pinhole = parsePinhole(text, now_, longest_);
        if (pinhole) pinholes_.insert_or_assign(pinhole->id, *pinhole);
        return pinhole.has_value();
    }

    bool close(std::string_view text) {
        const auto id = parseUnsigned<PinholeId>(text);
        if (id) pinholes_.erase(*id);
        return id.has_value();
    }

    Now now_;
    Seconds longest_;
    const Boot& boot_;
    std::map<MappingKey, Entry> entries_;
    std::map<Key6, Ipv6Mapping> entries6_;
    std::map<PinholeId, Pinhole> pinholes_;
    std::size_t nextSerial_ = 0;
};

}  // namespace

std::string clockLine(const Now& now, const std::string& bootId) {
    const auto milliseconds = [](auto time) {
        return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
    };
    return fmt::format("clock {} {} {}", milliseconds(now.wall), milliseconds(now.monotonic),
                       bootId);
}

std::string addLine(const Mapping& mapping, const Now& now) {
    const auto endOrNone = [&now](const std::optional<TimePoint>& end) {
        return end ? unixEnd(*end, now) : 0;
    };
    const std::int64_t igdEnd = mapping.igdShare ? endOrNone(mapping.igdShare->expiresAt) : 0;
    return fmt::format(
        "add {} {} {} {} {} {} {} {} {}", toString(mapping.key), toString(mapping.internal.address),
        mapping.internal.port.value, mapping.remoteHost ? toString(*mapping.remoteHost) : "any",
        endOrNone(mapping.expiresAt), mapping.enabled ? "on" : "off", holderText(mapping, igdEnd),
        toString(mapping.requester), mapping.description);
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
    result.pinholes = reader.open();
    return result;
}

}  // namespace igd
