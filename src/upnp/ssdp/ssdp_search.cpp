// SPDX-License-Identifier: GPL-2.0-or-later
#include "ssdp/ssdp_search.h"

#include "http/header_text.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <algorithm>
#include <cstdint>

namespace igd::upnp {
namespace {

constexpr std::string_view kStartLine = "M-SEARCH * HTTP/1.1";
constexpr std::string_view kDiscover = "ssdp:discover";
constexpr std::string_view kGroup = "239.255.255.250";
constexpr std::string_view kGroups6[] = {"[ff02::c]", "[ff05::c]"};

/// The headers that count; nullopt: not there.
struct Headers {
    std::optional<std::string_view> host;
    std::optional<std::string_view> man;
    std::optional<std::string_view> mx;
    std::optional<std::string_view> st;

    [[nodiscard]] std::optional<std::string_view>* find(std::string_view name) {
        if (equalsIgnoringCase(name, "HOST")) return &host;
        if (equalsIgnoringCase(name, "MAN")) return &man;
        if (equalsIgnoringCase(name, "MX")) return &mx;
        if (equalsIgnoringCase(name, "ST")) return &st;
        return nullptr;
    }
};

bool readLine(std::string_view line, Headers& headers) {
    const auto colon = line.find(':');
    const bool isFolded = line.front() == ' ' || line.front() == '\t';
    if (isFolded || colon == 0 || colon == std::string_view::npos) return false;
    auto* const header = headers.find(trimmed(line.substr(0, colon)));
    if (header == nullptr) return true;
    if (header->has_value()) return false;
    *header = trimmed(line.substr(colon + 1));
    return true;
}

std::optional<Headers> readHeaders(std::string_view datagram) {
    if (!equalsIgnoringCase(takeLine(datagram), kStartLine)) return std::nullopt;
    Headers headers;
    for (auto line = takeLine(datagram); !line.empty(); line = takeLine(datagram))
        if (!readLine(line, headers)) return std::nullopt;
    return headers;
}

/// SSDP-MSEARCH-12: Java's portmapper and its copies send it without the quotes.
bool isDiscover(std::string_view man) {
    if (man.size() >= 2 && man.front() == '"' && man.back() == '"')
        man = man.substr(1, man.size() - 2);
    return equalsIgnoringCase(man, kDiscover);
}

/// `host` with port 1900, or without one (SSDP-MSEARCH-20: some clients omit it).
bool isHost(std::string_view host, std::string_view wanted) {
    return equalsIgnoringCase(host.substr(0, wanted.size()), wanted) &&
           (host.size() == wanted.size() || host.substr(wanted.size()) == ":1900");
}

bool isGroup(std::string_view host, const IpAddress& own) {
    if (std::holds_alternative<Ipv4Address>(own)) return isHost(host, kGroup);
    return std::ranges::any_of(kGroups6,
                               [&](std::string_view group) { return isHost(host, group); });
}

/// SSDP-MSEARCH-13 to -15: none and 0 are taken as 1, and more than 5 as 5.
std::optional<Seconds> parseWait(std::optional<std::string_view> given) {
    const auto mx = given.value_or("1");
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    if (mx.empty() || !std::ranges::all_of(mx, isDigit)) return std::nullopt;
    const auto seconds = parseUnsigned<std::uint16_t>(mx);
    return std::clamp(Seconds{seconds.value_or(UINT16_MAX)}, Seconds{1}, kLongestWait);
}

bool mayBeTarget(std::string_view st) {
    const auto isPrintable = [](char c) { return c > ' ' && c < 0x7f; };
    return !st.empty() && st.size() <= kMaxSearchTarget && std::ranges::all_of(st, isPrintable);
}

}  // namespace

std::optional<Search> parseSearch(std::string_view datagram, SearchKind kind,
                                  const IpAddress& own) {
    if (datagram.size() > kMaxSearch) return std::nullopt;
    const auto headers = readHeaders(datagram);
    if (!headers || !headers->man || !headers->host || !headers->st) return std::nullopt;
    if (!isDiscover(*headers->man) || !mayBeTarget(*headers->st)) return std::nullopt;
    if (kind == SearchKind::Unicast) {
        if (!isHost(*headers->host, urlHost(own)) && !isGroup(*headers->host, own))
            return std::nullopt;
        return Search{*headers->st, Seconds{0}};
    }
    const auto wait = parseWait(headers->mx);
    if (!wait || !isGroup(*headers->host, own)) return std::nullopt;
    return Search{*headers->st, *wait};
}

}  // namespace igd::upnp
