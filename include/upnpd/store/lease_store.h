// SPDX-License-Identifier: GPL-2.0-or-later
// The seam to a store of leases that several daemons share. One of them leads: it answers clients,
// holds the rules and writes; the others follow: they keep in memory what it writes. Nothing here
// waits: answers come by callbacks, in the loop. The lease file is kept beside it.
#pragma once

#include "upnpd/portmap/opening.h"
#include "upnpd/util/time.h"

#include <tl/expected.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace igd {

/// Whoever leads says this to the next one, so that clients see one gateway.
struct Lead {
    std::uint64_t token = 0;  ///< one more with each daemon that takes the lead
    /// Since when NAT-PMP and PCP have lost nothing; nullopt: nobody has led before.
    std::optional<std::chrono::system_clock::time_point> epochStart{};
    std::uint32_t bootId = 0;  ///< the last BOOTID that was announced; the next one is larger
    std::string external{};    ///< the address that clients were told; empty: not known
    /// Since when the one before led, if it was this router; nullopt: it was another, or nobody.
    std::optional<std::chrono::system_clock::time_point> ledSince{};
};

/// The store for people.
struct LeaseStoreView {
    std::string name;          ///< "redis://192.168.1.3:6379/0"
    std::string problem{};     ///< why it is away; empty: it answers
    bool leads = false;        ///< this daemon writes
    std::uint64_t token = 0;   ///< of whoever leads; 0: nobody is known to
    std::string leader{};      ///< name of whoever leads; empty: nobody is known to
    std::size_t waiting = 0;   ///< changes that are to be written when it is back
    std::size_t openings = 0;  ///< in it, as far as is known
};

class LeaseStore {
public:
    struct Events {
        /// The store has been read whole: at the start, and each time that it is back.
        std::function<void()> read;
        /// Another daemon has taken the lead; `by` is its name. Nothing is written any more.
        std::function<void(const std::string& by)> replaced;
    };

    virtual ~LeaseStore() = default;

    /// Connects, reads all, and follows what others write from then on.
    virtual void start(Events events) = 0;
    /// Writes what waits, as far as that is possible within a second. Calls `done` once, in the
    /// loop.
    virtual void stop(std::function<void()> done) = 0;

    /// Takes the lead: `taken` is called once, in the loop, with what the one before has left, or
    /// with a sentence that says why the store does not answer. Then too this daemon leads: what it
    /// writes waits, and it is replaced if the store, when it is back, says that another has taken
    /// the lead later than that.
    using Taken = std::function<void(const tl::expected<Lead, std::string>&)>;
    virtual void lead(Taken taken) = 0;
    /// Gives the lead back; follows from then on.
    virtual void follow() = 0;
    /// Asks now whether this daemon leads still, for one that may have been stopped for a while.
    /// Calls `answered` once, in the loop: true: it does, or the store is away, so that nobody can
    /// say. Events::replaced comes before an answer that is false.
    virtual void confirm(std::function<void(bool leads)> answered) = 0;

    /// Keeps, or forgets, an opening. Does nothing unless this daemon leads.
    virtual void stored(const Opening& opening) = 0;
    virtual void ended(const Opening& opening) = 0;
    /// Keeps for the next one that leads since when nothing was lost, and the BOOTID announced.
    virtual void keep(std::chrono::system_clock::time_point epochStart, std::uint32_t bootId) = 0;
    /// Keeps for it the address that clients are told: with another one they have lost something.
    virtual void keepExternal(const std::string& /*address*/) {}

    /// Returns what the one that leads leaves to the next, as far as is known, also while the store
    /// is away.
    [[nodiscard]] virtual Lead known() const { return {}; }
    /// Returns what is in the store as far as is known, also while it is away: without the claims
    /// that have ended, in the order in which they were first written.
    [[nodiscard]] virtual std::vector<Opening> openings(TimePoint now) const = 0;
    [[nodiscard]] virtual LeaseStoreView view() const = 0;
    /// A child may have ended (SIGCHLD).
    virtual void childEnded() = 0;
};

}  // namespace igd
