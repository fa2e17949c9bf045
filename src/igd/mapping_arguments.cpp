// SPDX-License-Identifier: GPL-2.0-or-later
#include "mapping_arguments.h"

#include "errors.h"

#include "upnpd/util/text.h"

namespace igd {
namespace {

using AddressOrError = tl::expected<Ipv4Address, UpnpError>;

/// The client as a request names it.
struct Client {
    Ipv4Address address{};  ///< 0.0.0.0: by `six`, or not at all
    std::optional<Ipv6Address> six{};
};

/// Reads an address; `*` means 0.0.0.0. A host name is no address, because nothing here waits for a
/// resolver (IGD-AddPortMapping-10).
AddressOrError addressOf(std::string_view text) {
    if (text == "*") return Ipv4Address{};
    if (const auto address = parseIpv4Address(text)) return *address;
    return tl::unexpected(kArgumentValueInvalid);
}

/// Reads NewRemoteHost, where 0.0.0.0 means any host (IGD-Quirk-12).
AddressOrError remoteHostOf(std::string_view text) {
    return text.empty() ? Ipv4Address{} : addressOf(text);
}

/// Reads NewInternalClient, where an empty text means the requester (IGD-Quirk-08). A control point
/// that has found the gateway over IPv6 may name the address that it speaks from. The engine knows
/// the address of IPv4 of such a host: 0.0.0.0 leaves it to that.
tl::expected<Client, UpnpError> internalClientOf(std::string_view text,
                                                 const IpAddress& requester) {
    if (text.empty()) {
        const auto* const own = std::get_if<Ipv4Address>(&requester);
        return own != nullptr ? Client{*own} : Client{};
    }
    if (const auto six = parseNamedIpv6Address(text)) {
        if (six->isUnspecified()) return tl::unexpected(kWildcardInSource);
        const auto mapped = six->mapped();
        if (!mapped) return Client{{}, *six};
        if (mapped->isUnspecified()) return tl::unexpected(kWildcardInSource);
        return Client{*mapped};
    }
    const auto address = addressOf(text);
    if (!address) return tl::unexpected(address.error());
    if (address->isUnspecified()) return tl::unexpected(kWildcardInSource);
    return Client{*address};
}

}  // namespace

tl::expected<MappingSelector, UpnpError> mappingSelector(const Arguments& in) {
    const auto protocol = parseProtocol(in.text("NewProtocol"));
    if (!protocol) return tl::unexpected(kArgumentValueOutOfRange);
    const auto host = remoteHostOf(in.text("NewRemoteHost"));
    if (!host) return tl::unexpected(host.error());
    MappingSelector selector{{*protocol, Port{in.ui2("NewExternalPort")}}, std::nullopt};
    if (!host->isUnspecified()) selector.remoteHost = *host;
    return selector;
}

tl::expected<RangeRequest, UpnpError> rangeRequest(const Arguments& in,
                                                   const IpAddress& requester) {
    const auto protocol = parseProtocol(in.text("NewProtocol"));
    if (!protocol) return tl::unexpected(kArgumentValueOutOfRange);
    const PortRange ports{Port{in.ui2("NewStartPort")}, Port{in.ui2("NewEndPort")}};
    if (ports.first > ports.last) return tl::unexpected(kInconsistentParameters);
    return RangeRequest{*protocol, ports, in.boolean("NewManage"), requester};
}

tl::expected<MappingRequest, UpnpError> mappingRequest(const ActionCall& call,
                                                       ExternalPort externalPort) {
    const Arguments& in = call.in;
    const auto selector = mappingSelector(in);
    if (!selector) return tl::unexpected(selector.error());
    const auto client = internalClientOf(in.text("NewInternalClient"), call.requester);
    if (!client) return tl::unexpected(client.error());
    const Port internalPort{in.ui2("NewInternalPort")};
    if (selector->key.externalPort == Port{0} && externalPort == ExternalPort::Named)
        return tl::unexpected(kWildcardInExternalPort);
    if (internalPort == Port{0})  // version 1 has no word for it
        return tl::unexpected(call.service.version() == 1 ? kInvalidArgs : kWildcardInInternalPort);

    return MappingRequest{
        .key = selector->key,
        .remoteHost = selector->remoteHost,
        .internal = {client->address, internalPort},
        .client6 = client->six,
        .enabled = in.boolean("NewEnabled"),
        .description = cleanUtf8(in.text("NewPortMappingDescription"), kMaxDescription),
        .lease = Seconds{in.ui4("NewLeaseDuration")},
        .endless = call.service.version() == 1,
        .requester = call.requester,
        .agent = call.context.agent};
}

}  // namespace igd
