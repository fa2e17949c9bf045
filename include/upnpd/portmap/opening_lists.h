// SPDX-License-Identifier: GPL-2.0-or-later
// OpeningLists shows the ledger to those who may not change it: clients, the administrator, and
// the engine's other parts.
#pragma once

#include "upnpd/portmap/opening.h"
#include "upnpd/portmap/policy.h"
#include "upnpd/portmap/port_control.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace igd {

class Ledger;

class OpeningLists {
public:
    OpeningLists(const Ledger& ledger, const Policy& policy) : ledger_(ledger), policy_(policy) {}

    /// For a client, which sees any port of a set by itself. Errors: NotFound, NotAuthorized.
    [[nodiscard]] Result<MappingView> find(const MappingKey& key, const Host& requester,
                                           TimePoint now) const;
    /// Counts only what `requester` may read (list_mappings), a set once. Errors: IndexOutOfRange.
    [[nodiscard]] Result<MappingView> at(std::uint32_t index, const Host& requester,
                                         TimePoint now) const;
    /// Returns those of the range that the requester may read, by port, `limit` at most; a set
    /// once, as its first port in the range. Errors: NotFound.
    [[nodiscard]] Result<std::vector<MappingView>> range(const RangeRequest& request,
                                                         const Host& requester, std::size_t limit,
                                                         TimePoint now) const;

    /// Returns the client of a pinhole; nullopt: there is none with that id.
    [[nodiscard]] std::optional<IpAddress> clientOf(PinholeId id) const;
    /// Returns the clients that something leads to, each once.
    [[nodiscard]] std::vector<IpAddress> clients() const;

    /// For the administrator: at most `most` of one kind, in the order in which they were made,
    /// from the place `from` on.
    [[nodiscard]] std::vector<Opening> page(OpeningKind kind, std::size_t from,
                                            std::size_t most) const;
    /// For people: at most `most` of all kinds, in the order in which they were made, from the
    /// place `from` on; with `host` only those that are its own. `total`: so many there are.
    struct Part {
        std::vector<Opening> openings;
        std::size_t total = 0;
    };
    [[nodiscard]] Part part(std::size_t from, std::size_t most, const Host* host) const;
    [[nodiscard]] std::vector<Opening> all() const;
    [[nodiscard]] std::size_t count(OpeningKind kind) const;
    [[nodiscard]] std::size_t size() const;

private:
    const Ledger& ledger_;
    const Policy& policy_;
};

}  // namespace igd
