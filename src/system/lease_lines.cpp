// SPDX-License-Identifier: GPL-2.0-or-later
#include "lease_lines.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace igd::lease {
namespace {

constexpr Seconds kLongestLease{std::chrono::hours{24 * 365}};
constexpr std::string_view kAny = "any";
constexpr std::string_view kPorts = "ports";
constexpr std::string_view kNever = "never";
constexpr std::string_view kSpecial = " ;%";

template <class Time>
std::int64_t milliseconds(Time time) {
    return std::chrono::floor<Milliseconds>(time.time_since_epoch()).count();
}

std::string_view wordFor(OpeningKind kind) {
    switch (kind) {
        case OpeningKind::Mapping:
            return "mapping";
        case OpeningKind::Pinhole:
            return "pinhole";
        case OpeningKind::Peer:
            return "peer";
    }
    return "";
}

std::optional<OpeningKind> parseKind(std::string_view text) {
    for (const auto kind : {OpeningKind::Mapping, OpeningKind::Pinhole, OpeningKind::Peer})
        if (text == wordFor(kind)) return kind;
    return std::nullopt;
}

std::optional<std::string> unescaped(std::string_view text) {
    constexpr std::size_t kDigits = 2;
    std::string result;
    while (!text.empty()) {
        const auto percent = text.find('%');
        result += text.substr(0, percent);
        if (percent == std::string_view::npos) break;
        text.remove_prefix(percent + 1);
        unsigned char value{};
        const char* const end = text.data() + std::min(text.size(), kDigits);
        if (text.size() < kDigits || std::from_chars(text.data(), end, value, 16).ptr != end)
            return std::nullopt;
        result += static_cast<char>(value);
        text.remove_prefix(kDigits);
    }
    return cleanUtf8(result, kMaxDescription);
}

std::optional<Origin> parseOrigin(std::string_view text) {
    for (const Origin origin : {Origin::Igd, Origin::NatPmp, Origin::Pcp, Origin::Admin})
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

std::optional<std::vector<PeerFilter>> parseFilters(std::string_view text) {
    std::vector<PeerFilter> filters;
    while (!text.empty()) {
        const auto filter = parsePeerFilter(takeUntil(text, ','));
        if (!filter || filters.size() == kMaxFilters) return std::nullopt;
        add(filters, *filter);
    }
    return filters;
}

std::string nonceText(const Nonce& nonce) {
    std::string text = ";nonce=";
    for (const std::uint8_t byte : nonce) text += fmt::format("{:02x}", byte);
    return text;
}

std::string endText(const Claim& claim, const Now& now) {
    if (!claim.expiresAt) return std::string{kNever};
    const auto left = std::chrono::floor<WallTime::duration>(*claim.expiresAt - now.monotonic);
    return std::to_string(std::max<std::int64_t>(0, milliseconds(now.wall + left)));
}

/// Milliseconds since the epoch; `then` is of the past.
std::int64_t pastText(TimePoint then, const Now& now) {
    return milliseconds(now.wall - std::chrono::floor<WallTime::duration>(now.monotonic - then));
}

std::string historyText(const History& history, const Now& now) {
    if (history.madeAt == TimePoint{}) return "";
    std::string text = fmt::format(";made={};asked={}", pastText(history.madeAt, now),
                                   pastText(history.renewedAt, now));
    if (!history.agent.empty()) text += ";agent=" + escaped(history.agent);
    return text;
}

std::string claimText(const Claim& claim, const IpAddress& client, const Now& now) {
    std::string text = fmt::format(" claim={};end={}", name(claim.origin), endText(claim, now));
    if (claim.requester != client) text += ";by=" + toString(claim.requester);
    if (!claim.enabled) text += ";off";
    if (claim.askedWithoutEnd) text += ";endless";
    if (claim.nonce) text += nonceText(*claim.nonce);
    std::string_view before = ";peers=";
    for (const PeerFilter& filter : claim.filters) {
        text += fmt::format("{}{}", before, toString(filter));
        before = ",";
    }
    if (!claim.description.empty()) text += ";text=" + escaped(claim.description);
    return text + historyText(claim.history, now);
}

std::string nameText(const OpeningName& name) {
    const auto start = fmt::format("{} {}", wordFor(name.kind), lowerName(name.protocol));
    if (name.kind == OpeningKind::Mapping)
        return fmt::format("{} {}", start, name.externalPort.value);
    return fmt::format("{} {} {}", start, toString(name.internal),
                       name.remote ? toString(*name.remote) : kAny);
}

/// A file without sets of ports is as earlier versions write it.
std::string setText(std::uint16_t portCount) {
    return portCount > 1 ? fmt::format(" ports={}", portCount) : "";
}

std::string otherEndText(const Opening& opening) {
    if (opening.kind == OpeningKind::Mapping) return ' ' + toString(opening.internal);
    if (opening.kind == OpeningKind::Pinhole) return "";
    return ' ' + toString(IpEndpoint{opening.flowAddress.value(), opening.externalPort});
}

/// Reads an address with a port that may be 0 for a protocol without ports.
std::optional<IpEndpoint> parseEndpoint(std::string_view text, Protocol protocol) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    auto endpoint = parseAuthority(text.substr(0, colon), Port{0});
    const auto port = parsePortOf(protocol, text.substr(colon + 1));
    if (!endpoint || endpoint->port != Port{0} || !port) return std::nullopt;
    endpoint->port = *port;
    return endpoint;
}

std::optional<OpeningName> takeName(std::string_view& text) {
    const auto kind = parseKind(takeWord(text));
    const auto protocol = parseAnyProtocol(takeWord(text));
    if (!kind || !protocol) return std::nullopt;
    const auto end = takeWord(text);
    if (*kind == OpeningKind::Mapping) {
        const auto port = parsePort(end);
        return port ? std::optional{OpeningName{*kind, *protocol, *port}} : std::nullopt;
    }
    const auto internal = parseEndpoint(end, *protocol);
    const auto remoteWord = takeWord(text);
    auto remote = parsePeerFilter(remoteWord);
    if (!internal || (!remote && remoteWord != kAny)) return std::nullopt;
    if (remote) remote = masked(*remote);
    return OpeningName{*kind, *protocol, Port{0}, *internal, remote};
}

/// Reads the end that is no part of the name.
bool takeOtherEnd(std::string_view& text, Opening& opening) {
    if (opening.kind == OpeningKind::Pinhole) return true;
    const auto end = parseEndpoint(takeWord(text), opening.protocol);
    if (!end) return false;
    if (opening.kind == OpeningKind::Mapping) {
        opening.internal = *end;
    } else {
        opening.flowAddress = end->address;
        opening.externalPort = end->port;
    }
    return true;
}

bool readPorts(std::string_view text, std::uint16_t& portCount) {
    const auto parsed = parseUnsigned<std::uint16_t>(text);
    portCount = parsed.value_or(0);
    return portCount > 1;
}

/// Reads the words behind the ends of an opening.
class Attributes {
public:
    Attributes(Opening& opening, const FileClock& clock) : opening_(opening), clock_(clock) {}

