// SPDX-License-Identifier: GPL-2.0-or-later
// The lead: who writes. Whoever takes it gives it a token that is larger than all before.
#pragma once

#include "connection.h"
#include "row_decoder.h"

#include "upnpd/store/store_messages.h"

#include <functional>
#include <string>
#include <variant>

namespace igd::redis {

/// A daemon that wants the lead, or believes to have it.
struct Candidate {
    std::string name{};
    std::uint64_t instance = 0;
    std::uint64_t token = 0;  ///< of the lead that it had when it was last here; 0: none
    store::UnixTime since = 0;
    store::UnixTime now = 0;
};

/// The lead, as it stands in the store.
struct LeadRecord {
    std::uint64_t token = 0;
    std::uint64_t instance = 0;
    store::UnixTime taken = 0;
    std::string name{};
};

enum class LeadRight : std::uint8_t {
    Has,   ///< the lead is its own still
    Take,  ///< it may take it
    Lost,  ///< another daemon has taken it since
};
/// Judges the right of `candidate`. One that comes at once takes the lead, whoever has it: somebody
/// wanted it so. One that took it while the store was away gives way to whoever took it later; the
/// clocks of both are taken to agree. A store that has lost its data has lost the lead as well.
[[nodiscard]] LeadRight judge(const Candidate& candidate, const LeadRecord& record);

struct TakenLead {
    store::Led led{};
    EntryId entry{};  ///< the stream's entry that says so; the least: it was there before
};
/// Gives the lead, who has it instead, or why the store does not say.
using LeadOutcome = std::variant<TakenLead, store::Leader, std::string>;
/// Takes the lead if `candidate` may. `done` is not called when the connection is lost.
void takeLead(Connection& connection, const Candidate& candidate,
              std::function<void(const LeadOutcome&)> done);

/// Asks who has the lead: the answers go to leadIn() and leftIn().
[[nodiscard]] std::vector<Command> leadQuestion();
[[nodiscard]] LeadRecord leadIn(const std::vector<Reply>& answers);
/// Returns what whoever has it leaves to the next one.
[[nodiscard]] store::KeepEpoch leftIn(const std::vector<Reply>& answers);

}  // namespace igd::redis
