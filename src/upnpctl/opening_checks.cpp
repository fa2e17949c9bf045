// SPDX-License-Identifier: GPL-2.0-or-later
#include "opening_checks.h"

#include "upnpd/portmap/peer_filter.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd::ctl {
namespace {

using inspect::Fate;
using inspect::Finding;

std::optional<MappingKey> keyOf(const Json& json) {
    const auto protocol = parseProtocol(json.value("protocol", ""));
    if (!protocol) return std::nullopt;
    return MappingKey{*protocol, Port{json.value("external_port", std::uint16_t{0})}};
}

/// Returns a remote that the opening is for; nullopt: it is for any.
std::optional<IpEndpoint> remoteOf(const Json& json) {
    for (const Json& from : json.value("from", Json::array())) {
        const auto filter =
            from.is_string() ? parsePeerFilter(from.get<std::string>()) : std::nullopt;
        if (filter) return IpEndpoint{normalised(filter->remote.address), filter->port};
    }
    return std::nullopt;
}

IpEndpoint internalOf(const Json& json, const IpAddress& address) {
    return {address, Port{json.value("internal_port", std::uint16_t{0})}};
}

}  // namespace

std::vector<Line> OpeningChecks::all() {
    if (!facts_.daemonRuns) {
        add("MAP-00", Verdict::Note, "upnpd is not running: there are no mappings");
        return std::move(lines_);
    }
    if (facts_.mappings.empty()) add("MAP-00", Verdict::Note, "there are no mappings");
    for (const Json& json : facts_.mappings) mapping(json);
    for (const Json& json : facts_.pinholes) pinhole(json);
    if (judge_ != nullptr && facts_.forwards6)
        for (const inspect::Lan& lan : judge_->lans6()) withoutPinhole(lan);
    return std::move(lines_);
}

std::vector<Line> OpeningChecks::port(const MappingKey& key) {
    if (const auto found = facts_.mappingAt(key))
        mapping(*found);
    else
        unmapped(key);
    return std::move(lines_);
}

void OpeningChecks::add(std::string code, Verdict verdict, std::string text, std::string remedy,
                        std::string command) {
    lines_.push_back(
        {std::move(code), verdict, std::move(text), std::move(remedy), std::move(command)});
}

void OpeningChecks::mapping(const Json& json) {
    const auto key = keyOf(json);
    const auto client = parseIpv4Address(json.value("internal_address", ""));
    if (!key || !client) return;
    const IpEndpoint internal = internalOf(json, *client);
    const std::string what = fmt::format("{} {} -> {}", lowerName(key->protocol),
                                         key->externalPort.value, toString(internal));
    if (!json.value("enabled", true))
        return add("MAP-01", Verdict::Note, what + "  is switched off by its client");
    const auto external = facts_.externalAddress();
    if (!external || !facts_.outside.running)
        return add("MAP-01", Verdict::Fail,
                   fmt::format("{}  is not reached: {} is down or has no address", what,
                               facts_.external.text()));
    judge(
        {"MAP-01", what, key->protocol, {*external, key->externalPort}, remoteOf(json), internal});
}

void OpeningChecks::pinhole(const Json& json) {
    const auto protocol = parseAnyProtocol(json.value("protocol", ""));
    const auto client = parseIpv6Address(json.value("internal_address", ""));
    if (!protocol || !client || !json.value("enabled", true)) return;
    const IpEndpoint internal = internalOf(json, *client);
    judge({"PIN-01", fmt::format("{} {}", lowerName(*protocol), toString(internal)), *protocol,
           internal, remoteOf(json), internal});
}

/// Names the first thing that stops its packets; what is certain comes before what is not.
void OpeningChecks::judge(const Told& told) {
    if (judge_ == nullptr)
        return add(told.code, Verdict::Unknown,
                   told.what + "  the rules on its way can be judged by root only");
    const Finding finding = judge_->wayIn(told.protocol, told.external, told.remote, told.internal);
    if (isLedAway(told, finding)) return;
    if (finding.fate == Fate::Stopped) return addStopped(told.code, told.what, finding);
    const auto stop = routeStop(told);
    if (stop && stop->certain)
        return add(told.code, Verdict::Fail,
                   fmt::format("{}  is not reached: {}", told.what, stop->text), "", stop->command);
    if (!judge_->hasOwnRules() && facts_.notes.empty())
        return add(told.code, Verdict::Fail, told.what + "  upnpd's rules are not in the kernel",
                   "somebody took them away; upnpd puts them back by itself", "upnpctl sync");
    if (facts_.silent.contains(told.internal.address))
        return add(told.code, Verdict::Fail,
                   fmt::format("{}  comes to the LAN, but no host answers there as {}", told.what,
                               toString(told.internal.address)),
                   "is the host on, is its cable in, does it have another address now?");
    if (stop)
        return add(
            told.code, Verdict::Unknown,
            fmt::format("{}  unknown: {}, unless a mark leads elsewhere", told.what, stop->text));
    const std::string others = otherAddresses(told);
    add(told.code, others.empty() ? verdictOf(finding.fate) : Verdict::Note,
        fmt::format("{}  {}{}", told.what, judge_->because(finding), others));
}

