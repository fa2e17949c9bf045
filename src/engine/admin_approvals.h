// SPDX-License-Identifier: GPL-2.0-or-later
// Answers what upnpctl(8) asks about approval:
//   approvals | approve HOST | unapprove HOST
// HOST is an address on an internal network or a hardware address. Without its yes a host also
// loses what it has open.
#pragma once

#include "approvals.h"
#include "explanation.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

struct ApprovalParts {
    Approvals& approvals;
    Openings& openings;
    const HostsOfLans& hosts;
    std::function<ApprovalMode()> mode;
};

/// Returns the account that `text` names: a hardware address, or an address of a host; nullopt: it
/// names none.
[[nodiscard]] std::optional<HostKey> hostNamed(const HostsOfLans& hosts, std::string_view text);

/// Says yes to a host, or takes its yes back and ends what it has open. Returns the members of the
/// answer; the error is a sentence.
[[nodiscard]] tl::expected<nlohmann::json, std::string> approve(const ApprovalParts& parts,
                                                                const HostKey& host, bool yes,
                                                                TimePoint now);

/// Returns the members of the answer to `approvals`: {"mode": "new-hosts", "waiting": [{"host",
/// "address", "what", "via", "ago", "count"}], "hosts": [{"host", "protocol", "port", "since"}]}.
[[nodiscard]] nlohmann::json approvalsJson(const ApprovalParts& parts, TimePoint now);

}  // namespace igd