    bool read(std::string_view key, std::string_view value) {
        if (key == "at") return readNumber(value, writtenAt_);
        if (key == kPorts) return readPorts(value, opening_.portCount);
        if (key == "account") return readAccount(value);
        if (key == "claim") return readClaim(value);
        if (key != "id") return false;
        opening_.pinholeId = parseUnsigned<PinholeId>(value);
        return opening_.pinholeId.has_value();
    }

private:
    static bool readNumber(std::string_view text, std::uint64_t& number) {
        const auto parsed = parseUnsigned<std::uint64_t>(text);
        number = parsed.value_or(0);
        return parsed.has_value();
    }

    bool readAccount(std::string_view value) {
        const auto account = parseAccount(takeUntil(value, ';'));
        if (!account || (!value.empty() && value != "unseen")) return false;
        opening_.account = *account;
        opening_.hostSeen = value.empty();
        return true;
    }

    bool readClaim(std::string_view text) {
        const auto origin = parseOrigin(takeUntil(text, ';'));
        if (!origin || opening_.claimOf(*origin) != nullptr) return false;
        // A claim that does not say when it ends has ended.
        Claim claim{.origin = *origin,
                    .requester = opening_.internal.address,
                    .expiresAt = clock_.now.monotonic};
        while (!text.empty()) {
            auto value = takeUntil(text, ';');
            const auto key = takeUntil(value, '=');
            if (!readField(claim, key, value)) return false;
        }
        opening_.claims.push_back(std::move(claim));
        return true;
    }

