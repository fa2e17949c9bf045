// SPDX-License-Identifier: GPL-2.0-or-later
#include "admin_approvals.h"

#include "upnpd/util/log.h"

#include <fmt/format.h>

namespace igd {
namespace {

using Json = nlohmann::json;

std::string_view nameOf(ApprovalMode mode) {
    switch (mode) {
        case ApprovalMode::Off:
            return "off";
        case ApprovalMode::NewHosts:
            return "new-hosts";
        case ApprovalMode::All:
            return "all";
    }
    return "off";
}

Json jsonOf(const Approvals::Waiting& waiting, TimePoint now) {
    return {{"host", toString(waiting.host)},
            {"address", toString(waiting.address)},
            {"what", waiting.what},
            {"via", name(waiting.via)},
            {"ago", std::chrono::floor<Seconds>(now - waiting.at).count()},
            {"count", waiting.count}};
}

Json jsonOf(const Approvals::Approved& approved, std::int64_t since) {
    Json json{{"host", toString(approved.host)}, {"since", since}};
    json["protocol"] = approved.protocol ? Json(lowerName(*approved.protocol)) : Json();
    json["port"] = approved.protocol ? Json(approved.port.value) : Json();
    return json;
}

}  // namespace

std::optional<HostKey> hostNamed(const HostsOfLans& hosts, std::string_view text) {
    if (const auto mac = parseMacAddress(text)) return *mac;
    const auto address = parseIpAddress(text);
    const Lan* const lan = address ? hosts.lans.of(*address) : nullptr;
    if (lan == nullptr) return std::nullopt;
    return accountOf(hosts.resolve(*lan, *address));
}

tl::expected<Json, std::string> approve(const ApprovalParts& parts, const HostKey& host, bool yes,
                                        TimePoint now) {
    if (parts.mode() == ApprovalMode::Off)
        return tl::unexpected(std::string{"nothing waits for a yes: approve = off"});
    if (yes) {
        const std::size_t count = parts.approvals.approve(host, now);
        log::change("approve: {} may open ports ({} request(s) waited)", toString(host), count);
        return Json{{"approved", count}};
    }
    const bool had = parts.approvals.unapprove(host);
    const auto ended = parts.openings.removeAllOf(host, now);
    if (!ended) return tl::unexpected(std::string{"the firewall did not take the change"});
    if (!had && *ended == 0)
        return tl::unexpected(fmt::format("{} had no yes and has nothing open", toString(host)));
    log::change("approve: {} may open nothing any more ({} opening(s) have ended)", toString(host),
                *ended);
    return Json{{"ended", *ended}};
}

Json approvalsJson(const ApprovalParts& parts, TimePoint now) {
    Json waiting = Json::array();
    for (const Approvals::Waiting& each : parts.approvals.waiting(now))
        waiting.push_back(jsonOf(each, now));
    Json hosts = Json::array();
    for (const auto& [approved, since] : parts.approvals.approved())
        hosts.push_back(jsonOf(approved, since));
    return {{"mode", nameOf(parts.mode())},
            {"waiting", std::move(waiting)},
            {"hosts", std::move(hosts)}};
}

}  // namespace igd
