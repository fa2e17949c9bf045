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
    return std::move(lines_);
}

std::vector<Line> OpeningChecks::port(const MappingKey& key) {
    const auto found =
        std::ranges::find_if(facts_.mappings, [&](const Json& json) { return keyOf(json) == key; });
    if (found != facts_.mappings.end())
        mapping(*found);
    else
        unmapped(key);
    return std::move(lines_);
}

void OpeningChecks::add(std::string code, Verdict verdict, std::string text, std::string remedy) {
    lines_.push_back({std::move(code), verdict, std::move(text), std::move(remedy)});
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
    if (judge_ == nullptr || !facts_.externalAddress) return;
    report("MAP-01", what,
           judge_->wayIn(key->protocol, {*facts_.externalAddress, key->externalPort},
                         remoteOf(json), internal),
           internal);
}

void OpeningChecks::pinhole(const Json& json) {
    const auto protocol = parseAnyProtocol(json.value("protocol", ""));
    const auto client = parseIpv6Address(json.value("internal_address", ""));
    if (!protocol || !client || judge_ == nullptr || !json.value("enabled", true)) return;
    const IpEndpoint internal = internalOf(json, *client);
    report("PIN-01", fmt::format("{} {}", lowerName(*protocol), toString(internal)),
           judge_->wayIn(*protocol, internal, remoteOf(json), internal), internal);
}

void OpeningChecks::report(const char* code, const std::string& what, const Finding& finding,
                           const IpEndpoint& internal) {
    if (finding.fate == Fate::Reaches && finding.translatedTo != internal)
        return add(
            code, Verdict::Fail,
            fmt::format("{}  another rule sends it to {}", what, toString(*finding.translatedTo)),
            "that rule stands before upnpd's: take it away, or forbid the port to clients");
    add(code, verdictOf(finding.fate), what + "  " + judge_->because(finding),
        finding.fate == Fate::Stopped ? "let it through there, or insert_forward_rules = auto"
                                      : "");
}

void OpeningChecks::unmapped(const MappingKey& key) {
    const std::string what = fmt::format("{} {}", lowerName(key.protocol), key.externalPort.value);
    if (judge_ == nullptr || !facts_.externalAddress || judge_->lans().empty())
        return add("MAP-02", Verdict::Unknown,
                   what + "  nobody mapped it, and the way cannot be judged");
    const IpEndpoint external{*facts_.externalAddress, key.externalPort};
    const Finding now = judge_->wayIn(key.protocol, external, std::nullopt, std::nullopt);
    if (now.translatedTo)
        return add(
            "MAP-02", verdictOf(now.fate),
            fmt::format("{}  not mapped by upnpd; a rule of somebody else sends it to {}: {}", what,
                        toString(*now.translatedTo), judge_->because(now)));
    const inspect::Lan& lan = judge_->lans().front();
    const Finding later = judge_->wayIn(key.protocol, external, std::nullopt,
                                        IpEndpoint{judge_->clientOf(lan), key.externalPort});
    add("MAP-02", later.fate == Fate::Reaches ? Verdict::Note : verdictOf(later.fate),
        fmt::format("{}  nobody mapped it; once mapped to a host behind {}: {}", what,
                    lan.interface.text(), judge_->because(later)));
}

}  // namespace igd::ctl
