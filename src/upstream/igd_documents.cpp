// SPDX-License-Identifier: GPL-2.0-or-later
#include "igd_documents.h"

#include "xml_elements.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd::above {
namespace {

constexpr std::size_t kMaxUrl = 512;
constexpr std::size_t kMostConnections = 8;
constexpr std::string_view kScheme = "http://";
constexpr Port kHttpPort{80};

/// Such a text stands in a request line as it is.
bool isPath(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

/// It becomes part of a header and of a body: nothing but a version may come behind the name.
bool mapsPorts(std::string_view type) {
    for (const std::string_view name : {"urn:schemas-upnp-org:service:WANIPConnection:",
                                        "urn:schemas-upnp-org:service:WANPPPConnection:"})
        if (type.starts_with(name))
            return type.size() == name.size() + 1 && type.back() >= '1' && type.back() <= '9';
    return false;
}

/// Example: "http://192.168.1.1:5000/igd.xml" after its scheme.
std::optional<HttpPlace> absolute(std::string_view rest, Ipv4Address gateway) {
    const auto slash = std::min(rest.find('/'), rest.size());
    const std::string_view authority = rest.substr(0, slash);
    const auto colon = std::min(authority.find(':'), authority.size());
    const auto host = parseIpv4Address(authority.substr(0, colon));
    const auto port = colon == authority.size() ? std::optional{kHttpPort}
                                                : parsePort(authority.substr(colon + 1));
    if (host != gateway || !port) return std::nullopt;
    return HttpPlace{*port, slash == rest.size() ? "/" : std::string{rest.substr(slash)}};
}

}  // namespace

std::optional<HttpPlace> placeIn(std::string_view url, Ipv4Address gateway, const HttpPlace& base) {
    if (url.empty() || url.size() > kMaxUrl || !isPath(url)) return std::nullopt;
    if (equalsIgnoringCase(url.substr(0, kScheme.size()), kScheme))
        return absolute(url.substr(kScheme.size()), gateway);
    if (url.find("://") != std::string_view::npos) return std::nullopt;
    if (url.front() == '/') return HttpPlace{base.port, std::string{url}};
    return HttpPlace{base.port, base.path.substr(0, base.path.rfind('/') + 1) + std::string{url}};
}

std::string searchFor(std::string_view host) {
    return fmt::format(
        "M-SEARCH * HTTP/1.1\r\nHOST: {}:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\n"
        "ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n\r\n",
        host);
}

std::string locationIn(std::string_view datagram) {
    if (!datagram.starts_with("HTTP/1.1 200") && !datagram.starts_with("HTTP/1.0 200")) return {};
    while (!datagram.empty()) {
        const auto end = std::min(datagram.find('\n'), datagram.size());
        const std::string_view line = trimmed(datagram.substr(0, end));
        datagram.remove_prefix(std::min(end + 1, datagram.size()));
        const auto colon = line.find(':');
        if (colon != std::string_view::npos &&
            equalsIgnoringCase(trimmed(line.substr(0, colon)), "location"))
            return std::string{trimmed(line.substr(colon + 1))};
    }
    return {};
}

std::vector<Connection> connectionsIn(std::string_view description) {
    const auto elements = readElements(description);
    if (!elements) return {};
    std::vector<Connection> found;
    Connection next;
    for (const XmlElement& element : *elements) {
        if (element.name == "URLBase") next.urlBase = element.text;
        // The first device is the gateway; those within have UUIDs of their own.
        if (element.name == "UDN" && next.uuid.empty())
            next.uuid = toLower(element.text.substr(element.text.find(':') + 1));
        if (element.name == "service") next.type.clear();
        if (element.name == "serviceType") next.type = element.text;
        if (element.name != "controlURL" || !mapsPorts(next.type)) continue;
        next.controlUrl = element.text;
        if (isPath(next.type) && found.size() < kMostConnections) found.push_back(next);
    }
    // UDN may follow the services within.
    for (Connection& each : found) each.uuid = next.uuid;
    return found;
}

std::string callText(std::string_view type, std::string_view action, const Arguments& arguments) {
    std::string inside;
    for (const auto& [name, value] : arguments)
        inside += fmt::format("<{0}>{1}</{0}>", name, xmlEscaped(value));
    return fmt::format(
        "<?xml version=\"1.0\"?>\r\n"
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "
        "s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>"
        "<u:{0} xmlns:u=\"{1}\">{2}</u:{0}></s:Body></s:Envelope>\r\n",
        action, xmlEscaped(type), inside);
}

std::optional<CallAnswer> readCallAnswer(std::string_view action, std::string_view body) {
    const auto elements = readElements(body);
    if (!elements) return std::nullopt;
    CallAnswer answer;
    bool isAnswer = false;
    for (const XmlElement& element : *elements) {
        if (element.name == "errorCode") {
            const auto code = parseUnsigned<std::uint16_t>(element.text);
            if (!code || *code == 0) return std::nullopt;
            answer.error = *code;
        }
        if (element.name == "errorDescription") answer.description = element.text;
        if (element.name == std::string{action} + "Response") isAnswer = true;
        if (isAnswer) answer.values.emplace(element.name, element.text);
    }
    return isAnswer || answer.error != 0 ? std::optional{std::move(answer)} : std::nullopt;
}

}  // namespace igd::above
