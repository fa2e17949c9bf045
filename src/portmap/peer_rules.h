// SPDX-License-Identifier: GPL-2.0-or-later
// PCP's PEER (RFC 6887 section 12): a flow that a client begins is made, or kept, in the kernel's
// list of flows. Each request is a transaction of its own, for the kernel may say that the external
// port is another flow's, and then the next is tried.
#pragma once

#include "pcp_rules.h"

#include "upnpd/portmap/port_control.h"

namespace igd {

class PeerRules {
public:
    PeerRules(const Bench& bench, FirewallBackend& firewall, const External& external)
        : bench_(bench), firewall_(firewall), external_(external) {}

    /// Stages and commits. The end of a claim is never brought forward (RFC 6887 section 12.3).
    /// Errors: those of admit(), NotAuthorized (another nonce, no remote host), Conflict,
    /// NoExternalAddress, Backend.
    [[nodiscard]] PortJudged peer(const PeerRequest& request, const Parties& parties) const;

private:
    struct Candidate {
        Opening opening;
        bool mayMove = false;  ///< any other external port will do
    };
    [[nodiscard]] std::optional<Refusal> refusesRemote(const PeerRequest& request,
                                                       const Parties& parties) const;
    [[nodiscard]] Candidate candidateFor(const PeerRequest& request, const Parties& parties) const;
    /// Has that external port taken, or says why not.
    [[nodiscard]] std::optional<Refusal> attempt(const Opening& opening, bool isNew,
                                                 const PeerRequest& request,
                                                 const Parties& parties) const;
    [[nodiscard]] PortJudged make(Candidate candidate, const PeerRequest& request,
                                  const Parties& parties) const;
    [[nodiscard]] bool holdsPort(const Opening& opening) const;
    [[nodiscard]] PortGrant grantOf(const Opening& opening, Seconds lease) const;

    const Bench& bench_;
    FirewallBackend& firewall_;
    const External& external_;
};

}  // namespace igd
