// SPDX-License-Identifier: GPL-2.0-or-later
// The fields of what NAT-PMP and PCP ask.
#include "fields.h"

#include "upnpd/ipc/messages.h"

#include <algorithm>

namespace igd::ipc {
namespace {

std::uint8_t octet(bool flag) {
    return flag ? 1 : 0;
}

void put(ByteWriter& out, const Nonce& nonce) {
    for (const std::uint8_t byte : nonce) out.u8(byte);
}

void put(ByteWriter& out, const std::optional<Nonce>& nonce) {
    out.u8(octet(nonce.has_value()));
    if (nonce) put(out, *nonce);
}

void put(ByteWriter& out, const std::optional<IpAddress>& address) {
    out.u8(octet(address.has_value()));
    if (address) ipc::put(out, *address);
}

}  // namespace

Nonce FieldReader::nonce() {
    Nonce nonce{};
    for (std::uint8_t& byte : nonce) byte = in_.u8();
    return nonce;
}

std::optional<Nonce> FieldReader::optionalNonce() {
    return flag() ? std::optional{nonce()} : std::nullopt;
}

std::optional<IpAddress> FieldReader::optionalAnyAddress() {
    return flag() ? std::optional{anyAddress()} : std::nullopt;
}

PortRequest FieldReader::portRequest() {
    PortRequest request;
    request.protocol = anyProtocol();
    request.client = anyAddress();
    if (!isTranslated(request.protocol) && !std::holds_alternative<Ipv6Address>(request.client))
        reject();
    request.internalPort = Port{in_.u16()};
    if (hasPorts(request.protocol) == (request.internalPort == Port{0})) reject();
    request.suggestedPort = Port{in_.u16()};
    request.suggestedAddress = optionalAnyAddress();
    request.exact = flag();
    request.lifetime = seconds();
    request.requester = anyAddress();
    request.origin = enumerator(Origin::Pcp);
    request.nonce = optionalNonce();
    request.dropFilters = flag();
    const std::size_t count = in_.u8();
    if (count > kMaxAskedFilters) reject();
    while (request.filters.size() < std::min(count, kMaxAskedFilters)) {
        const Ipv6Prefix remote = prefix6();
        request.filters.push_back({remote, Port{in_.u16()}});
    }
    request.description = in_.text(kMaxDescription);
    return request;
}

PortRelease FieldReader::portRelease() {
    PortRelease request;
    if (flag()) request.protocol = anyProtocol();
    request.client = anyAddress();
    request.internalPort = Port{in_.u16()};
    request.requester = anyAddress();
    request.origin = enumerator(Origin::Pcp);
    request.nonce = optionalNonce();
    return request;
}

PeerRequest FieldReader::peerRequest() {
    PeerRequest request;
    request.protocol = protocol();
    request.client = anyAddress();
    request.internalPort = port();
    request.remote = anyAddress();
    request.remotePort = port();
    request.suggestedPort = Port{in_.u16()};
    request.suggestedAddress = optionalAnyAddress();
    request.lifetime = seconds();
    request.requester = anyAddress();
    request.nonce = nonce();
    return request;
}

PortGrant FieldReader::portGrant() {
    const Port port{in_.u16()};
    const IpAddress address = anyAddress();
    return {port, address, seconds()};
}

PortRefusal FieldReader::portRefusal() {
    const auto error = enumerator(MappingError::Backend);
    const Seconds lifetime = seconds();
    return {error, lifetime, Port{in_.u16()}};
}

void put(ByteWriter& out, const PortRequest& request) {
    out.u8(static_cast<std::uint8_t>(request.protocol));
    ipc::put(out, request.client);
    out.u16(request.internalPort.value).u16(request.suggestedPort.value);
    put(out, request.suggestedAddress);
    out.u8(octet(request.exact));
    ipc::put(out, request.lifetime);
    ipc::put(out, request.requester);
    out.u8(static_cast<std::uint8_t>(request.origin));
    put(out, request.nonce);
    const std::size_t count = std::min(request.filters.size(), kMaxAskedFilters);
    out.u8(octet(request.dropFilters)).u8(static_cast<std::uint8_t>(count));
    for (std::size_t i = 0; i < count; ++i) {
        ipc::put(out, request.filters[i].remote);
        out.u16(request.filters[i].port.value);
    }
    out.text(request.description);
}

void put(ByteWriter& out, const PortRelease& request) {
    out.u8(octet(request.protocol.has_value()));
    if (request.protocol) out.u8(static_cast<std::uint8_t>(*request.protocol));
    ipc::put(out, request.client);
    out.u16(request.internalPort.value);
    ipc::put(out, request.requester);
    out.u8(static_cast<std::uint8_t>(request.origin));
    put(out, request.nonce);
}

void put(ByteWriter& out, const PeerRequest& request) {
    out.u8(static_cast<std::uint8_t>(request.protocol));
    ipc::put(out, request.client);
    out.u16(request.internalPort.value);
    ipc::put(out, request.remote);
    out.u16(request.remotePort.value).u16(request.suggestedPort.value);
    put(out, request.suggestedAddress);
    ipc::put(out, request.lifetime);
    ipc::put(out, request.requester);
    put(out, request.nonce);
}

void put(ByteWriter& out, const PortGrant& grant) {
    out.u16(grant.externalPort.value);
    ipc::put(out, grant.externalAddress);
    ipc::put(out, grant.lifetime);
}

void put(ByteWriter& out, const PortRefusal& refusal) {
    out.u8(static_cast<std::uint8_t>(refusal.error));
    ipc::put(out, refusal.lifetime);
    out.u16(refusal.externalPort.value);
}

}  // namespace igd::ipc
