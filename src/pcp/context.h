// SPDX-License-Identifier: GPL-2.0-or-later
// Each opcode's code gets this of a request.
#pragma once

#include "upnpd/pcp/responder.h"

#include <memory>

namespace igd::pcp {

/// A request on its way. Copies share nothing but the functions, and the objects that it refers to
/// outlive the answer.
struct Context {
    const ResponderConfig& config;
    const ResponderParts& parts;
    IpAddress source;
    HostKey host;  ///< whose address that is
    Responder::Reply reply;

    [[nodiscard]] std::uint32_t epoch() const {
        return epochTime(parts.state().epochStart, parts.now());
    }
    /// Asks the gateway; `answered` is called once, at once or later.
    void ask(const GatewayRequest& request, std::function<void(const PortAnswer&)> answered) const;
};

/// Answers NAT-PMP, version 0 (RFC 6886).
[[nodiscard]] Dropped receiveNatPmp(Datagram datagram, const Context& context);
/// Returns the answer of RFC 6886 section 3.5 to a client that speaks another version to a server
/// of NAT-PMP alone.
[[nodiscard]] Bytes natPmpUnsupportedVersion(std::uint32_t epoch);

/// Answers PCP, version 2 (RFC 6887). `probes` limits what a client may find out about free ports.
[[nodiscard]] Dropped receivePcp(Datagram datagram, const Context& context, FairLimit& probes);
/// Returns the answer to a version that is none of ours (RFC 6887 section 9).
[[nodiscard]] Bytes pcpUnsupportedVersion(Datagram datagram, std::uint32_t epoch);

}  // namespace igd::pcp
