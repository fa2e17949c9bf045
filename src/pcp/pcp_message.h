// SPDX-License-Identifier: GPL-2.0-or-later
// This is the header of PCP, with the opcodes' fields (RFC 6887 sections 7.1, 7.2, 11.1 and 12.1).
#pragma once

#include "pcp_options.h"
#include "result_code.h"

#include "upnpd/pcp/responder.h"

namespace igd::pcp {

constexpr std::size_t kHeaderSize = 24;
constexpr std::size_t kMapSize = 60;
constexpr std::size_t kPeerSize = 80;

struct Header {
    std::uint8_t opcode{};
    Seconds lifetime{0};
    Ipv6Address client;
};
[[nodiscard]] Header parseHeader(Datagram datagram);

/// The fields of MAP, and the first part of PEER's.
struct MapFields {
    Nonce nonce{};
    std::uint8_t protocol{};
    Port internalPort;
    Port suggestedPort;
    std::optional<IpAddress> suggestedAddress;  ///< nullopt: all zero
};
[[nodiscard]] MapFields parseMap(Datagram datagram);

struct RemotePeer {
    Port port;
    IpAddress address;
};
[[nodiscard]] RemotePeer parseRemotePeer(Datagram datagram);

/// Returns the request as it comes back with an error: no longer than 1100 octets, with zeros up to
/// a multiple of 4.
[[nodiscard]] Bytes errorReply(Datagram request, ResultCode code, Seconds lifetime,
                               std::uint32_t epoch);

/// Returns the header of a success.
[[nodiscard]] Bytes successHeader(Opcode opcode, Seconds lifetime, std::uint32_t epoch);

/// Returns a success of MAP or PEER: the first `size` octets of `request` with what was assigned,
/// then `options`. nullopt for `external`: the suggestion.
[[nodiscard]] Bytes mappedReply(Datagram request, std::size_t size, Seconds lifetime,
                                std::uint32_t epoch, const std::optional<PortGrant>& external,
                                const Bytes& options);

}  // namespace igd::pcp
