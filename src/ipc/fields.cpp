// SPDX-License-Identifier: GPL-2.0-or-later
#include "fields.h"

#include <algorithm>

namespace igd::ipc {
namespace {

constexpr std::uint64_t kLongestLease = 0xffffffff;  // ui4, as the protocols have it

std::uint8_t octet(bool flag) {
    return flag ? 1 : 0;
}

}  // namespace

void put(ByteWriter& out, Seconds seconds) {
    out.u64(static_cast<std::uint64_t>(seconds.count()));
}

bool FieldReader::flag() {
    const std::uint8_t value = in_.u8();
    valid_ = valid_ && value <= 1;
    return value == 1;
}

Port FieldReader::port() {
    const Port port{in_.u16()};
    valid_ = valid_ && port.value != 0;
    return port;
}

Protocol FieldReader::protocol() {
    const Protocol protocol = anyProtocol();
    valid_ = valid_ && isTranslated(protocol);
    return protocol;
}

Protocol FieldReader::anyProtocol() {
    const auto protocol = protocolOf(in_.u8());
    valid_ = valid_ && protocol;
    return protocol.value_or(Protocol::Tcp);
}

MappingKey FieldReader::key(PortZero zero) {
    const Protocol number = protocol();
    if (zero == PortZero::Allowed) return {number, Port{in_.u16()}};
    return {number, port()};
}

std::optional<Ipv4Address> FieldReader::optionalAddress() {
    const bool present = flag();
    const Ipv4Address value = address();
    return present ? std::optional{value} : std::nullopt;
}

Endpoint FieldReader::endpoint() {
    const Ipv4Address host = address();
    return {host, port()};
}

Seconds FieldReader::seconds() {
    const std::uint64_t value = in_.u64();
    valid_ = valid_ && value <= kLongestLease;
    return Seconds{static_cast<Seconds::rep>(value)};
}

MappingRequest FieldReader::mappingRequest(PortZero zero) {
    MappingRequest request;
    request.key = key(zero);
    request.remoteHost = optionalAddress();
    request.internal = endpoint();
    request.enabled = flag();
    request.description = in_.text(kMaxDescription);
    request.lease = seconds();
    request.requester = address();
    request.origin = enumerator(Origin::Static);
    return request;
}

ReleaseRequest FieldReader::releaseRequest() {
    ReleaseRequest request;
    request.key = key();
    request.remoteHost = optionalAddress();
    request.requester = address();
    return request;
}

RangeRequest FieldReader::rangeRequest() {
    RangeRequest request;
    request.protocol = protocol();
    request.ports.first = Port{in_.u16()};
    request.ports.last = Port{in_.u16()};
    valid_ = valid_ && request.ports.first <= request.ports.last;
    request.manage = flag();
    request.requester = address();
    return request;
}

Ipv6Address FieldReader::address6() {
    Ipv6Address::Bytes bytes{};
    for (std::uint8_t& byte : bytes) byte = in_.u8();
    return Ipv6Address{bytes};
}

/// A mapped address is of no sender.
IpAddress FieldReader::anyAddress() {
    if (!flag()) return address();
    const Ipv6Address address = address6();
    valid_ = valid_ && !address.mapped();
    return address;
}

Ipv4Prefix FieldReader::prefix4() {
    constexpr std::uint8_t kBits = 32;
    const Ipv4Address address{in_.u32()};
    const std::uint8_t length = in_.u8();
    valid_ = valid_ && length <= kBits;
    return {address, length};
}

Ipv6Prefix FieldReader::prefix6() {
    constexpr std::uint8_t kBits = 128;
    const Ipv6Address address = address6();
    const std::uint8_t length = in_.u8();
    valid_ = valid_ && length <= kBits;
    return {address, length};
}

PinholeRequest FieldReader::pinholeRequest() {
    PinholeRequest request;
    const bool hasHost = flag();
    const Ipv6Address host = address6();
    if (hasHost) request.key.remoteHost = host;
    if (const Port remote{in_.u16()}; remote != Port{0}) request.key.remotePort = remote;
    request.key.client = address6();
    request.key.internalPort = port();
    request.key.protocol = protocol();
    request.lease = seconds();
    request.requester = anyAddress();
    return request;
}

MappingView FieldReader::mappingView() {
    MappingView view;
    view.key = key();
    view.remoteHost = optionalAddress();
    view.internal = endpoint();
    view.enabled = flag();
    view.description = in_.text(kMaxDescription);
    view.remainingLease = seconds();
    view.origin = enumerator(Origin::Static);
    return view;
}

GatewayStatus FieldReader::status() {
    GatewayStatus status;
    status.serial = in_.u64();
    status.linkUp = flag();
    status.externalAddress = optionalAddress();
    status.connectedFor = seconds();
    status.upstreamBitRate = in_.u64();
    status.downstreamBitRate = in_.u64();
    status.bytesSent = in_.u64();
    status.bytesReceived = in_.u64();
    status.packetsSent = in_.u64();
    status.packetsReceived = in_.u64();
    status.mappingCount = in_.u32();
    status.systemUpdateId = in_.u32();
    status.epochStart = TimePoint{Clock::duration{static_cast<Clock::rep>(in_.u64())}};
    status.firewallEnabled = flag();
    status.inboundPinholeAllowed = flag();
    return status;
}

void put(ByteWriter& out, const MappingKey& key) {
    out.u8(static_cast<std::uint8_t>(key.protocol)).u16(key.externalPort.value);
}

void put(ByteWriter& out, const std::optional<Ipv4Address>& address) {
    out.u8(octet(address.has_value())).u32(address.value_or(Ipv4Address{}).value());
}

void put(ByteWriter& out, const Endpoint& endpoint) {
    out.u32(endpoint.address.value()).u16(endpoint.port.value);
}

void put(ByteWriter& out, const MappingRequest& request) {
    put(out, request.key);
    put(out, request.remoteHost);
    put(out, request.internal);
    out.u8(octet(request.enabled)).text(request.description);
    put(out, request.lease);
    out.u32(request.requester.value()).u8(static_cast<std::uint8_t>(request.origin));
}

void put(ByteWriter& out, const ReleaseRequest& request) {
    put(out, request.key);
    put(out, request.remoteHost);
    out.u32(request.requester.value());
}

namespace {

void put(ByteWriter& out, const Ipv6Address& address) {
    for (const std::uint8_t byte : address.bytes()) out.u8(byte);
}

}  // namespace

void put(ByteWriter& out, const IpAddress& address) {
    const Ipv6Address* const six = std::get_if<Ipv6Address>(&address);
    out.u8(octet(six != nullptr));
    if (six != nullptr) return put(out, *six);
    out.u32(std::get<Ipv4Address>(address).value());
}

void put(ByteWriter& out, const Ipv4Prefix& prefix) {
    out.u32(prefix.address.value()).u8(prefix.length);
}

void put(ByteWriter& out, const Ipv6Prefix& prefix) {
    put(out, prefix.address);
    out.u8(prefix.length);
}

void put(ByteWriter& out, const PinholeRequest& request) {
    out.u8(octet(request.key.remoteHost.has_value()));
    put(out, request.key.remoteHost.value_or(Ipv6Address{}));
    out.u16(request.key.remotePort.value_or(Port{0}).value);
    put(out, request.key.client);
    out.u16(request.key.internalPort.value).u8(static_cast<std::uint8_t>(request.key.protocol));
    put(out, request.lease);
    put(out, request.requester);
}

void put(ByteWriter& out, const RangeRequest& request) {
    out.u8(static_cast<std::uint8_t>(request.protocol));
    out.u16(request.ports.first.value).u16(request.ports.last.value);
    out.u8(octet(request.manage)).u32(request.requester.value());
}

void put(ByteWriter& out, const MappingView& view) {
    put(out, view.key);
    put(out, view.remoteHost);
    put(out, view.internal);
    out.u8(octet(view.enabled)).text(view.description);
    put(out, view.remainingLease);
    out.u8(static_cast<std::uint8_t>(view.origin));
}

void put(ByteWriter& out, const GatewayStatus& status) {
    out.u64(status.serial).u8(octet(status.linkUp));
    put(out, status.externalAddress);
    put(out, status.connectedFor);
    out.u64(status.upstreamBitRate).u64(status.downstreamBitRate);
    out.u64(status.bytesSent)
        .u64(status.bytesReceived)
        .u64(status.packetsSent)
        .u64(status.packetsReceived);
    out.u32(status.mappingCount).u32(status.systemUpdateId);
    out.u64(static_cast<std::uint64_t>(status.epochStart.time_since_epoch().count()));
    out.u8(octet(status.firewallEnabled)).u8(octet(status.inboundPinholeAllowed));
}

}  // namespace igd::ipc
