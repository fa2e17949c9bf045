// SPDX-License-Identifier: GPL-2.0-or-later
// The value types inside messages, field by field. A get() that meets a value out of range makes
// `valid` false.
#pragma once

#include "upnpd/net/bytes.h"
#include "upnpd/portmap/gateway.h"
#include "upnpd/portmap/port_control.h"

namespace igd::ipc {

/// A ByteReader that also remembers values no sender may send.
class FieldReader {
public:
    explicit FieldReader(std::span<const std::uint8_t> bytes) : in_(bytes) {}

    [[nodiscard]] ByteReader& raw() { return in_; }
    [[nodiscard]] bool flag();
    [[nodiscard]] Port port();
    /// Whether a message may name no external port.
    enum class PortZero { Refused, Allowed };
    [[nodiscard]] MappingKey key(PortZero zero = PortZero::Refused);
    [[nodiscard]] Ipv4Address address() { return Ipv4Address{in_.u32()}; }
    [[nodiscard]] std::optional<Ipv4Address> optionalAddress();
    [[nodiscard]] Endpoint endpoint();
    /// An enumerator of 0..last.
    template <class Enum>
    [[nodiscard]] Enum enumerator(Enum last) {
        const std::uint8_t value = in_.u8();
        valid_ = valid_ && value <= static_cast<std::uint8_t>(last);
        return static_cast<Enum>(value);
    }
    [[nodiscard]] MappingRequest mappingRequest(PortZero zero = PortZero::Refused);
    [[nodiscard]] RangeRequest rangeRequest();
    [[nodiscard]] Protocol protocol();  ///< TCP or UDP
    [[nodiscard]] Protocol anyProtocol();
    [[nodiscard]] Ipv6Address address6();
    [[nodiscard]] IpAddress anyAddress();
    [[nodiscard]] Ipv4Prefix prefix4();
    [[nodiscard]] Ipv6Prefix prefix6();
    [[nodiscard]] PinholeRequest pinholeRequest();
    [[nodiscard]] Seconds seconds();
    [[nodiscard]] ReleaseRequest releaseRequest();
    [[nodiscard]] MappingView mappingView();
    [[nodiscard]] GatewayStatus status();
    [[nodiscard]] PortRequest portRequest();
    [[nodiscard]] PortRelease portRelease();
    [[nodiscard]] PeerRequest peerRequest();
    [[nodiscard]] PortGrant portGrant();
    [[nodiscard]] PortRefusal portRefusal();

    void reject() { valid_ = false; }
    [[nodiscard]] bool complete() const { return valid_ && in_.finished(); }

private:
    [[nodiscard]] std::optional<IpAddress> optionalAnyAddress();
    [[nodiscard]] std::optional<Nonce> optionalNonce();
    [[nodiscard]] Nonce nonce();

    ByteReader in_;
    bool valid_ = true;
};

void put(ByteWriter& out, const MappingKey& key);
void put(ByteWriter& out, const std::optional<Ipv4Address>& address);
void put(ByteWriter& out, const Endpoint& endpoint);
void put(ByteWriter& out, const MappingRequest& request);
void put(ByteWriter& out, const ReleaseRequest& request);
void put(ByteWriter& out, Seconds seconds);
void put(ByteWriter& out, const IpAddress& address);
void put(ByteWriter& out, const Ipv4Prefix& prefix);
void put(ByteWriter& out, const Ipv6Prefix& prefix);
void put(ByteWriter& out, const PinholeRequest& request);
void put(ByteWriter& out, const RangeRequest& request);
void put(ByteWriter& out, const MappingView& view);
void put(ByteWriter& out, const GatewayStatus& status);
void put(ByteWriter& out, const PortRequest& request);
void put(ByteWriter& out, const PortRelease& request);
void put(ByteWriter& out, const PeerRequest& request);
void put(ByteWriter& out, const PortGrant& grant);
void put(ByteWriter& out, const PortRefusal& refusal);

}  // namespace igd::ipc
