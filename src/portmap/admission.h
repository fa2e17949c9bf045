// SPDX-License-Identifier: GPL-2.0-or-later
// The one door of the core: every new opening, every renewal and change, by whatever protocol, and
// whatever is restored or stands when the configuration is read again, passes admit().
#pragma once

#include "ledger.h"

#include "upnpd/portmap/openings.h"

#include <optional>

namespace igd {

/// Says what becomes of an opening that is admitted.
struct Admitted {
    bool isNew = false;      ///< it counts in the host's quota
    bool holdsPort = false;  ///< the host has the external port already
};

/// Returns `asked` for the port that is `distance` behind its first.
[[nodiscard]] Asked portOf(const Asked& asked, unsigned distance);

class Admission {
public:
    Admission(FirewallBackend& firewall, PortInUse portInUse, Approval approval = {},
              const PortsAbove* above = nullptr)
        : firewall_(firewall),
          portInUse_(std::move(portInUse)),
          approval_(std::move(approval)),
          above_(above) {}

    /// Returns why `asked`, or one of its ports, is refused; nullopt: it is admitted. Errors:
    /// NotAuthorized, NoExternalAddress, NoInternalAddress, Conflict, PortInUse, QuotaExceeded,
    /// TableFull, NotApproved. Lines, quotas and approval are for clients, not for the
    /// administrator.
    [[nodiscard]] std::optional<Refusal> admit(const Policy& policy, const Asked& asked,
                                               const Ledger& ledger, Admitted what) const;

    /// Returns why packets to the one port of `asked` would not reach it: the administrator's
    /// firewall stops them. Errors: NotAuthorized.
    [[nodiscard]] std::optional<Refusal> refusesWay(const Asked& asked) const;

    /// Returns why `client` may not have that external port as far as others are concerned: its
    /// holder, the holder of the other protocol's port (RFC 6886 section 3.3), the router's own
    /// services, the administrator's own rules, reserved ports. Errors: Conflict, PortInUse.
    [[nodiscard]] std::optional<Refusal> refusesPort(const Policy& policy, const MappingKey& key,
                                                     const Host& client,
                                                     const Ledger& ledger) const;

    /// Returns whether a gateway above is asked for each port.
    [[nodiscard]] bool isAskedAbove() const { return above_ != nullptr && above_->isAsked(); }
    /// Returns why no external port is to be had at present, whichever it is. Errors:
    /// NoExternalAddress, TableFull.
    [[nodiscard]] std::optional<Refusal> refusesNew() const;
    /// Returns why that port is not to be had from the gateway above. Errors: Conflict, and those
    /// of refusesNew().
    [[nodiscard]] std::optional<Refusal> refusesAbove(const MappingKey& key) const;
    /// Returns the port that the gateway above has offered in place of that one.
    [[nodiscard]] std::optional<Port> offeredFor(const MappingKey& key) const;

private:
    [[nodiscard]] std::optional<Refusal> refusesUse(const Policy& policy,
                                                    const MappingKey& key) const;
    [[nodiscard]] std::optional<Refusal> refusesOne(const Policy& policy, const Asked& asked,
                                                    const Ledger& ledger, Admitted what) const;

    FirewallBackend& firewall_;
    PortInUse portInUse_;
    Approval approval_;
    const PortsAbove* above_;
};

}  // namespace igd
