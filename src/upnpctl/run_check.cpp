// SPDX-License-Identifier: GPL-2.0-or-later
// `check`: facts of the host and of the daemon are judged.
#include "check.h"
#include "daemon_facts.h"
#include "live_check.h"
#include "run.h"
#include "slow_facts.h"

#include <fmt/format.h>

#include <cstdio>

namespace igd::ctl {
namespace {

/// The daemon that runs knows best what it serves; the file counts where none runs.
Outcome<Facts> factsOf(const Session& session) {
    const auto daemon = session.daemon();
    const auto& settings = session.settings();
    const auto status = daemon ? daemon->status() : tl::unexpected(daemon.error());
    const auto running = status ? serviceOf(*status) : std::nullopt;
    if (!running && !settings.service)
        return tl::unexpected(Failure{settings.service.error(), kMisused});
    const ControlSettings::Service& service = running ? *running : *settings.service;
    Facts facts = lookAtHost({service.external, service.external6, service.internal});
    addUplinks(facts, service.uplinks, service.markBits);
    facts.externalPorts = service.externalPorts;
    facts.upnp = service.upnp;
    facts.portControl = service.portControl;
    facts.pcp = service.pcp;
    if (status) {
        addDaemon(facts, *daemon, *status);
    } else {
        facts.notes.push_back(status.error().text);
        addTaken(facts, service);
    }
    addSlowFacts(facts);
    return facts;
}

}  // namespace

int run(const Session& session, const Check& what) {
    const auto facts = factsOf(session);
    if (!facts) return session.failed(facts.error());
    if (what.live && !session.json()) {
        say(fmt::format("waiting for a packet to {} for {} s: let the friend try now\n",
                        facts->external.text(), what.live->count()));
        std::fflush(stdout);
    }
    const auto lines =
        what.live ? checkLive(*facts, what.keys, *what.live) : check(*facts, what.keys);
    say(session.json() ? lineOf(checkJson(lines)) : checkText(lines));
    return checkStatus(lines);
}

}  // namespace igd::ctl