    bool readField(Claim& claim, std::string_view key, std::string_view value) const {
        if (key == "by") return assign(claim.requester, parseIpAddress(value));
        if (key == "end") return readEnd(claim, value);
        if (key == "nonce") return assign(claim.nonce, parseNonce(value));
        if (key == "peers") return assign(claim.filters, parseFilters(value));
        if (key == "text") return assign(claim.description, unescaped(value));
        if (key == "endless") return claim.askedWithoutEnd = true;
        if (key == "made") return readPast(value, claim.history.madeAt);
        if (key == "asked") return readPast(value, claim.history.renewedAt);
        if (key == "agent") return readAgent(value, claim.history.agent);
        claim.enabled = false;
        return key == "off";
    }

    static bool readAgent(std::string_view value, std::string& agent) {
        const auto text = unescaped(value);
        agent = cleanUtf8(text.value_or(""), kMaxAgent);
        return text.has_value();
    }

    bool readPast(std::string_view value, TimePoint& time) const {
        std::uint64_t past{};
        if (!readNumber(value, past)) return false;
        time = clock_.pastOf(past);
        return true;
    }

    bool readEnd(Claim& claim, std::string_view value) const {
        std::uint64_t end{};
        claim.expiresAt.reset();
        if (value == kNever) return true;
        if (!readNumber(value, end)) return false;
        // Whatever lease clients may have, the administrator's lasts as long as he has said.
        FileClock clock = clock_;
        if (claim.origin == Origin::Admin) clock.longest = kLongestLease;
        claim.expiresAt = clock.endOf(end, writtenAt_);
        return true;
    }

    template <class Field, class Value>
    static bool assign(Field& field, std::optional<Value> value) {
        if (!value) return false;
        field = *std::move(value);
        return true;
    }

    Opening& opening_;
    const FileClock& clock_;
    std::uint64_t writtenAt_ = 0;
};

}  // namespace

std::string escaped(std::string_view text) {
    std::string result;
    for (const char each : text)
        if (kSpecial.find(each) == std::string_view::npos)
            result += each;
        else
            result += fmt::format("%{:02x}", static_cast<unsigned char>(each));
    return result;
}

std::string clockLine(const Now& now, const std::string& bootId) {
    return fmt::format("clock {} {} {}", milliseconds(now.wall), milliseconds(now.monotonic),
                       bootId);
}

std::string openLine(const Opening& opening, const Now& now) {
    std::string claims;
    for (const Claim& claim : opening.claims)
        if (claim.origin != Origin::Static)
            claims += claimText(claim, opening.internal.address, now);
    if (claims.empty()) return "";
    return fmt::format("open {}{}{} at={} account={}{}{}{}", nameText(opening.name()),
                       otherEndText(opening), setText(opening.portCount), milliseconds(now.wall),
                       toString(opening.account), opening.hostSeen ? "" : ";unseen",
                       opening.pinholeId ? fmt::format(" id={}", *opening.pinholeId) : "", claims);
}

std::string closeLine(const OpeningName& name) {
    return fmt::format("close {}{}", nameText(name), setText(name.portCount));
}

std::optional<Opening> parseOpen(std::string_view text, const FileClock& clock) {
    const auto name = takeName(text);
    if (!name) return std::nullopt;
    Opening opening{.kind = name->kind,
                    .protocol = name->protocol,
                    .externalPort = name->externalPort,
                    .internal = name->internal,
                    .remote = name->remote};
    if (!takeOtherEnd(text, opening)) return std::nullopt;
    opening.account = accountOf(Host{opening.internal.address});
    Attributes attributes{opening, clock};
    while (!text.empty()) {
        auto value = takeWord(text);
        const auto key = takeUntil(value, '=');
        if (!attributes.read(key, value)) return std::nullopt;
    }
    if (!isSound(opening)) return std::nullopt;
    return opening;
}

std::optional<OpeningName> parseClose(std::string_view text) {
    auto name = takeName(text);
    if (!name || text.empty()) return name;
    const auto key = takeUntil(text, '=');
    return key == kPorts && readPorts(text, name->portCount) ? name : std::nullopt;
}

}  // namespace igd::lease