/// A rule of somebody else leads the packet to another host, or to the router; whatever happens
/// to it there is not the cause.
bool OpeningChecks::isLedAway(const Told& told, const Finding& finding) {
    if (!finding.translatedBy || finding.translatedTo == told.internal) return false;
    const std::string target =
        finding.translatedTo ? toString(*finding.translatedTo) : "the router itself";
    add(told.code, Verdict::Fail,
        fmt::format("{}  another rule sends it to {}: {}", told.what, target,
                    judge_->named(*finding.translatedBy)),
        "that rule stands before upnpd's: take it away or let it leave this port alone, or "
        "forbid the port to clients",
        advice_.leaveAlone(finding, facts_.external, told.protocol, told.external.port));
    return true;
}

std::optional<RouteStop> OpeningChecks::routeStop(const Told& told) const {
    const bool six = std::holds_alternative<Ipv6Address>(told.internal.address);
    const IpAddress remote = told.remote ? told.remote->address : judge_->remote(six);
    if (auto stop = routes_.wayIn(remote, told.internal.address)) return stop;
    const auto* const lan = routes_.lanOf(told.internal.address);
    if (lan == nullptr)
        return RouteStop{fmt::format("{} is in no network of an internal interface",
                                     toString(told.internal.address)),
                         ""};
    return routes_.wayBack(told.internal.address, remote, *lan);
}

/// Returns what is to be said of the external interface's other addresses; empty: nothing.
std::string OpeningChecks::otherAddresses(const Told& told) const {
    if (std::holds_alternative<Ipv6Address>(told.internal.address)) return {};
    std::string text;
    for (const Ipv4Prefix& each : facts_.outside.addresses) {
        if (IpAddress{each.address} == told.external.address) continue;
        const Finding finding = judge_->wayIn(told.protocol, {each.address, told.external.port},
                                              told.remote, told.internal);
        if (finding.fate == Fate::Stopped || finding.translatedTo != told.internal)
            text += fmt::format("; not at {}: {}", toString(each.address),
                                finding.fate == Fate::Stopped
                                    ? judge_->because(finding)
                                    : "a rule of somebody else sends it elsewhere");
    }
    return text;
}

void OpeningChecks::addStopped(const char* code, const std::string& what, const Finding& finding) {
    const std::string command = advice_.letThrough(finding);
    add(code, Verdict::Fail, fmt::format("{}  {}", what, judge_->because(finding)),
        command.empty() ? "let it through there by the program that manages those rules" : "",
        command);
}

void OpeningChecks::unmapped(const MappingKey& key) {
    const std::string what = fmt::format("{} {}", lowerName(key.protocol), key.externalPort.value);
    const auto address = facts_.externalAddress();
    if (judge_ == nullptr || !address || judge_->lans().empty())
        return add("MAP-02", Verdict::Unknown,
                   what + "  nobody mapped it, and the way cannot be judged");
    const IpEndpoint external{*address, key.externalPort};
    const Finding now = judge_->wayIn(key.protocol, external, std::nullopt, std::nullopt);
    if (now.translatedBy)
        return add(
            "MAP-02", verdictOf(now.fate),
            fmt::format("{}  not mapped by upnpd; a rule of somebody else sends it to {}: {}: {}",
                        what, now.translatedTo ? toString(*now.translatedTo) : "the router itself",
                        judge_->named(*now.translatedBy), judge_->because(now)),
            "", now.fate == Fate::Stopped ? advice_.letThrough(now) : "");
    const inspect::Lan& lan = judge_->lans().front();
    const IpEndpoint client{judge_->clientOf(lan), key.externalPort};
    const Finding later = judge_->wayIn(key.protocol, external, std::nullopt, client);
    const std::string mapped = fmt::format(
        "{}  nobody mapped it; once mapped to a host behind {}:", what, lan.interface.text());
    if (later.fate == Fate::Stopped) return addStopped("MAP-02", mapped, later);
    if (const auto stop = routeStop({"MAP-02", what, key.protocol, external, std::nullopt, client}))
        return add("MAP-02", stop->certain ? Verdict::Fail : Verdict::Unknown,
                   fmt::format("{} {}", mapped, stop->text), "", stop->command);
    add("MAP-02", later.fate == Fate::Reaches ? Verdict::Note : verdictOf(later.fate),
        fmt::format("{} {}", mapped, judge_->because(later)));
}

/// Pinholes mean something where the rules keep out what has none.
void OpeningChecks::withoutPinhole(const inspect::Lan& lan) {
    const IpEndpoint client{judge_->clientOf(lan), judge_->anyPort()};
    const std::string hosts = "hosts behind " + judge_->nameOf(lan);
    const Finding now = judge_->wayIn(Protocol::Tcp, client, std::nullopt, std::nullopt);
    if (now.fate == Fate::Reaches)
        return add("PIN-02", Verdict::Note,
                   fmt::format("all ports of {} are reached over IPv6: no rule keeps new flows out",
                               hosts),
                   fmt::format("if that is not meant, drop new flows that come in by {}",
                               facts_.external.text()));
    const Finding opened = judge_->wayIn(Protocol::Tcp, client, std::nullopt, client);
    const bool useful = now.fate == Fate::Stopped && opened.fate == Fate::Reaches;
    add("PIN-02",
        useful                         ? Verdict::Ok
        : opened.fate == Fate::Stopped ? Verdict::Note
                                       : Verdict::Unknown,
        fmt::format("new flows over IPv6 to {}: kept out; to a pinhole: {}", hosts,
                    judge_->because(opened)),
        "", opened.fate == Fate::Stopped ? advice_.letThrough(opened) : "");
}

}  // namespace igd::ctl
