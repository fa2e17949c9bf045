// SPDX-License-Identifier: GPL-2.0-or-later
// Answers what upnpctl(8) asks the engine. A request is a line of words:
//   status | list FROM | pinholes FROM | flows FROM | delete PROTOCOL PORT |
//   explain CLIENT PROTOCOL EXTERNAL-PORT INTERNAL-PORT | watch | config FROM |
//   outlook PROTOCOL EXTERNAL-PORT CLIENT INTERNAL-PORT |
//   add PROTOCOL EXTERNAL-PORT CLIENT INTERNAL-PORT SECONDS [DESCRIPTION] |
//   metrics FROM [openmetrics] | approvals | approve HOST | unapprove HOST |
//   find NAME-OR-HARDWARE-ADDRESS | close PROTOCOL CLIENT PORT | clear | sync | reload |
//   log DEBUG_MODE [SECONDS] | promote | demote
// `add` with 0 seconds has no end; `outlook` says what it would come to. After the answer to
// `watch` each event is an answer (events.h).
// An answer is {"ok": true, "schema": 1, ...} or {"ok": false, "error": WORD, "text": SENTENCE}.
#pragma once

#include "admin_approvals.h"
#include "events.h"
#include "explanation.h"
#include "host_names.h"
#include "log_switch.h"
#include "metrics.h"
#include "opening_facts.h"
#include "pair_requests.h"
#include "reloader.h"
#include "status_json.h"

#include "upnpd/admin/server.h"

#include <functional>
#include <string>
#include <string_view>

namespace igd {

struct AdminParts {
    StatusParts status;
    HostsOfLans hosts;
    Events& events;
    const Metrics& metrics;
    Approvals& approvals;
    HostNames& names;
    FactsOf facts;
    LogSwitch& log;
    std::function<Result<void>()> clear;  ///< ends whatever clients have made
    /// Reads the configuration again, and calls `done` once with what came of it.
    std::function<void(std::function<void(const Reloaded&)> done)> reload;
    std::function<void()> lookAgain;  ///< at the rules, and at the external address
    std::function<void()> applied;    ///< called after openings were changed
    PairParts pair{};
};

/// Calls `answered` with the answer to `request`: that to `reload`, and one with names of hosts,
/// may come later, and `watch` has one after another. `mayChange`: the caller may do more than
/// look.
void answerAdmin(const AdminParts& parts, std::string_view request, bool mayChange,
                 const ControlAnswer& answered);

}  // namespace igd
