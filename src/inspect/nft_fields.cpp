// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft_fields.h"

#include <algorithm>
#include <array>
#include <span>

#include <linux/if_ether.h>
#include <linux/netfilter.h>

namespace igd::inspect {
namespace {

/// A field of a header.
struct HeaderField {
    std::uint8_t offset;
    std::uint8_t size;
    Field field;
};
constexpr std::array kIpv4{
    HeaderField{6, 2, Field::Fragment}, HeaderField{9, 1, Field::TransportProtocol},
    HeaderField{12, 4, Field::Source4}, HeaderField{16, 4, Field::Destination4}};
constexpr std::array kIpv6{HeaderField{6, 1, Field::TransportProtocol},
                           HeaderField{8, 16, Field::Source6},
                           HeaderField{24, 16, Field::Destination6}};
constexpr std::array kTransport{HeaderField{0, 2, Field::SourcePort},
                                HeaderField{2, 2, Field::DestinationPort},
                                HeaderField{13, 1, Field::TcpFlags}};
constexpr std::array kPorts{kTransport[0], kTransport[1]};

/// Without the family the place of an address tells it.
std::span<const HeaderField> networkFields(std::uint32_t offset, std::uint32_t size,
                                           std::uint8_t family) {
    if (family == NFPROTO_IPV4) return kIpv4;
    if (family == NFPROTO_IPV6) return kIpv6;
    if (size == sizeof(in_addr) && (offset == 12 || offset == 16)) return kIpv4;
    if (size == sizeof(in6_addr) && (offset == 8 || offset == 24)) return kIpv6;
    return {};
}

bool isOfPackets(std::uint8_t transport) {
    return transport == IPPROTO_TCP || transport == IPPROTO_UDP || transport == IPPROTO_SCTP ||
           transport == IPPROTO_GRE || transport == IPPROTO_ESP;
}

std::span<const HeaderField> transportFields(const Headers& headers) {
    const bool tcp = !headers.transport || *headers.transport == IPPROTO_TCP;
    if (tcp) return kTransport;
    return kPorts;
}

Piece whole(std::uint32_t size, Field field) {
    return {0, static_cast<std::uint8_t>(size), FieldOctets{.field = field}};
}

/// Returns the part of `place` that is in the octets from `offset` to `end`, as a piece.
Piece part(const HeaderField& place, std::uint32_t offset, std::uint32_t end) {
    const std::uint32_t from = std::max<std::uint32_t>(place.offset, offset);
    const std::uint32_t to = std::min<std::uint32_t>(place.offset + place.size, end);
    FieldOctets octets = numberField(place.field, place.size, false);
    octets.at = static_cast<std::uint8_t>(octets.at + (from - place.offset));
    octets.mask = Word{};
    for (std::uint32_t i = 0; i < to - from; ++i) octets.mask.octets[octets.at + i] = 0xff;
    return {static_cast<std::uint8_t>(from - offset), static_cast<std::uint8_t>(to - from), octets};
}

Loaded number(Field field, std::uint8_t size, bool hostOrder = true) {
    return {numberField(field, size, hostOrder), size};
}

Loaded name(Field field) {
    return {nameField(field), NFT_REG_SIZE};
}

Loaded etherType() {
    Loaded loaded = number(Field::Family, 2, false);
    loaded.octets.coding = Coding::EtherType;
    return loaded;
}

Loaded address(std::uint8_t family, Field ipv4, Field ipv6) {
    if (family == NFPROTO_IPV4) return number(ipv4, sizeof(in_addr), false);
    if (family == NFPROTO_IPV6) return number(ipv6, sizeof(in6_addr), false);
    return unknownField();
}

/// Addresses and ports of one direction of the flow.
Loaded tupleField(std::uint32_t key, bool reply, std::uint8_t family) {
    switch (key) {
        case NFT_CT_SRC:
            return reply ? address(family, Field::ReplySource4, Field::ReplySource6)
                         : address(family, Field::OriginalSource4, Field::OriginalSource6);
        case NFT_CT_SRC_IP:
            return tupleField(NFT_CT_SRC, reply, NFPROTO_IPV4);
        case NFT_CT_SRC_IP6:
            return tupleField(NFT_CT_SRC, reply, NFPROTO_IPV6);
        case NFT_CT_DST:
            if (reply) return unknownField();
            return address(family, Field::OriginalDestination4, Field::OriginalDestination6);
        case NFT_CT_DST_IP:
            return tupleField(NFT_CT_DST, reply, NFPROTO_IPV4);
        case NFT_CT_DST_IP6:
            return tupleField(NFT_CT_DST, reply, NFPROTO_IPV6);
        case NFT_CT_PROTO_SRC:
            return number(reply ? Field::ReplySourcePort : Field::OriginalSourcePort, 2, false);
        case NFT_CT_PROTO_DST:
            return reply ? unknownField(2) : number(Field::OriginalDestinationPort, 2, false);
        default:
            return unknownField();
    }
}

}  // namespace

std::vector<Piece> payloadFields(std::uint32_t base, std::uint32_t offset, std::uint32_t size,
                                 const Headers& headers) {
    size = std::min<std::uint32_t>(size, Registers::kSize);
    const bool transport = base == NFT_PAYLOAD_TRANSPORT_HEADER;
    if (transport && headers.transport && !isOfPackets(*headers.transport))
        return {whole(size, Field::OfOtherPackets)};
    if (base == NFT_PAYLOAD_LL_HEADER && offset == ETH_ALEN * 2 && size == 2)
        return {{0, 2, etherType().octets}};
    std::span<const HeaderField> places;
    if (transport) places = transportFields(headers);
    if (base == NFT_PAYLOAD_NETWORK_HEADER) places = networkFields(offset, size, headers.family);
    std::vector<Piece> pieces;
    std::uint32_t reached = 0;
    const auto fill = [&](std::uint32_t to) {
        if (to > reached)
            pieces.push_back({static_cast<std::uint8_t>(reached),
                              static_cast<std::uint8_t>(to - reached), FieldOctets{}});
    };
    if (offset > 0xffff) places = {};
    for (const HeaderField& place : places) {
        if (place.offset + place.size <= static_cast<int>(offset) || place.offset >= offset + size)
            continue;
        const Piece piece = part(place, offset, offset + size);
        fill(piece.at);
        pieces.push_back(piece);
        reached = piece.at + std::uint32_t{piece.size};
    }
    fill(size);
    return pieces;
}

Loaded metaField(std::uint32_t key) {
    switch (key) {
        case NFT_META_PROTOCOL:
            return etherType();
        case NFT_META_MARK:
            return number(Field::Mark, 4);
        case NFT_META_IIF:
            return number(Field::InIndex, 4);
        case NFT_META_OIF:
            return number(Field::OutIndex, 4);
        case NFT_META_IIFNAME:
            return name(Field::InInterface);
        case NFT_META_OIFNAME:
            return name(Field::OutInterface);
        case NFT_META_NFPROTO:
            return number(Field::Family, 1);
        case NFT_META_L4PROTO:
            return number(Field::TransportProtocol, 1);
        case NFT_META_PKTTYPE:
            return number(Field::PacketType, 1);
        default:
            return unknownField();
    }
}

Loaded flowField(std::uint32_t key, std::optional<std::uint8_t> direction, const Headers& headers) {
    switch (key) {
        case NFT_CT_STATE:
            return number(Field::FlowState, 4);
        case NFT_CT_DIRECTION:
            return number(Field::FlowDirection, 1);
        case NFT_CT_STATUS:
            return number(Field::FlowStatus, 4);
        case NFT_CT_MARK:
            return number(Field::FlowMark, 4);
        case NFT_CT_L3PROTOCOL:
            return number(Field::Family, 1);
        case NFT_CT_PROTOCOL:
            return number(Field::FlowProtocol, 1);
        default:
            return direction ? tupleField(key, *direction != 0, headers.family) : unknownField();
    }
}

Loaded routeField(std::uint32_t result, std::uint32_t flags) {
    const bool source = (flags & NFTA_FIB_F_SADDR) != 0;
    if (result == NFT_FIB_RESULT_ADDRTYPE)
        return number(source ? Field::SourceType : Field::DestinationType, 4);
    if (!source) return unknownField();
    Loaded loaded = number(Field::ReverseRoute, 4);
    if ((flags & NFTA_FIB_F_PRESENT) != 0) {
        loaded = number(Field::ReverseRoute, 1);
        loaded.octets.coding = Coding::Presence;
    } else if (result == NFT_FIB_RESULT_OIFNAME) {
        loaded = name(Field::ReverseRoute);
        loaded.octets.coding = Coding::Name;
    }
    return loaded;
}

Loaded unknownField(std::uint8_t size) {
    return {FieldOctets{}, size};
}

}  // namespace igd::inspect
