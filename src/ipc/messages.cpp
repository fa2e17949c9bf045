// SPDX-License-Identifier: GPL-2.0-or-later
// The fields of each message, in the order in which they travel. A variant is one octet, the place
// of its alternative, and the fields of that.
#include "upnpd/ipc/messages.h"

#include "row_fields.h"

#include "upnpd/ipc/status_fields.h"
#include "upnpd/ipc/text_fields.h"
#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

namespace igd::ipc {
namespace {

constexpr std::size_t kMaxError = 1024;
constexpr std::size_t kMaxReason = 256;

bool isTranslatable(Protocol protocol, const IpAddress& client) {
    return isTranslated(protocol) || std::holds_alternative<Ipv6Address>(client);
}

/// NAT-PMP has no word for another client than the requester, or for IPv6; PCP proves itself.
template <class PortMessage>
bool isOfItsOrigin(const PortMessage& m) {
    if (m.origin == Origin::Pcp) return m.nonce.has_value();
    return m.origin == Origin::NatPmp && !m.nonce && m.client == m.requester &&
           std::holds_alternative<Ipv4Address>(m.client);
}

/// The responder passes on filters that are masked, of their client's family, and with a port only
/// where there are any. A masked one of IPv4 is 96 bits long at least.
bool isFilterFor(const PortRequest& request, const PeerFilter& filter) {
    const bool ofIpv4 = filter.remote.address.mapped().has_value();
    return filter.remote.length != 0 &&
           ofIpv4 == std::holds_alternative<Ipv4Address>(request.client) &&
           masked(filter) == filter && (filter.port == Port{0} || hasPorts(request.protocol));
}

/// Ports end at 65535, and there is no port 0 in a set.
bool isPortSet(Port first, std::uint16_t count) {
    constexpr unsigned kBehindLast = 65536;
    return count == 1 || (count > 1 && first != Port{0} && first.value + count <= kBehindLast);
}

bool hasPcpOptions(const PortRequest& request) {
    return request.exact || request.dropFilters || request.portCount != 1 || request.keepsParity ||
           request.suggestedAddress || !request.filters.empty();
}

}  // namespace

// The values of mappings and pinholes.
template <class Io, Is<MappingKey> M>
void fields(Io& io, M& m) {
    io(m.protocol, m.externalPort);
    io.require(isTranslated(m.protocol));
}
template <class Io, Is<Endpoint> M>
void fields(Io& io, M& m) {
    io(m.address, m.port);
}
/// All but the key, which may lack a port in one of two requests.
template <class Io, Is<MappingRequest> M>
void wishes(Io& io, M& m) {
    io(m.remoteHost, m.internal, m.client6, m.enabled);
    description(io, m.description);
    io(m.lease, m.endless, m.requester);
    agent(io, m.agent);
    const bool isNamed = !m.internal.address.isUnspecified();
    io.require(isNamed ? !m.client6
                       : m.client6 || std::holds_alternative<Ipv6Address>(m.requester));
}
template <class Io, Is<MappingRequest> M>
void fields(Io& io, M& m) {
    io(m.key);
    wishes(io, m);
}
template <class Io, Is<AnyMappingRequest> M>
void fields(Io& io, M& m) {
    auto& key = m.mapping.key;
    io(key.protocol, key.externalPort.value);
    io.require(isTranslated(key.protocol));
    wishes(io, m.mapping);
}
template <class Io, Is<ReleaseRequest> M>
void fields(Io& io, M& m) {
    io(m.key, m.remoteHost, m.requester);
}
template <class Io, Is<RangeRequest> M>
void fields(Io& io, M& m) {
    io(m.protocol, m.ports.first.value, m.ports.last.value, m.manage, m.requester);
    io.require(isTranslated(m.protocol) && m.ports.first <= m.ports.last);
}
template <class Io, Is<MappingView> M>
void fields(Io& io, M& m) {
    io(m.key, m.remoteHost, m.internal, m.enabled);
    description(io, m.description);
    io(m.remainingLease, m.origin, m.askedWithoutEnd);
}
template <class Io, Is<PinholeKey> M>
void fields(Io& io, M& m) {
    io(m.remoteHost, m.remotePort, m.client, m.internalPort, m.protocol);
    io.require(isTranslated(m.protocol));
}
template <class Io, Is<PinholeRequest> M>
void fields(Io& io, M& m) {
    io(m.key, m.lease, m.requester);
    agent(io, m.agent);
    io.require(m.lease != Seconds{0});
}
template <class Io, Is<PinholeUpdate> M>
void fields(Io& io, M& m) {
    io(m.id, m.lease, m.requester);
    io.require(m.lease != Seconds{0});
}
template <class Io, IsOneOf<PinholeRelease, CountPinhole> M>
void fields(Io& io, M& m) {
    io(m.id, m.requester);
}
// The requests of NAT-PMP and PCP, and their answers.
template <class Io, Is<PortRequest> M>
void fields(Io& io, M& m) {
    io(m.protocol, m.client, m.internalPort.value, m.suggestedPort.value, m.suggestedAddress,
       m.portCount, m.keepsParity, m.exact, m.lifetime, m.requester, m.origin, m.nonce,
       m.dropFilters);
    io.list(m.filters, kMaxAskedFilters);
    description(io, m.description);
    io.require(isTranslatable(m.protocol, m.client) && isOfItsOrigin(m));
    io.require(hasPorts(m.protocol) == (m.internalPort != Port{0}));
    io.require(m.lifetime != Seconds{0});
    io.require(m.origin == Origin::Pcp || !hasPcpOptions(m));
    io.require(isPortSet(m.internalPort, m.portCount));
    for (const PeerFilter& filter : m.filters) io.require(isFilterFor(m, filter));
}
template <class Io, Is<PortRelease> M>
void fields(Io& io, M& m) {
    io(m.protocol, m.client, m.internalPort.value, m.isSet, m.requester, m.origin, m.nonce);
    io.require(isOfItsOrigin(m));
    io.require(m.origin == Origin::Pcp || (m.protocol && isTranslated(*m.protocol) && !m.isSet));
    io.require(m.protocol || m.internalPort == Port{0});
}
template <class Io, Is<PeerRequest> M>
void fields(Io& io, M& m) {
    io(m.protocol, m.client, m.internalPort, m.remote, m.remotePort, m.suggestedPort.value,
       m.suggestedAddress, m.lifetime, m.requester, m.nonce);
    io.require(isTranslated(m.protocol));
}
template <class Io, Is<PortGrant> M>
void fields(Io& io, M& m) {
    io(m.externalPort.value, m.externalAddress, m.lifetime, m.portCount, m.firstInternalPort.value);
    io.require(isPortSet(m.firstInternalPort, m.portCount));
}
template <class Io, Is<PortRefusal> M>
void fields(Io& io, M& m) {
    io(m.error, m.lifetime, m.externalPort.value);
}

// The other requests and replies.
template <class Io, IsOneOf<GetStatus, Done, Ping, Pong> M>
void fields(Io&, M&) {}
template <class Io, Is<FindMapping> M>
void fields(Io& io, M& m) {
    io(m.key, m.requester);
}
template <class Io, Is<MappingAt> M>
void fields(Io& io, M& m) {
    io(m.index, m.requester);
}
template <class Io, IsOneOf<DeleteMappings, ListMappings> M>
void fields(Io& io, M& m) {
    io(m.range);
}
template <class Io, Is<GetOutboundTimeout> M>
void fields(Io& io, M& m) {
    io(m.protocol);
    io.require(isTranslated(m.protocol));
}
template <class Io, Is<MappingViews> M>
void fields(Io& io, M& m) {
    io.list(m.views, kMaxListed);
}
template <class Io, Is<PinholeOpened> M>
void fields(Io& io, M& m) {
    io(m.id);
}
template <class Io, Is<PacketCount> M>
void fields(Io& io, M& m) {
    io(m.packets);
}

// The messages themselves.
template <class Io, Is<Call> M>
void fields(Io& io, M& m) {
    io(m.id, m.deadline, m.request);
}
template <class Io, Is<Started> M>
void fields(Io& io, M& m) {
    io(m.httpPort);
    io.text(m.error, kMaxError);
}
template <class Io, Is<SocketName> M>
void fields(Io& io, M& m) {
    io(m.tcp, m.local.address, m.local.port);
}
template <class Io, Is<SocketProblem> M>
void fields(Io& io, M& m) {
    io(m.socket);
    io.text(m.reason, kMaxReason);
    io.require(cleanUtf8(m.reason, kMaxReason) == m.reason.substr(0, kMaxReason));
}
template <class Io, Is<Sockets> M>
void fields(Io& io, M& m) {
    io.list(m.open, kMaxOpen);
    io.list(m.problems, kMaxProblems);
}
template <class Io, Is<Subscribers> M>
void fields(Io& io, M& m) {
    io(m.count);
}
template <class Io, Is<Answer> M>
void fields(Io& io, M& m) {
    io(m.id, m.reply);
}
template <class Io, Is<Setup> M>
void fields(Io& io, M& m) {
    io.text(m.settings, kMaxMessage);
}
template <class Io, Is<StatusChanged> M>
void fields(Io& io, M& m) {
    io(m.status);
}
template <class Io, Is<DebugMode> M>
void fields(Io& io, M& m) {
    io(m.mode);
    io.require(m.mode <= log::kMostTalkative);
}
template <class Io, Is<MayAnswer> M>
void fields(Io& io, M& m) {
    io(m.until);
}
template <class Io, Is<AddressesChanged> M>
void fields(Io& io, M& m) {
    networks(io, m);
    io(m.bootId);
}

namespace {

template <class Message>
std::optional<std::vector<std::uint8_t>> encoded(const Message& message) {
    auto bytes = written(message);
    if (bytes && bytes->size() > kMaxMessage) bytes.reset();
    return bytes;
}

}  // namespace

std::optional<std::vector<std::uint8_t>> encode(const ToEngine& message) {
    return encoded(message);
}

std::optional<std::vector<std::uint8_t>> encode(const ToFrontEnd& message) {
    return encoded(message);
}

std::optional<ToEngine> decodeToEngine(std::span<const std::uint8_t> bytes) {
    return read<ToEngine>(bytes);
}

std::optional<ToFrontEnd> decodeToFrontEnd(std::span<const std::uint8_t> bytes) {
    return read<ToFrontEnd>(bytes);
}

}  // namespace igd::ipc
