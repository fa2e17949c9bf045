// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/inspect/packet.h"

namespace igd::inspect {
namespace {

constexpr std::uint64_t kIpv4 = 2, kIpv6 = 10;  // NFPROTO_* of linux/netfilter.h

constexpr Reading kNotKnown{Truth::Unknown, {}};
constexpr Reading kNotThere{Truth::No, {}};

Reading number(std::uint64_t value) {
    return {Truth::Yes, wordOf(value)};
}

Reading numberIfKnown(std::uint32_t index) {
    return index == 0 ? kNotKnown : number(index);
}

Reading mark(const std::optional<std::uint32_t>& value) {
    return value ? number(*value) : kNotKnown;
}

template <class Address>
Reading address(const IpAddress& address) {
    if (!std::holds_alternative<Address>(address)) return kNotThere;
    return {Truth::Yes, wordOf(address)};
}

Reading port(const Packet& packet, Port port) {
    return hasPorts(packet.protocol) ? number(port.value) : kNotThere;
}

/// The answers of a flow come from where its first packet was translated to.
const IpEndpoint& replySource(const Packet& packet) {
    return packet.reply ? packet.source : packet.destination;
}

std::uint64_t stateOf(const Packet& packet) {
    if (packet.untracked) return ct::kUntracked;
    return packet.fresh ? ct::kNew : ct::kEstablished;
}

/// Reads what belongs to the flow; an untracked packet has none.
Reading readFlow(const Packet& packet, Field field) {
    if (packet.untracked) return kNotThere;
    switch (field) {
        case Field::FlowMark:
            return mark(packet.flowMark);
        case Field::FlowStatus:
            return number((packet.translated ? ct::kDestinationNat : 0) |
                          (packet.masqueraded ? ct::kSourceNat : 0));
        case Field::FlowDirection:
            return number(packet.reply ? 1 : 0);
        case Field::FlowProtocol:
            return number(static_cast<std::uint64_t>(packet.protocol));
        case Field::OriginalSource4:
            return address<Ipv4Address>(packet.originalSource.address);
        case Field::OriginalSource6:
            return address<Ipv6Address>(packet.originalSource.address);
        case Field::OriginalSourcePort:
            return port(packet, packet.originalSource.port);
        default:
            return kNotKnown;
    }
}

/// Reads what depends on the flow's destination, which may stand for any.
Reading readDestination(const Packet& packet, Field field) {
    switch (field) {
        case Field::OriginalDestination4:
            return address<Ipv4Address>(packet.originalDestination.address);
        case Field::OriginalDestination6:
            return address<Ipv6Address>(packet.originalDestination.address);
        case Field::OriginalDestinationPort:
            return port(packet, packet.originalDestination.port);
        case Field::ReplySource4:
            return address<Ipv4Address>(replySource(packet).address);
        case Field::ReplySource6:
            return address<Ipv6Address>(replySource(packet).address);
        case Field::ReplySourcePort:
            return port(packet, replySource(packet).port);
        case Field::Destination4:
            return address<Ipv4Address>(packet.destination.address);
        case Field::Destination6:
            return address<Ipv6Address>(packet.destination.address);
        case Field::DestinationPort:
            return port(packet, packet.destination.port);
        default:
            return readFlow(packet, field);
    }
}

/// An address of the wrong family is not there, whatever it may be.
Reading ofAny(const Packet& packet, Field field) {
    const Reading reading = readDestination(packet, field);
    const bool flow = field != Field::Destination4 && field != Field::Destination6 &&
                      field != Field::DestinationPort;
    if (flow && packet.untracked) return kNotThere;
    return packet.anyDestination && reading.known == Truth::Yes ? kNotKnown : reading;
}

Reading readHeader(const Packet& packet, Field field) {
    switch (field) {
        case Field::Family:
            return number(packet.isIpv6() ? kIpv6 : kIpv4);
        case Field::TransportProtocol:
            return number(static_cast<std::uint64_t>(packet.protocol));
        case Field::Source4:
            return address<Ipv4Address>(packet.source.address);
        case Field::Source6:
            return address<Ipv6Address>(packet.source.address);
        case Field::SourcePort:
            return port(packet, packet.source.port);
        case Field::TcpFlags:
            if (packet.protocol != Protocol::Tcp) return kNotThere;
            return number(packet.fresh ? tcp::kSyn : tcp::kAck);
        case Field::Fragment:
            return packet.isIpv6() ? kNotThere : number(0);
        case Field::OfOtherPackets:
            return kNotThere;
        default:
            return ofAny(packet, field);
    }
}

}  // namespace

Reading read(const Packet& packet, Field field) {
    switch (field) {
        case Field::InInterface:
            return {Truth::Yes, wordOfName(packet.in)};
        case Field::OutInterface:
            return {Truth::Yes, wordOfName(packet.out)};
        case Field::InIndex:
            return numberIfKnown(packet.inIndex);
        case Field::OutIndex:
            return packet.out.empty() ? number(0) : numberIfKnown(packet.outIndex);
        case Field::Mark:
            return mark(packet.mark);
        case Field::FlowState:
            return number(stateOf(packet));
        case Field::DestinationType:
            return number(packet.destinationType);
        case Field::SourceType:
            return number(rtn::kUnicast);
        case Field::ReverseRoute:
            return packet.inIndex == 0 ? number(1) : number(packet.inIndex);
        case Field::PacketType:
            return number(0);
        case Field::NotKnown:
            return kNotKnown;
        default:
            return readHeader(packet, field);
    }
}

}  // namespace igd::inspect
