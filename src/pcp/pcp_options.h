// SPDX-License-Identifier: GPL-2.0-or-later
// The options follow a request (RFC 6887 sections 7.3 and 13).
#pragma once

#include "result_code.h"

#include "upnpd/pcp/responder.h"

namespace igd::pcp {

enum class Opcode : std::uint8_t { Announce = 0, Map = 1, Peer = 2 };

/// The parts of the request and of the configuration that decide over an option.
struct OptionRules {
    Opcode opcode{};
    bool deletes = false;  ///< MAP with a lifetime of 0
    Port internalPort;     ///< of MAP
    Port suggestedPort;
    IpAddress source;
    bool mayActForOthers = false;
};

struct Options {
    std::optional<IpAddress> thirdParty;
    bool preferFailure = false;
    bool dropFilters = false;
    std::vector<PeerFilter> filters;
    std::string description;
    /// PORT_SET (RFC 7753). Its first port is the internal port of MAP, so that is not kept.
    struct Set {
        std::uint16_t count = 0;
        bool keepsParity = false;
    };
    std::optional<Set> set;
    Bytes echo;  ///< those that were understood, as they come back
};

/// Reads the options in their order; the first that does not fit decides. Errors: UnsuppOption,
/// MalformedOption, MalformedRequest.
[[nodiscard]] tl::expected<Options, ResultCode> parseOptions(Datagram bytes,
                                                             const OptionRules& rules);

/// Returns PORT_SET as an answer has it.
[[nodiscard]] Bytes portSetOption(const PortGrant& granted, bool keepsParity);

/// Returns whether the address is all zero, of either family.
[[nodiscard]] bool isUnspecified(const Ipv6Address& address);

}  // namespace igd::pcp
