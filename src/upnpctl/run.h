// SPDX-License-Identifier: GPL-2.0-or-later
// Carries out the commands of upnpctl(8): each overload returns the exit status.
#pragma once

#include "commands.h"
#include "session.h"

namespace igd::ctl {

int run(const Session& session, const Status& status);
int run(const Session& session, const List& list);
int run(const Session& session, const ShowOne& show);
int run(const Session& session, const Check& check);
int run(const Session& session, const Explain& asked);
int run(const Session& session, const Acl& acl);
int run(const Session& session, const Watch& watch);
int run(const Session& session, const Top& top);
int run(const Session& session, const ShowConfig& config);
int run(const Session& session, const Metrics& metrics);
int run(const Session& session, const Add& add);
int run(const Session& session, const Delete& what);
int run(const Session& session, const Approve& approve);
int run(const Session& session, const Block& block);
int run(const Session& session, const PagePassword& password);
int run(const Session& session, const SetLog& log);
int run(const Session& session, const Promote& promote);
int run(const Session& session, const Demote& demote);
int run(const Session& session, const Sync& sync);
int run(const Session& session, const Reload& reload);
int run(const Session& session, const Complete& complete);
int run(const Session& session, const Version& version);
int run(const Session& session, const Help& help);

}  // namespace igd::ctl
