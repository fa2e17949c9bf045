// SPDX-License-Identifier: GPL-2.0-or-later
// What upnpctl(8) may ask the engine, and the answers. A request is a line of words:
//   status | list FROM | pinholes FROM | delete PROTOCOL PORT | close PROTOCOL CLIENT PORT | clear
//   | sync | reload
// An answer is {"ok": true, "schema": 1, ...} or {"ok": false, "error": WORD, "text": SENTENCE}.
#pragma once

#include "pinhole_service.h"
#include "reload.h"
#include "repairs.h"

#include "upnpd/external/wan.h"
#include "upnpd/portmap/firewall.h"
#include "upnpd/portmap/port_mapper.h"
#include "upnpd/supervisor/front_ends.h"

#include <functional>
#include <string>
#include <string_view>

namespace igd {

struct ControlParts {
    PortMapper& mapper;
    const Repairs& repairs;
    const FirewallBackend& firewall;
    const Wan& wan;
    const FrontEnds& frontEnds;
    PinholeService* pinholes;             ///< nullptr: there are none
    std::function<Result<void>()> clear;  ///< ends whatever clients have made
    std::function<Reloaded()> reload;     ///< reads the configuration again
    std::function<void()> lookAgain;      ///< at the rules, and at the external address
};

/// `mayChange`: the peer may do more than look.
[[nodiscard]] std::string answerControl(const ControlParts& parts, std::string_view request,
                                        bool mayChange);

}  // namespace igd
