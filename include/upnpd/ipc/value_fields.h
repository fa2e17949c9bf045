// SPDX-License-Identifier: GPL-2.0-or-later
// The fields of the small values inside messages, and what each of them may be.
#pragma once

#include "upnpd/ipc/codec.h"
#include "upnpd/net/mac_address.h"
#include "upnpd/portmap/lan.h"
#include "upnpd/portmap/mapping.h"
#include "upnpd/portmap/opening.h"
#include "upnpd/util/time.h"

namespace igd::ipc {

/// Most networks of one kind that a front end is told of its LAN.
constexpr std::size_t kMaxNetworks = 256;

/// An enumerator of 0..last.
template <class Io, class Enum>
void enumerator(Io& io, Enum& value, std::remove_const_t<Enum> last) {
    using Plain = std::remove_const_t<Enum>;
    io.via(
        value, [](Plain each) { return static_cast<std::uint8_t>(each); },
        [last](std::uint8_t number) {
            return number <= static_cast<std::uint8_t>(last)
                       ? std::optional{static_cast<Plain>(number)}
                       : std::nullopt;
        });
}

template <class Io, Is<Origin> M>
void fields(Io& io, M& m) {
    enumerator(io, m, Origin::Admin);
}

template <class Io, Is<MappingError> M>
void fields(Io& io, M& m) {
    enumerator(io, m, MappingError::NotApproved);
}

/// Any protocol that upnpd knows; those who want a translated one say so.
template <class Io, Is<Protocol> M>
void fields(Io& io, M& m) {
    io.via(
        m, [](Protocol protocol) { return static_cast<std::uint8_t>(protocol); }, protocolOf);
}

/// A port that is not 0. A field where 0 has a meaning names the `value` of its port.
template <class Io, Is<Port> M>
void fields(Io& io, M& m) {
    io(m.value);
    io.require(m.value != 0);
}

/// At most as long as the protocols can say: 2^32 - 1.
template <class Io, Is<Seconds> M>
void fields(Io& io, M& m) {
    io.via(
        m, [](Seconds seconds) { return static_cast<std::uint64_t>(seconds.count()); },
        [](std::uint64_t number) {
            return number <= 0xffffffff ? std::optional{Seconds{static_cast<Seconds::rep>(number)}}
                                        : std::nullopt;
        });
}

/// All processes of one machine have the same monotonic clock.
template <class Io, Is<TimePoint> M>
void fields(Io& io, M& m) {
    io.via(
        m,
        [](TimePoint time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); },
        [](std::uint64_t number) {
            return std::optional{TimePoint{Clock::duration{static_cast<Clock::rep>(number)}}};
        });
}

template <class Io, Is<InterfaceName> M>
void fields(Io& io, M& m) {
    io.via(
        m, [](const InterfaceName& name) { return name.text(); }, InterfaceName::parse);
}

template <class Io, Is<Ipv4Address> M>
void fields(Io& io, M& m) {
    io.via(
        m, [](Ipv4Address address) { return address.value(); },
        [](std::uint32_t number) { return std::optional{Ipv4Address{number}}; });
}

template <class Io, Is<Ipv6Address> M>
void fields(Io& io, M& m) {
    io.via(
        m, [](const Ipv6Address& address) { return address.bytes(); },
        [](const Ipv6Address::Bytes& octets) { return std::optional{Ipv6Address{octets}}; });
}

/// One of IPv4 never comes as IPv6.
template <class Io, Is<IpAddress> M>
void fields(Io& io, M& m) {
    io.oneOf(m);
    const auto* const ipv6 = std::get_if<Ipv6Address>(&m);
    io.require(ipv6 == nullptr || !ipv6->mapped());
}

template <class Io, Is<Ipv4Prefix> M>
void fields(Io& io, M& m) {
    io(m.address, m.length);
    io.require(m.length <= 32);
}

template <class Io, Is<Ipv6Prefix> M>
void fields(Io& io, M& m) {
    io(m.address, m.length);
    io.require(m.length <= 128);
}

template <class Io, Is<MacAddress> M>
void fields(Io& io, M& m) {
    io(m.bytes);
}

template <class Io, Is<OpeningKind> M>
void fields(Io& io, M& m) {
    enumerator(io, m, OpeningKind::Peer);
}

template <class Io, Is<PeerFilter> M>
void fields(Io& io, M& m) {
    io(m.remote, m.port.value);
}

/// The networks of a Lan, or of a message that tells of one.
template <class Io, class Networks>
void networks(Io& io, Networks& m) {
    io.list(m.addresses, kMaxNetworks);
    io.list(m.addresses6, kMaxNetworks);
    io.list(m.routed, kMaxNetworks);
    io.list(m.routed6, kMaxNetworks);
}

template <class Io, Is<Lan> M>
void fields(Io& io, M& m) {
    io(m.interface);
    networks(io, m);
}

}  // namespace igd::ipc
