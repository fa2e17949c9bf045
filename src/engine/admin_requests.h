// SPDX-License-Identifier: GPL-2.0-or-later
// Answers what upnpctl(8) asks the engine. A request is a line of words:
//   status | list FROM | pinholes FROM | flows FROM | delete PROTOCOL PORT |
//   close PROTOCOL CLIENT PORT | clear | sync | reload
// An answer is {"ok": true, "schema": 1, ...} or {"ok": false, "error": WORD, "text": SENTENCE}.
#pragma once

#include "reloader.h"
#include "repairs.h"

#include "upnpd/external/external_connection.h"
#include "upnpd/portmap/openings.h"
#include "upnpd/supervisor/front_ends.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

struct AdminParts {
    Openings& openings;
    const Repairs& repairs;
    const FirewallBackend& firewall;
    const ExternalConnection& external;
    std::function<std::vector<FrontEnds::Served>()> served;
    std::function<Result<void>()> clear;  ///< ends whatever clients have made
    std::function<Reloaded()> reload;     ///< reads the configuration again
    std::function<void()> lookAgain;      ///< at the rules, and at the external address
};

/// Returns the answer to `request`. `mayChange`: the peer may do more than look.
[[nodiscard]] std::string answerAdmin(const AdminParts& parts, std::string_view request,
                                      bool mayChange);

}  // namespace igd
