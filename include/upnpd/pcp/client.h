// SPDX-License-Identifier: GPL-2.0-or-later
// NAT-PMP (RFC 6886) and PCP (RFC 6887) as a client speaks them: requests out, answers in. It is
// pure: octets in, octets out.
#pragma once

#include "upnpd/pcp/responder.h"

#include <cstdint>
#include <optional>
#include <string>

namespace igd::pcp {

/// A mapping whose internal and external port are one number.
struct MapQuestion {
    Protocol protocol{};  ///< TCP or UDP
    Port port;
    Seconds lifetime{0};   ///< 0: the mapping is to end
    Nonce nonce{};         ///< PCP alone sends it
    Ipv4Address client;    ///< the address that it is sent from; PCP alone sends it
    bool exactly = false;  ///< another port is of no use (PREFER_FAILURE); PCP alone says it
};

/// RFC 6886 section 3.2
[[nodiscard]] Bytes natPmpAddressRequest();
/// RFC 6886 section 3.3
[[nodiscard]] Bytes natPmpMapRequest(const MapQuestion& question);
/// RFC 6887 section 14.1.1
[[nodiscard]] Bytes pcpAnnounceRequest(Ipv4Address client);
/// RFC 6887 section 11.1; the suggested address is left open.
[[nodiscard]] Bytes pcpMapRequest(const MapQuestion& question);

/// An answer of a server; the mapping's fields are there for Kind::Map alone.
struct ServerAnswer {
    enum class Kind : std::uint8_t {
        Address,   ///< NAT-PMP's external address
        Announce,  ///< PCP's
        Map,       ///< of either
        Refused,   ///< PCP is not spoken there (NAT-PMP's "unsupported version")
    };
    Kind kind{};
    bool isPcp = false;
    std::uint8_t result = 0;             ///< 0: success; the codes differ between the two
    std::uint32_t epoch = 0;             ///< in seconds
    std::optional<Protocol> protocol{};  ///< of the mapping
    Port internalPort{};
    Port externalPort{};                    ///< 0 in an error
    std::optional<Ipv4Address> external{};  ///< nullopt: none is told
    Seconds lifetime{0};                    ///< with an error of PCP: how long it holds
    Nonce nonce{};                          ///< of PCP
    bool operator==(const ServerAnswer&) const = default;
};

/// Reads an answer of either protocol, or an announcement. Returns nullopt for what is none: it is
/// to be dropped.
[[nodiscard]] std::optional<ServerAnswer> parseServerAnswer(Datagram datagram);

/// Returns what a result other than 0 means, for people ("NOT_AUTHORIZED").
[[nodiscard]] std::string nameOfResult(bool isPcp, std::uint8_t result);
/// Returns whether it is about that port alone, and another may be had (RFC 6887 section 7.4:
/// CANNOT_PROVIDE_EXTERNAL, or NOT_AUTHORIZED, by which a mapping of another nonce is kept).
[[nodiscard]] bool isAboutOnePort(const ServerAnswer& answer);

}  // namespace igd::pcp
