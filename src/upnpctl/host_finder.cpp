// SPDX-License-Identifier: GPL-2.0-or-later
#include "host_finder.h"

#include "members.h"

#include "upnpd/net/mac_address.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>

#include <arpa/inet.h>
#include <netdb.h>

namespace igd::ctl {
namespace {

using Addresses = std::vector<IpAddress>;

void addNew(Addresses& addresses, const std::optional<IpAddress>& address) {
    if (address && std::ranges::find(addresses, *address) == addresses.end())
        addresses.push_back(*address);
}

Addresses inAnswer(const Json& answer) {
    Addresses addresses;
    for (const Json& host : listOf(answer, "hosts"))
        addNew(addresses, parseIpAddress(textOf(host, "address")));
    return addresses;
}

Addresses byResolver(const std::string& name) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;  // or each address comes once a type
    addrinfo* found = nullptr;
    if (::getaddrinfo(name.c_str(), nullptr, &wanted, &found) != 0) return {};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> kept{found, &::freeaddrinfo};
    Addresses addresses;
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
        std::array<char, NI_MAXHOST> text{};
        if (::getnameinfo(each->ai_addr, each->ai_addrlen, text.data(), text.size(), nullptr, 0,
                          NI_NUMERICHOST) == 0)
            addNew(addresses, parseIpAddress(text.data()));
    }
    return addresses;
}

bool isFour(const IpAddress& address) {
    return std::holds_alternative<Ipv4Address>(address);
}

std::string joined(const Addresses& addresses) {
    std::string text;
    for (const IpAddress& each : addresses) text += (text.empty() ? "" : ", ") + toString(each);
    return text;
}

}  // namespace

Outcome<std::vector<IpAddress>> addressesOf(const Daemon& daemon, const std::string& host) {
    if (const auto address = parseIpAddress(host)) return Addresses{*address};
    const auto answer = daemon.ask("find " + host);
    if (!answer && answer.error().status == kNotRunning) return tl::unexpected(answer.error());
    Addresses addresses = answer ? inAnswer(*answer) : Addresses{};
    if (addresses.empty() && !parseMacAddress(host)) addresses = byResolver(host);
    if (!addresses.empty()) return addresses;
    return tl::unexpected(
        Failure{fmt::format("nobody knows a host {}", igd::quoted(host)), kRefused});
}

Outcome<IpAddress> addressOf(const Daemon& daemon, const std::string& host) {
    const auto all = addressesOf(daemon, host);
    if (!all) return tl::unexpected(all.error());
    Addresses meant;
    std::ranges::copy_if(*all, std::back_inserter(meant), isFour);
    if (meant.empty()) meant = *all;
    if (meant.size() == 1) return meant.front();
    return tl::unexpected(Failure{
        fmt::format("{} may be any of {}: name the address", igd::quoted(host), joined(meant)),
        kRefused});
}

}  // namespace igd::ctl
