// SPDX-License-Identifier: GPL-2.0-or-later
// The administrator sees on the page what waits for a yes, and says it there.
#pragma once

#include "admin_approvals.h"
#include "host_names.h"

#include "upnpd/portmap/gateway.h"

namespace igd {

/// Puts what waits into `overview`, the newest first; with `only` what waits of that host alone.
void showWaiting(Overview& overview, const ApprovalParts& parts, const HostNames& names,
                 const Host* only, TimePoint now);

/// Says yes to a host, or takes its yes back and ends what it has open. Returns Done. Errors:
/// NotFound (it is on no network of an internal interface, or there is nothing to say yes to, or to
/// take back).
[[nodiscard]] GatewayReply judgeHost(const ApprovalParts& parts, const ApproveHost& request,
                                     TimePoint now);

}  // namespace igd
