// SPDX-License-Identifier: GPL-2.0-or-later
// A change of some openings, all or nothing. stage() changes the ledger, so that what is asked
// later in the same batch sees it; commit() makes one change of the kernel, then writes the log and
// tells the observer. A transaction that is not committed, or that the kernel refuses, puts the
// ledger back as it was: the daemon has one thread, so nobody sees the ledger in between.
//
// Rejected: a journal of steps that only pretends to commit, with a second walk that means it;
// every function had to ask which walk it was in.
#pragma once

#include "ledger.h"

#include "upnpd/portmap/observer.h"
#include "upnpd/portmap/ports_above.h"
#include "upnpd/util/log_limiter.h"

#include <string>
#include <vector>

namespace igd {

/// The ledger and those who hear of its changes.
struct Books {
    Ledger ledger{};
    FirewallBackend& firewall;
    OpeningObserver& observer;
    PortsAbove* above = nullptr;  ///< nullptr: no gateway above is asked
    LogLimiter log{};
    std::uint32_t systemUpdateId = 0;  ///< one more with each change of the list of mappings
};

class Transaction {
public:
    Transaction(Books& books, TimePoint now) : books_(books), now_(now) {}
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    /// Shows what was staged so far.
    [[nodiscard]] const Ledger& ledger() const { return books_.ledger; }
    [[nodiscard]] TimePoint now() const { return now_; }

    /// Stages `opening` as it is to be; without claims it ends. `end` says why claims are gone.
    /// Returns the opening in the ledger, or nullptr when it ends.
    const Opening* stage(Opening opening, std::optional<End> end = {});

    /// Counts the changes of mappings as one change of the list (IGD-Index-08).
    void countAsOne() { countAsOne_ = true; }

    /// Leaves flows of PEER that end to the kernel's own timeouts: their clients may still speak.
    void leaveFlows() { leaveFlows_ = true; }

    /// Makes commit() ask first whoever else has to agree, and not wait for it.
    void askFirst() { asksFirst_ = true; }
    /// Returns whether commit() has failed for want of an answer: the same change may be staged
    /// again a moment later.
    [[nodiscard]] bool isAwaited() const { return awaited_; }

    /// Carries out what was staged. Errors: Conflict (a flow's external port is another's),
    /// Backend; then ledger and kernel are as they were before.
    Result<void> commit();

private:
    struct Step {
        std::optional<Opening> before;
        std::optional<Opening> after;
        std::optional<End> end;
        [[nodiscard]] OpeningName name() const { return before ? before->name() : after->name(); }
    };
    void undo();
    [[nodiscard]] RuleDelta delta() const;
    [[nodiscard]] Result<void> ask(const RuleDelta& change);
    [[nodiscard]] bool isReadyAbove(const RuleDelta& change) const;
    [[nodiscard]] Result<void> changeKernel();
    void report(const Step& step);
    void write(const Step& step);

    Books& books_;
    TimePoint now_;
    std::vector<Step> steps_;
    bool countAsOne_ = false;
    bool leaveFlows_ = false;
    bool asksFirst_ = false;
    bool awaited_ = false;
};

/// Returns the rules of all openings.
[[nodiscard]] std::vector<Rule> rulesOf(const Ledger& ledger, TimePoint now);

}  // namespace igd
