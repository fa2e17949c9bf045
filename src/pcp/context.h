// SPDX-License-Identifier: GPL-2.0-or-later
// What each opcode's code is given of a request.
#pragma once

#include "upnpd/pcp/responder.h"

#include <memory>

namespace igd::pcp {

/// A request on its way. Copies share nothing but the functions; what they refer to outlives the
/// answer.
struct Context {
    const ResponderConfig& config;
    const ResponderParts& parts;
    IpAddress source;
    Responder::Reply reply;

    [[nodiscard]] std::uint32_t epoch() const {
        return epochTime(parts.state().epochStart, parts.now());
    }
};

/// NAT-PMP, version 0 (RFC 6886).
[[nodiscard]] Dropped receiveNatPmp(Datagram datagram, const Context& context);
/// RFC 6886 section 3.5, for whoever speaks another version to a server of NAT-PMP alone.
[[nodiscard]] Bytes natPmpUnsupportedVersion(std::uint32_t epoch);

/// PCP, version 2 (RFC 6887); `probes` limits what a client may find out of free ports.
[[nodiscard]] Dropped receivePcp(Datagram datagram, const Context& context, RateLimit& probes);
/// RFC 6887 section 9: a version that is none of ours.
[[nodiscard]] Bytes pcpUnsupportedVersion(Datagram datagram, std::uint32_t epoch);

}  // namespace igd::pcp
