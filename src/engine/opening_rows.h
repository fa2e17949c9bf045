// SPDX-License-Identifier: GPL-2.0-or-later
// Answers what front ends ask for people: the rows of the page and its overview.
#pragma once

#include "events.h"
#include "host_names.h"
#include "opening_facts.h"
#include "status_json.h"

#include "upnpd/ipc/messages.h"

#include <functional>

namespace igd {

struct ShownParts {
    StatusParts status;
    Events& events;
    HostNames& names;
    FactsOf facts;
    std::function<bool()> forwardsPackets;  ///< whether the host is a router
};

/// Returns OpeningRows or an Overview. With `page = own`, or `list_mappings = own`, a
/// requester sees what leads to it and what was refused to it, and nothing else. Errors:
/// NotAuthorized (`page = none`, or something else is asked for).
[[nodiscard]] GatewayReply answerToPeople(const ShownParts& parts, const GatewayRequest& request,
                                          const Host& requester, TimePoint now);

/// Returns sentences about what is wrong, at most kMaxRows of kMaxSentence octets each.
[[nodiscard]] std::vector<std::string> healthSentences(const ShownParts& parts);

}  // namespace igd
