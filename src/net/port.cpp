// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/port.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace igd {
namespace {

constexpr Protocol kProtocols[] = {Protocol::Tcp, Protocol::Udp, Protocol::Gre, Protocol::Esp,
                                   Protocol::Sctp};

}  // namespace

std::optional<Port> parsePort(std::string_view text) {
    const auto number = parseUnsigned<std::uint16_t>(text);
    if (!number || *number == 0) return std::nullopt;
    return Port{*number};
}

std::optional<PortRange> parsePortRange(std::string_view text) {
    const auto dash = text.find('-');
    const auto first = parseUnsigned<std::uint16_t>(text.substr(0, dash));
    const auto last = dash == std::string_view::npos
                          ? first
                          : parseUnsigned<std::uint16_t>(text.substr(dash + 1));
    if (!first || !last || *first > *last) return std::nullopt;
    return PortRange{Port{*first}, Port{*last}};
}

std::string toString(const PortRange& range) {
    if (range.first == range.last) return fmt::format("{}", range.first.value);
    return fmt::format("{}-{}", range.first.value, range.last.value);
}

bool isTranslated(Protocol protocol) {
    return protocol == Protocol::Tcp || protocol == Protocol::Udp;
}

bool hasPorts(Protocol protocol) {
    return protocol != Protocol::Gre && protocol != Protocol::Esp;
}

std::optional<Port> parsePortOf(Protocol protocol, std::string_view text) {
    if (hasPorts(protocol)) return parsePort(text);
    return text == "0" ? std::optional{Port{0}} : std::nullopt;
}

std::optional<Protocol> protocolOf(std::uint8_t number) {
    const auto protocol = static_cast<Protocol>(number);
    return std::ranges::find(kProtocols, protocol) == std::end(kProtocols)
               ? std::nullopt
               : std::optional{protocol};
}

std::optional<Protocol> parseProtocol(std::string_view text) {
    if (equalsIgnoringCase(text, "TCP")) return Protocol::Tcp;
    if (equalsIgnoringCase(text, "UDP")) return Protocol::Udp;
    return std::nullopt;
}

std::optional<Protocol> parseAnyProtocol(std::string_view text) {
    const auto found = std::ranges::find(kProtocols, text, lowerName);
    return found == std::end(kProtocols) ? std::nullopt : std::optional{*found};
}

std::string_view upperName(Protocol protocol) {
    return protocol == Protocol::Tcp ? "TCP" : "UDP";
}

std::string_view lowerName(Protocol protocol) {
    switch (protocol) {
        case Protocol::Tcp:
            return "tcp";
        case Protocol::Udp:
            return "udp";
        case Protocol::Gre:
            return "gre";
        case Protocol::Esp:
            return "esp";
        case Protocol::Sctp:
            return "sctp";
    }
    return "?";
}

std::string toString(const Endpoint& endpoint) {
    return fmt::format("{}:{}", toString(endpoint.address), endpoint.port.value);
}

}  // namespace igd
