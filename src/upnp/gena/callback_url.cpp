// SPDX-License-Identifier: GPL-2.0-or-later
#include "gena/callback_url.h"

#include "upnpd/util/text.h"

#include <algorithm>

namespace igd::upnp {
namespace {

constexpr std::string_view kScheme = "http://";

bool mayStandInUrl(char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '#';
}

std::optional<CallbackUrl> parseUrl(std::string_view url) {
    if (!std::ranges::all_of(url, mayStandInUrl)) return std::nullopt;
    if (!equalsIgnoringCase(url.substr(0, kScheme.size()), kScheme)) return std::nullopt;
    url.remove_prefix(kScheme.size());
    const auto end = std::min(url.find_first_of("/?"), url.size());
    const auto endpoint = parseAuthority(url.substr(0, end), Port{80});
    if (!endpoint) return std::nullopt;
    std::string target{url.substr(end)};
    if (!target.starts_with('/')) target.insert(0, 1, '/');
    return CallbackUrl{*endpoint, std::move(target)};
}

}  // namespace

std::optional<std::vector<CallbackUrl>> parseCallbacks(std::string_view header,
                                                       const IpAddress& subscriber,
                                                       const IsSameHost& isSameHost) {
    if (header.size() > kMaxCallbackHeader) return std::nullopt;
    std::vector<CallbackUrl> urls;
    for (auto rest = trimmed(header); !rest.empty(); rest = trimmed(rest)) {
        const auto end = rest.find('>');
        if (rest.front() != '<' || end == std::string_view::npos) return std::nullopt;
        auto url = parseUrl(rest.substr(1, end - 1));
        if (!url || urls.size() == kMaxCallbacks) return std::nullopt;
        const IpAddress& address = url->endpoint.address;
        if (address != subscriber && !isSameHost(subscriber, address)) return std::nullopt;
        urls.push_back(std::move(*url));
        rest.remove_prefix(end + 1);
    }
    if (urls.empty()) return std::nullopt;
    return urls;
}

}  // namespace igd::upnp
