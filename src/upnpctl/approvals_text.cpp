// SPDX-License-Identifier: GPL-2.0-or-later
#include "approvals_text.h"

#include "members.h"
#include "table.h"
#include "units.h"

#include <fmt/format.h>

namespace igd::ctl {
namespace {

std::string agoText(const Json& request) {
    const auto ago = numberOf(request, "ago");
    const auto count = numberOf(request, "count").value_or(1);
    const std::string times = count > 1 ? fmt::format(" ({} times)", count) : "";
    return ago ? timeText(*ago) + " ago" + times : times;
}

/// A yes is for one port, or for all.
std::string portText(const Json& host) {
    const auto port = numberOf(host, "port");
    return port ? fmt::format("{} {}", textOf(host, "protocol", "?"), *port) : "";
}

std::string sinceText(const Json& host) {
    const auto since = numberOf(host, "since");
    return since ? dateText(*since) : textOf(host, "since");
}

}  // namespace

std::string approvalsText(const Json& approvals, const Screen& screen) {
    Table waiting{{{"WAITING"},
                   {"ADDRESS"},
                   {"NAME", false, true},
                   {"BY"},
                   {"ASKED FOR", false, true},
                   {"WHEN"}}};
    const Json requests = listOf(approvals, "waiting");
    for (const Json& each : requests)
        waiting.add({textOf(each, "host", "?"), textOf(each, "address"), textOf(each, "name"),
                     textOf(each, "via"), textOf(each, "what"), agoText(each)},
                    Tone::Waiting);
    waiting.dropEmptyColumns();
    Table approved{{{"APPROVED"}, {"NAME", false, true}, {"PORT"}, {"SINCE"}}};
    const Json hosts = listOf(approvals, "hosts");
    for (const Json& each : hosts)
        approved.add(
            {textOf(each, "host", "?"), textOf(each, "name"), portText(each), sinceText(each)});
    approved.dropEmptyColumns();
    return (requests.empty() ? "nobody waits\n" : waiting.text(screen)) +
           (hosts.empty() ? "" : "\n" + approved.text(screen));
}

}  // namespace igd::ctl
