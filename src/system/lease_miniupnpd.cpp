// SPDX-License-Identifier: GPL-2.0-or-later
// Each line is put into our own words, so that one parser judges all.
#include "lease_miniupnpd.h"

#include "lease_lines.h"
#include "lease_table.h"
#include "lease_words.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

namespace igd::lease {
namespace {

/// A smaller number is no date but a time that is left: it would be before 2001.
constexpr std::uint64_t kFirstDate = 1'000'000'000;
constexpr std::uint64_t kMilli = 1000;

std::string claimOf(std::string_view description) {
    constexpr std::string_view kPcp = "PCP ";  // PCP MAP and the nonce
    constexpr std::size_t kNonce = 24;
    const auto nonce = description.substr(description.rfind(' ') + 1);
    const bool isHex = nonce.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    if (description.starts_with(kPcp) && nonce.size() == kNonce && isHex)
        return fmt::format("{};nonce={}", name(Origin::Pcp), nonce);
    return std::string{name(description.starts_with("NAT-PMP ") ? Origin::NatPmp : Origin::Igd)};
}

class Reader {
public:
    Reader(const Now& now, Seconds longest, const Boot& boot)
        : clock_{now, longest}, written_(boot.lastWritten) {}

    bool readLine(std::string_view text) {
        text = trimmed(text);
        if (text.empty()) return true;  // after some updates it writes empty ones
        if (text.size() > kLongestLine) return false;
        const auto line = text.find(';') < text.find(':') ? pinhole(text) : mapping(text);
        auto opening = line ? parseOpen(*line, clock_) : std::nullopt;
        if (!opening) return false;
        if (opening->kind == OpeningKind::Pinhole) giveId(*opening);
        return table_.put(*opening);
    }

    [[nodiscard]] std::vector<Opening> running() const {
        return table_.runningAt(clock_.now.monotonic);
    }

private:
    /// Returns the words of our line; nullopt: it is none of miniupnpd's.
    [[nodiscard]] std::optional<std::string> mapping(std::string_view text) const {
        const auto protocol = parseProtocol(takeUntil(text, ':'));
        const auto port = takeUntil(text, ':');
        auto client = takeUntil(text, ':');
        auto clientPort = takeUntil(text, ':');
        std::string_view remote;
        if (parseIpv4Address(clientPort)) {
            remote = client;
            client = clientPort;
            clientPort = takeUntil(text, ':');
        }
        const auto end = endText(takeUntil(text, ':'), "never");
        if (!protocol || !end) return std::nullopt;
        return fmt::format("mapping {} {} {}:{} claim={};end={};text={}{}", lowerName(*protocol),
                           port, client, clientPort, claimOf(text), *end, descriptionOf(text),
                           isAny(remote) ? "" : fmt::format(";peers={}", remote));
    }

    [[nodiscard]] std::optional<std::string> pinhole(std::string_view text) {
        const auto protocol = parseProtocol(takeUntil(text, ';'));
        const auto client = takeUntil(text, ';');
        const auto port = takeUntil(text, ';');
        const auto remote = takeUntil(text, ';');
        const auto remotePort = takeUntil(text, ';');
        id_ = parseUnsigned<PinholeId>(takeUntil(text, ';')).value_or(0);
        const auto end = endText(takeUntil(text, ';'), std::to_string(kLastMillisecond));
        if (!protocol || !end) return std::nullopt;
        std::string from = isAny(remote) ? "any" : std::string{remote};
        if (remotePort != "0")
            from = fmt::format("{}@{}", isAny(remote) ? "::/0" : remote, remotePort);
        const std::string claim = claimOf(text);
        return fmt::format("pinhole {} [{}]:{} {}{} claim={};end={};text={}", lowerName(*protocol),
                           client, port, from, claim == name(Origin::Igd) ? " id=1" : "", claim,
                           *end, descriptionOf(text));
    }

    /// Its own id, if it is free, or the next one that is.
    void giveId(Opening& pinhole) const {
        if (!pinhole.pinholeId) return;
        const auto isFree = [&](PinholeId id) {
            const Opening* const holder = table_.find(id);
            return id != 0 && (holder == nullptr || holder->name() == pinhole.name());
        };
        PinholeId id = id_;
        for (std::uint32_t tries = 0; !isFree(id) && tries <= 0xffff; ++tries) ++id;
        pinhole.pinholeId = id;
    }

    /// Returns Unix milliseconds, or `endless` for 0.
    [[nodiscard]] std::optional<std::string> endText(std::string_view text,
                                                     std::string_view endless) const {
        const auto time = parseUnsigned<std::uint64_t>(text);
        if (!time || *time > kLastMillisecond / kMilli) return std::nullopt;
        if (*time == 0) return std::string{endless};
        if (*time >= kFirstDate) return std::to_string(*time * kMilli);
        const auto since = std::chrono::floor<Seconds>(written_.time_since_epoch()).count();
        return std::to_string(
            (*time + static_cast<std::uint64_t>(std::max<std::int64_t>(since, 0))) * kMilli);
    }

    static bool isAny(std::string_view remote) {
        return remote.empty() || remote == "*" || remote == "0.0.0.0" || remote == "::";
    }
    static std::string descriptionOf(std::string_view text) {
        return escaped(cleanUtf8(text, kMaxDescription));
    }

    FileClock clock_;
    WallTime written_;
    PinholeId id_ = 0;  ///< in the line that is read
    LeaseTable table_;
};

}  // namespace

bool isOfMiniupnpd(std::string_view text) {
    while (!text.empty()) {
        auto line = trimmed(takeUntil(text, '\n'));
        if (line.empty()) continue;
        const auto protocol = line.substr(0, line.find_first_of(":;"));
        return protocol.size() != line.size() && parseProtocol(protocol).has_value();
    }
    return false;
}

ReadLeases readMiniupnpd(std::string_view text, const Now& now, Seconds longest, const Boot& boot) {
    Reader reader{now, longest, boot};
    ReadLeases result;
    for (std::size_t number = 1; !text.empty(); ++number)
        if (!reader.readLine(takeUntil(text, '\n'))) result.badLines.push_back(number);
    result.openings = reader.running();
    return result;
}

}  // namespace igd::lease
