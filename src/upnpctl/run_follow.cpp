// SPDX-License-Identifier: GPL-2.0-or-later
// The commands that go on until somebody stops them: `watch` and `top`.
#include "event_text.h"
#include "interruption.h"
#include "rates.h"
#include "run.h"

#include <chrono>

namespace igd::ctl {
namespace {

using namespace std::chrono_literals;
using Woken = Interruption::Woken;

constexpr auto kForEver = 1h;  // then it is waited for again

std::int64_t unixTime() {
    return std::chrono::duration_cast<Seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

Outcome<std::vector<Json>> allOf(const Daemon& daemon) {
    auto all = daemon.openings();
    if (!all) return tl::unexpected(all.error());
    std::vector<Json> openings = std::move(all->mappings);
    openings.insert(openings.end(), all->pinholes.begin(), all->pinholes.end());
    openings.insert(openings.end(), all->flows.begin(), all->flows.end());
    return openings;
}

class Watcher {
public:
    explicit Watcher(const Session& session) : session_(session) {}

    /// Tells of events until somebody stops it, or the daemon ends.
    int follow(bool initial) {
        const Interruption interruption;
        auto daemon = listening();
        if (daemon && initial) tellOpenings();
        while (daemon && flush()) {
            const Woken woken = interruption.wait(daemon->descriptor(), kForEver);
            if (woken == Woken::Stopped) return 0;
            if (woken == Woken::Ready && !tellNext(*daemon)) daemon = again();
        }
        return daemon ? 0 : session_.failed(daemon.error());
    }

private:
    [[nodiscard]] Outcome<Daemon> listening() const {
        auto daemon = session_.daemon();
        if (!daemon) return daemon;
        if (const auto answer = daemon->ask("watch"); !answer)
            return tl::unexpected(answer.error());
        return daemon;
    }

    /// A daemon that has ended the connection may be there still: events came faster than they
    /// could be written.
    Outcome<Daemon> again() {
        auto daemon = listening();
        if (!daemon) return tl::unexpected(Failure{"upnpd has stopped", kNotRunning});
        tell({{"event", "lost"}, {"time", unixTime()}, {"text", "some events were lost"}});
        return daemon;
    }

    void tellOpenings() {
        const auto daemon = session_.daemon();
        const auto openings = daemon ? allOf(*daemon) : tl::unexpected(daemon.error());
        if (!openings) return;
        for (const Json& each : *openings)
            tell({{"event", "present"}, {"time", unixTime()}, {"opening", each}});
    }

    bool tellNext(const Daemon& daemon) {
        const auto event = daemon.event();
        if (event && event->is_object()) tell(*event);
        return event.has_value();
    }

    void tell(const Json& event) {
        say(session_.json() ? lineOf(event) : eventText(event, session_.screen()));
    }

    const Session& session_;
};

std::string topJson(const std::vector<Used>& used) {
    Json openings = Json::array();
    for (const Used& each : used) {
        Json opening = each.opening;
        opening["rate"] = each.rate ? Json(*each.rate) : Json();
        openings.push_back(std::move(opening));
    }
    return lineOf({{"ok", true}, {"schema", 1}, {"openings", std::move(openings)}});
}

}  // namespace

int run(const Session& session, const Watch& watch) {
    return Watcher{session}.follow(watch.initial);
}

int run(const Session& session, const Top& top) {
    const Interruption interruption;
    const auto interval = top.interval.value_or(2s);
    const Screen& screen = session.screen();
    const bool isLive = screen.lines && !session.json();
    return session.withDaemon([&](const Daemon& daemon) {
        Rates rates;
        auto openings = allOf(daemon);
        if (openings) (void)rates.take(*openings, Clock::now());
        for (std::uint32_t left = top.times.value_or(0); openings;) {
            if (interruption.wait(-1, interval) == Woken::Stopped) return 0;
            openings = allOf(daemon);
            if (!openings) break;
            const auto used = rates.take(*openings, Clock::now());
            if (isLive) say("\x1b[H\x1b[J");  // the cursor goes home, and the rest is cleared
            say(session.json() ? topJson(used) : ratesText(used, unixTime(), screen));
            if (!flush() || (top.times && --left == 0)) return 0;
        }
        return session.failed(openings.error());
    });
}

}  // namespace igd::ctl
