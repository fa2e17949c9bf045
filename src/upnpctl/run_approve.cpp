// SPDX-License-Identifier: GPL-2.0-or-later
// `approve` and `block`: who may open something.
#include "approvals_text.h"
#include "host_finder.h"
#include "members.h"
#include "run.h"

#include "upnpd/net/mac_address.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

namespace igd::ctl {
namespace {

/// Returns the host as the daemon names it: an administrator may say its name, its hardware address
/// or an address.
Outcome<std::string> hostOf(const Daemon& daemon, const Json& approvals, const std::string& word) {
    for (const char* const list : {"waiting", "hosts"})
        for (const Json& each : listOf(approvals, list))
            for (const char* const key : {"host", "address", "name", "mac"})
                if (equalsIgnoringCase(textOf(each, key), word)) return textOf(each, "host", word);
    if (parseIpAddress(word) || parseMacAddress(word)) return word;
    const auto address = addressOf(daemon, word);
    if (!address) return tl::unexpected(address.error());
    return toString(*address);
}

template <class Text>
int tell(const Session& session, const char* request, const std::string& word, const Text& text) {
    return session.withDaemon([&](const Daemon& daemon) {
        const auto approvals = daemon.ask("approvals");
        if (!approvals) return session.failed(approvals.error());
        const auto host = hostOf(daemon, *approvals, word);
        if (!host) return session.failed(host.error());
        return session.show(daemon.ask(fmt::format("{} {}", request, *host)),
                            [&](const Json& answer) { return text(*host, answer); });
    });
}

}  // namespace

int run(const Session& session, const Approve& approve) {
    if (!approve.host)
        return session.withDaemon([&](const Daemon& daemon) {
            return session.show(daemon.ask("approvals"), [&](const Json& approvals) {
                return approvalsText(approvals, session.screen());
            });
        });
    return tell(session, "approve", *approve.host, [](const std::string& host, const Json& answer) {
        return fmt::format("{} may open ports now; {} request(s) waited\n", host,
                           numberOf(answer, "approved").value_or(0));
    });
}

int run(const Session& session, const Block& block) {
    return tell(session, "unapprove", *block.host, [](const std::string& host, const Json& answer) {
        return fmt::format("{} has to be approved again; {} opening(s) ended\n", host,
                           numberOf(answer, "ended").value_or(0));
    });
}

}  // namespace igd::ctl
