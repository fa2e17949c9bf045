// SPDX-License-Identifier: GPL-2.0-or-later
// The seam to whoever keeps leases, tells clients of changes and lets people watch.
#pragma once

#include "upnpd/portmap/end_cause.h"
#include "upnpd/portmap/opening.h"

namespace igd {

/// An opening was granted, renewed or changed, or has lost a claim, or ended.
struct OpeningEvent {
    const Opening* before = nullptr;  ///< nullptr: it is new
    const Opening* after = nullptr;   ///< nullptr: it has ended
    const End* end = nullptr;         ///< why claims are gone; nullptr: none is
    bool renewed = false;             ///< the ends of its claims are all that has changed

    /// Returns it as it is, or as it was at its end.
    [[nodiscard]] const Opening& opening() const { return after != nullptr ? *after : *before; }
};

/// A request was refused.
struct RefusalEvent {
    Origin via{};
    Host requester;
    Host client;                         ///< for whom it was asked
    std::string what{};                  ///< "udp 3074 -> 192.168.1.10:3074"
    Port port{};                         ///< 0: it was about none, or about several
    std::optional<Protocol> protocol{};  ///< nullopt: likewise
    Port internalPort{};                 ///< of the host, where one was named
    MappingError error{};
    std::string reason{};  ///< a sentence that says which line, quota or rule decided
    std::string description{};
};

/// Told after each change has reached kernel and ledger, in their order.
class OpeningObserver {
public:
    virtual ~OpeningObserver() = default;
    /// `opening` is new, or has changed, or was renewed.
    virtual void openingStored(const Opening& opening) = 0;
    virtual void openingEnded(const Opening& opening) = 0;

    /// These two are for people: whoever only keeps openings does without them.
    virtual void happened(const OpeningEvent& /*event*/) {}
    virtual void refused(const RefusalEvent& /*event*/) {}
};

}  // namespace igd
