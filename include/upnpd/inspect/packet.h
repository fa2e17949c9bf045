// SPDX-License-Identifier: GPL-2.0-or-later
// A packet that does not exist yet, with what connection tracking knows of its flow, and the fields
// by which rules look at it.
#pragma once

#include "upnpd/inspect/word.h"
#include "upnpd/net/ip_endpoint.h"

#include <cstdint>
#include <optional>
#include <string>

namespace igd::inspect {

enum class Truth : std::uint8_t { No, Yes, Unknown };

/// The fields of a packet, of its way and of its flow that rules name. `4` and `6`: a packet of the
/// other family has no such field.
enum class Field : std::uint8_t {
    InInterface,        ///< its name
    OutInterface,       ///< its name; empty before routing and for the router itself
    InIndex,            ///< number of the interface
    OutIndex,           ///<
    Family,             ///< 2: IPv4, 10: IPv6 (NFPROTO_*)
    TransportProtocol,  ///< 6, 17
    Source4,
    Source6,
    Destination4,
    Destination6,
    SourcePort,
    DestinationPort,
    TcpFlags,         ///< the octet with FIN 1, SYN 2, RST 4, PSH 8, ACK 16
    Fragment,         ///< offset and flags of IPv4's fragment word: always 0
    Mark,             ///< of the packet
    FlowMark,         ///< of the flow (connmark)
    FlowState,        ///< one bit of ct::k...
    FlowStatus,       ///< bits of IPS_* (linux/netfilter/nf_conntrack_common.h)
    FlowDirection,    ///< 0: as the flow's first packet, 1: back
    FlowProtocol,     ///< as TransportProtocol
    OriginalSource4,  ///< as the flow's first packet had it
    OriginalSource6,
    OriginalDestination4,
    OriginalDestination6,
    OriginalSourcePort,
    OriginalDestinationPort,
    ReplySource4,  ///< as the answers have it before they are translated
    ReplySource6,
    ReplySourcePort,
    DestinationType,  ///< RTN_* of linux/rtnetlink.h, by the router's routing tables
    SourceType,
    ReverseRoute,    ///< the number of the interface by which the source would be reached; not 0
    PacketType,      ///< 0: for us (linux/if_packet.h)
    OfOtherPackets,  ///< ICMP types, other transports' headers: no packet that is judged has it
    NotKnown,        ///< anything else
};

/// The bits of a flow's state (nft's `ct state`) and of its status.
namespace ct {
constexpr std::uint64_t kInvalid = 1, kEstablished = 2, kRelated = 4, kNew = 8, kUntracked = 64;
constexpr std::uint64_t kSourceNat = 16, kDestinationNat = 32;
}  // namespace ct

/// Kinds of addresses (linux/rtnetlink.h).
namespace rtn {
constexpr std::uint64_t kUnicast = 1, kLocal = 2, kMulticast = 5;
}  // namespace rtn

/// TCP's flags of a first packet, and of one in the midst of a flow.
namespace tcp {
constexpr std::uint8_t kSyn = 2, kAck = 16;
}  // namespace tcp

struct Packet {
    std::string in;
    std::string out;
    std::uint32_t inIndex = 0;   ///< 0: not known
    std::uint32_t outIndex = 0;  ///< 0: not known
    Protocol protocol{};
    IpEndpoint source;
    IpEndpoint destination;  ///< as translated so far
    /// The flow's first packet as its sender wrote it.
    IpEndpoint originalSource;
    IpEndpoint originalDestination;
    bool reply = false;  ///< goes back to the flow's sender
    bool fresh = true;   ///< the first packet of its flow; else the flow is established
    bool untracked = false;
    bool translated = false;   ///< the flow's destination was
    bool masqueraded = false;  ///< the flow's source was
    std::uint64_t destinationType = rtn::kUnicast;
    std::optional<std::uint32_t> mark = 0;      ///< nullopt: nobody knows
    std::optional<std::uint32_t> flowMark = 0;  ///< nullopt: nobody knows
    bool opened = false;                        ///< of an opening of ours: our rules let it pass
    /// Address and port of the destination stand for any: what depends on them is not known.
    bool anyDestination = false;

    [[nodiscard]] bool isIpv6() const {
        return std::holds_alternative<Ipv6Address>(destination.address);
    }
};

/// Returns what `packet` has in `field`. No: it has no such field, and a rule that asks for it does
/// not apply.
struct Reading {
    Truth known = Truth::Unknown;
    Word word;
};
[[nodiscard]] Reading read(const Packet& packet, Field field);

}  // namespace igd::inspect
