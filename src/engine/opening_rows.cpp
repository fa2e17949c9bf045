// SPDX-License-Identifier: GPL-2.0-or-later
#include "opening_rows.h"

#include "upnpd/external/external_view.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace igd {
namespace {

Seconds since(TimePoint then, TimePoint now) {
    return then == TimePoint{} ? Seconds{0} : std::chrono::floor<Seconds>(now - then);
}

/// Who sees nothing but its own; nullptr: it sees all.
const Host* limitTo(const ShownParts& parts, const Host& requester) {
    const Configuration& configuration = parts.status.configuration;
    const bool all = configuration.page == PageAccess::All && configuration.policy.listAll;
    return all ? nullptr : &requester;
}

std::string fromText(const Opening& opening) {
    std::string text = opening.remote ? toString(*opening.remote) : "";
    for (const PeerFilter& filter : opening.filters())
        text += (text.empty() ? "" : ", ") + toString(filter);
    return cleanUtf8(text, kMaxSentence);
}

/// The first description that there is.
std::string descriptionOf(const Opening& opening) {
    const auto described = std::ranges::find_if(
        opening.claims, [](const Claim& claim) { return !claim.description.empty(); });
    return described != opening.claims.end() ? described->description : "";
}

OpeningRow rowOf(const Opening& opening, const OpeningFacts& facts, const Host& requester,
                 TimePoint now) {
    const History history = historyOf(opening);
    return {.id = opening.id,
            .kind = opening.kind,
            .protocol = opening.protocol,
            .externalPort = opening.externalPort,
            .internalPort = opening.internal.port,
            .portCount = opening.portCount,
            .client = opening.internal.address,
            .hostName = facts.hostName,
            .mac = facts.mac,
            .from = fromText(opening),
            .via = opening.claims.front().origin,
            .agent = cleanUtf8(history.agent, kMaxSentence),
            .description = descriptionOf(opening),
            .age = since(history.madeAt, now),
            .renewed = since(history.renewedAt, now),
            .left = opening.remaining(now),
            .traffic = facts.traffic,
            .enabled = opening.isEnabled(),
            .isOwn = isOf(opening, requester)};
}

OpeningRows rowsFor(const ShownParts& parts, const GetRows& request, const Host& requester,
                    TimePoint now) {
    const auto [openings, total] =
        parts.status.openings.lists().part(request.from, kMaxRows, limitTo(parts, requester));
    OpeningRows rows{{}, static_cast<std::uint32_t>(total)};
    rows.rows.reserve(openings.size());
    for (const Opening& opening : openings)
        rows.rows.push_back(rowOf(opening, parts.facts(opening), requester, now));
    return rows;
}

RefusalRow rowOf(const RefusedLately& refused, const HostNames& names, TimePoint now) {
    const RefusalEvent& event = refused.refusal;
    return {.ago = since(refused.at, now),
            .via = event.via,
            .requester = event.requester.address,
            .hostName = names.nameOf(event.requester.address),
            .what = cleanUtf8(event.what, kMaxSentence),
            .reason = cleanUtf8(event.reason, kMaxSentence),
            .count = refused.count};
}

std::vector<RefusalRow> refusalsFor(const ShownParts& parts, const Host& requester, TimePoint now) {
    const Host* const only = limitTo(parts, requester);
    const auto& refusals = parts.events.refusals(now);
    std::vector<RefusalRow> rows;
    for (auto each = refusals.rbegin(); each != refusals.rend() && rows.size() < kMaxRows; ++each)
        if (only == nullptr || isSameHost(each->refusal.requester, *only) ||
            isSameHost(each->refusal.client, *only))
            rows.push_back(rowOf(*each, parts.names, now));
    return rows;
}

Overview overviewFor(const ShownParts& parts, const Host& requester, TimePoint now) {
    return {.external = cleanUtf8(igd::describe(parts.status.external.wan().view()), kMaxSentence),
            .uptime = since(parts.status.since, now),
            .firewall = std::string{parts.status.firewall.name()},
            .health = healthSentences(parts),
            .refusals = refusalsFor(parts, requester, now)};
}

/// Says why nobody on the Internet reaches us; empty: nothing is wrong with the external side.
std::string externalFault(const ExternalView& view) {
    if (!view.exists) return fmt::format("there is no interface {}", view.interface);
    if (!view.up) return fmt::format("{} is down", view.interface);
    const auto address = view.told ? view.told : view.address;
    if (!address) return fmt::format("{} has no address of IPv4", view.interface);
    const std::string_view range = rangeName(*address);
    if (range == "public") return "";
    return fmt::format("{} has an address that the Internet does not reach: {} ({})",
                       view.interface, toString(*address), range);
}

void appendFaults(std::vector<std::string>& all, const FrontEnds::Served& lan) {
    const std::string& name = lan.interface.text();
    if (!lan.waits.empty()) all.push_back(fmt::format("{} is not served: {}", name, lan.waits));
    if (!lan.notAdvertised.empty())
        all.push_back(fmt::format("{}: the device is not advertised: {}", name, lan.notAdvertised));
    for (const SocketProblem& problem : lan.problems)
        all.push_back(fmt::format("{}: {}; it is tried again", name, problem.reason));
}

}  // namespace

std::vector<std::string> healthSentences(const ShownParts& parts) {
    std::vector<std::string> all;
    if (const auto damage = parts.status.repairs.pending())
        all.push_back(fmt::format("the rules of the firewall are not repaired yet: {}", *damage));
    for (const ChainRefusal& refusal : parts.status.firewall.refusals())
        all.push_back(fmt::format("{} stays closed: {}", refusal.chain, refusal.why));
    if (!parts.forwardsPackets()) all.emplace_back("the host forwards no packets: ip_forward is 0");
    if (auto fault = externalFault(parts.status.external.wan().view()); !fault.empty())
        all.push_back(std::move(fault));
    for (const FrontEnds::Served& lan : parts.status.served()) appendFaults(all, lan);
    if (const auto& last = parts.status.reloader.last(); last && last->refused)
        all.push_back(fmt::format("the last reload was refused: {}", *last->refused));
    if (all.size() > kMaxRows) all.resize(kMaxRows);
    for (std::string& each : all) each = cleanUtf8(each, kMaxSentence);
    return all;
}

GatewayReply answerToPeople(const ShownParts& parts, const GatewayRequest& request,
                            const Host& requester, TimePoint now) {
    if (parts.status.configuration.page == PageAccess::None) return MappingError::NotAuthorized;
    parts.names.refresh();
    if (const auto* const rows = std::get_if<GetRows>(&request))
        return rowsFor(parts, *rows, requester, now);
    if (std::holds_alternative<GetOverview>(request)) return overviewFor(parts, requester, now);
    return MappingError::NotAuthorized;
}

}  // namespace igd
