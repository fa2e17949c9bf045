// SPDX-License-Identifier: GPL-2.0-or-later
// The rules of NAT-PMP and PCP (RFC 6886, RFC 6887): clients name an internal end, and it is found,
// or given, an external port. Over IPv6 the external end is the internal one. Stateless; each
// stages what it grants.
#pragma once

#include "port_sets.h"
#include "rule_set.h"

#include "upnpd/portmap/port_control.h"

namespace igd {

/// A refusal, and what the protocol tells of the opening that stands in the way.
struct PortDenial {
    Refusal refusal;
    Seconds lifetime{0};
    Port externalPort{};
};
using PortJudged = tl::expected<PortGrant, PortDenial>;

class PcpRules {
public:
    PcpRules(const Bench& bench, const External& external) : bench_(bench), external_(external) {}

    /// MAP, and NAT-PMP's mapping request: a new opening, or a claim on the one that leads to the
    /// internal end already. A set of ports (RFC 7753) is one opening: it has as many of the ports
    /// as can be had in a row, and is renewed and ended whole, whichever of its ports is named.
    /// NAT-PMP and UPnP have no word for it, and get no claim on it. Errors: those of admit(),
    /// NotAuthorized (another nonce), Conflict (the exact port is not to be had), TooManyFilters,
    /// NoExternalAddress, TableFull.
    [[nodiscard]] PortJudged map(const PortRequest& request, const Parties& parties) const;
    /// Takes away the protocol's claim on one opening, or on all that the requester may end (RFC
    /// 6887 section 15, RFC 6886 section 3.4). Errors: NotAuthorized.
    [[nodiscard]] PortJudged unmap(const PortRelease& request, const Parties& parties) const;

private:
    [[nodiscard]] PortJudged mapNew(const PortRequest& request, const Parties& parties) const;
    [[nodiscard]] PortJudged mapAgain(const Opening& present, const PortRequest& request,
                                      const Parties& parties) const;
    [[nodiscard]] tl::expected<PortSet, PortDenial> choosePorts(const PortRequest& request,
                                                                const Parties& parties,
                                                                std::uint16_t count) const;
    [[nodiscard]] std::size_t portsMovedBy(const PortRequest& request,
                                           const Parties& parties) const;
    [[nodiscard]] std::uint16_t countFor(const PortRequest& request, const Parties& parties) const;
    [[nodiscard]] bool hasExact(const PortRequest& request, const Asked& asked,
                                std::span<const PortRange> permitted) const;
    [[nodiscard]] PortGrant grantOf(const Opening& opening, const PortRequest& request,
                                    Seconds lease) const;
    [[nodiscard]] PortJudged claim(Opening opening, const PortRequest& request,
                                   const Parties& parties) const;
    [[nodiscard]] std::vector<const Opening*> leadingTo(Origin origin, Protocol protocol,
                                                        const IpEndpoint& internal) const;
    [[nodiscard]] const Opening* presentFor(const PortRequest& request) const;
    [[nodiscard]] PortJudged unmapAll(const PortRelease& request) const;
    [[nodiscard]] bool end(const Opening& opening, const PortRelease& request) const;
    [[nodiscard]] IpAddress externalAddressOf(const Opening& opening) const;
    [[nodiscard]] bool isElsewhere(const PortRequest& request) const;

    const Bench& bench_;
    const External& external_;
};

}  // namespace igd
