// SPDX-License-Identifier: GPL-2.0-or-later
#include "opening_json.h"

#include <algorithm>
#include <chrono>

namespace igd {
namespace {

using Json = nlohmann::json;

std::string_view nameOf(OpeningKind kind) {
    switch (kind) {
        case OpeningKind::Mapping:
            return "mapping";
        case OpeningKind::Pinhole:
            return "pinhole";
        case OpeningKind::Peer:
            return "flow";
    }
    return "mapping";
}

/// Seconds left; 0 is no end, so a lease in its last instant still reads 1.
Json leaseJson(std::optional<TimePoint> end, TimePoint now) {
    return end ? std::max<Seconds::rep>(secondsUntil(*end, now).count(), 1) : 0;
}

/// Seconds of Unix; null: there is no such time.
Json unixTimeJson(std::optional<TimePoint> time, TimePoint now) {
    if (!time || *time == TimePoint{}) return {};
    const auto then = std::chrono::system_clock::now() +
                      std::chrono::duration_cast<std::chrono::system_clock::duration>(*time - now);
    return std::chrono::round<Seconds>(then.time_since_epoch()).count();
}

Json textOrNull(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

Json jsonOf(const Claim& claim, TimePoint now) {
    Json from = Json::array();
    for (const PeerFilter& filter : claim.filters) from.push_back(toString(filter));
    return {{"via", name(claim.origin)},
            {"requester", toString(claim.requester)},
            {"lease", leaseJson(claim.expiresAt, now)},
            {"enabled", claim.enabled},
            {"description", claim.description},
            {"from", std::move(from)}};
}

Json fromJson(const Opening& opening) {
    Json from = Json::array();
    if (opening.remote) from.push_back(toString(*opening.remote));
    for (const PeerFilter& filter : opening.filters()) from.push_back(toString(filter));
    return from;
}

/// "present", "unseen" (no neighbour has that address) or "absent" (it answers no more).
std::string_view hostState(const Opening& opening) {
    if (!opening.hostDeadline) return "present";
    return opening.hostSeen ? "absent" : "unseen";
}

/// Adds what is for people.
void append(Json& json, const Opening& opening, TimePoint now, const OpeningFacts& facts) {
    const History history = historyOf(opening);
    json["id"] = opening.id;
    json["client"] = {{"name", textOrNull(facts.hostName)},
                      {"mac", facts.mac ? Json(toString(*facts.mac)) : Json()},
                      {"present", hostState(opening) == "present"}};
    json["agent"] = textOrNull(history.agent);
    json["made"] = unixTimeJson(history.madeAt, now);
    json["renewed"] = unixTimeJson(history.renewedAt, now);
    json["expires"] = unixTimeJson(opening.end(), now);
    json["packets"] = facts.traffic ? Json(facts.traffic->packets) : Json();
    json["bytes"] = facts.traffic ? Json(facts.traffic->bytes) : Json();
    json["stopped_by"] = facts.stoppedBy ? Json(*facts.stoppedBy) : Json();
}

}  // namespace

Json jsonOf(const Opening& opening, TimePoint now, const OpeningFacts& facts) {
    Json claims = Json::array();
    for (const Claim& claim : opening.claims) claims.push_back(jsonOf(claim, now));
    Json json{{"kind", nameOf(opening.kind)},
              {"protocol", lowerName(opening.protocol)},
              {"internal_address", toString(opening.internal.address)},
              {"internal_port", opening.internal.port.value},
              {"from", fromJson(opening)},
              {"lease", leaseJson(opening.end(), now)},
              {"enabled", opening.isEnabled()},
              {"via", name(opening.claims.front().origin)},
              {"account", toString(opening.account)},
              {"host", hostState(opening)},
              {"claims", std::move(claims)}};
    if (opening.kind == OpeningKind::Mapping) {
        const MappingView view = viewOf(opening, now);
        json["description"] = view.description;
        json["remote_host"] = view.remoteHost ? Json(toString(*view.remoteHost)) : Json();
    }
    if (opening.kind != OpeningKind::Peer) json["ports"] = opening.portCount;
    if (opening.externalPort != Port{0}) json["external_port"] = opening.externalPort.value;
    if (opening.pinholeId) json["unique_id"] = *opening.pinholeId;
    append(json, opening, now, facts);
    return json;
}

}  // namespace igd
