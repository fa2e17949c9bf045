// SPDX-License-Identifier: GPL-2.0-or-later
// Openings::Impl holds the state of Openings; the batch carries out what waits together.
#pragma once

#include "pcp_rules.h"
#include "peer_rules.h"
#include "standing.h"
#include "upnp_rules.h"

#include "upnpd/portmap/openings.h"

#include <functional>

namespace igd {

class Openings::Impl {
public:
    Impl(Policy inForce, OpeningsParts parts)
        : policy(std::move(inForce)),
          books{.firewall = parts.firewall, .observer = parts.observer, .above = parts.above},
          admission(parts.firewall, std::move(parts.portInUse), std::move(parts.approval),
                    parts.above),
          defaultLease(std::move(parts.defaultLease)) {}

    /// Notes that `opening` is `host`'s, who was seen. Returns it as it is then.
    Opening attribute(Opening opening, const Host& host);
    /// Ends those openings of that kind that `isMeant` says. Returns how many. Errors: Backend.
    Result<std::size_t> end(OpeningKind kind, const std::function<bool(const Opening&)>& isMeant,
                            const End& why, TimePoint now);

    Policy policy;
    Books books;
    Admission admission;
    PinholeIds pinholeIds{};
    DefaultLease defaultLease;
    External external{};
    std::vector<Ipv6Prefix> knownPrefixes{};  ///< that the LANs have, or had at the last look
};

class Openings::Batch {
public:
    Batch(Impl& impl, TimePoint now) : impl_(impl), now_(now) {}
    [[nodiscard]] std::vector<ChangeResult> apply(std::span<const Change> changes);
    [[nodiscard]] Outlook outlook(const Change& change);

private:
    struct Judgement {
        ChangeResult result;
        std::optional<Refusal> refusal{};
    };
    class Judge;
    [[nodiscard]] std::vector<Judgement> together(std::span<const Change> changes);
    [[nodiscard]] Judgement alone(const Change& change);
    void write(const Change& change, const Judgement& judgement);
    void remember(const Lan& lan);

    Impl& impl_;
    TimePoint now_;
};

}  // namespace igd
