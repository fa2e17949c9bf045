// SPDX-License-Identifier: GPL-2.0-or-later
// Openings that stand, judged again: after a restart, under a policy that was read again, and when
// the hardware address of their host becomes known. They pass the same admission as a renewal.
#pragma once

#include "rule_set.h"

namespace igd {

class Standing {
public:
    Standing(const Bench& bench, const Lans& lans, const ResolveHost& resolve)
        : bench_(bench), lans_(lans), resolve_(resolve) {}

    /// Stages the end of each claim of `opening` that is not admitted, with its own reason.
    void judge(const Opening& opening) const;
    /// Returns whether `opening`, made before the kernel knew its host, finds room in the host's
    /// account; if not, stages its end.
    [[nodiscard]] bool admitsTo(const Account& account, const Opening& opening) const;
    /// Stages shorter leases where one is longer than `igd` (UPnP's mappings) or `control` (PCP,
    /// NAT-PMP). UPnP's pinholes are left: no setting limits their lease (IGD-6FC-16). Returns
    /// whether something was shortened.
    [[nodiscard]] bool shorten(const Opening& opening, Seconds igd, Seconds control) const;

private:
    void end(Opening opening, std::vector<Claim> left, End why) const;
    /// Judges what can be judged of a client whose network is not there.
    [[nodiscard]] std::optional<Refusal> refusesUnserved(const Opening& opening,
                                                         const Claim& claim) const;
    [[nodiscard]] std::optional<Refusal> refuses(const Opening& opening, const Claim& claim) const;
    /// Judges the claims of clients, and the ports of the administrator's.
    [[nodiscard]] std::optional<Refusal> refusesAny(const Opening& opening,
                                                    const Claim& claim) const;

    const Bench& bench_;
    const Lans& lans_;
    const ResolveHost& resolve_;
};

/// Stages what makes `statics` the administrator's only mappings. His win over a client's.
void stageStatics(Transaction& transaction, std::span<const Opening> statics);

}  // namespace igd
