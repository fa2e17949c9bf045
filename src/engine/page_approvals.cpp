// SPDX-License-Identifier: GPL-2.0-or-later
#include "page_approvals.h"

#include "upnpd/util/text.h"

namespace igd {

void showWaiting(Overview& overview, const ApprovalParts& parts, const HostNames& names,
                 const Host* only, TimePoint now) {
    overview.asksAdministrator = parts.mode() != ApprovalMode::Off;
    if (!overview.asksAdministrator) return;
    const auto& all = parts.approvals.waiting(now);
    for (auto each = all.rbegin(); each != all.rend(); ++each) {
        if (only != nullptr && each->host != accountOf(*only)) continue;
        if (overview.waiting.size() >= kMaxWaiting) return;
        overview.waiting.push_back({.ago = std::chrono::floor<Seconds>(now - each->at),
                                    .via = each->via,
                                    .requester = each->address,
                                    .hostName = names.nameOf(each->address),
                                    .what = cleanUtf8(each->what, kMaxSentence),
                                    .reason = {},
                                    .count = each->count});
    }
}

GatewayReply judgeHost(const ApprovalParts& parts, const ApproveHost& request, TimePoint now) {
    const auto host = hostNamed(parts.hosts, toString(request.host));
    if (!host || !approve(parts, *host, request.yes, now)) return MappingError::NotFound;
    return Done{};
}

}  // namespace igd
