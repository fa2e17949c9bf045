// SPDX-License-Identifier: GPL-2.0-or-later
#include "explanation.h"

#include <string_view>
#include <utility>
#include <vector>

namespace igd {
namespace {

using Json = nlohmann::json;

constexpr Seconds kAnHour{3600};

/// A request as a client of one protocol would send it.
struct Attempt {
    std::string_view via;
    std::string_view action;
    ChangeRequest request;
};

void addUpnp(std::vector<Attempt>& attempts, const PortQuestion& question) {
    if (const auto* const four = std::get_if<Ipv4Address>(&question.client)) {
        MappingRequest mapping;
        mapping.key = {question.protocol, question.externalPort};
        mapping.internal = {*four, question.internalPort};
        mapping.lease = kAnHour;
        mapping.requester = question.client;
        attempts.push_back({"upnp", "AddPortMapping", mapping});
        attempts.push_back({"upnp", "AddAnyPortMapping", AnyMappingRequest{mapping}});
        return;
    }
    PinholeRequest pinhole;
    pinhole.key.client = std::get<Ipv6Address>(question.client);
    pinhole.key.internalPort = question.internalPort;
    pinhole.key.protocol = question.protocol;
    pinhole.lease = kAnHour;
    pinhole.requester = question.client;
    attempts.push_back({"upnp", "AddPinhole", pinhole});
}

PortRequest portRequest(const PortQuestion& question, Origin origin) {
    PortRequest request;
    request.protocol = question.protocol;
    request.client = question.client;
    request.internalPort = question.internalPort;
    request.suggestedPort = question.externalPort;
    request.lifetime = kAnHour;
    request.requester = question.client;
    request.origin = origin;
    if (origin == Origin::Pcp) request.nonce.emplace();
    return request;
}

std::vector<Attempt> attemptsOf(const PortQuestion& question, const Configuration& configuration) {
    const bool four = std::holds_alternative<Ipv4Address>(question.client);
    std::vector<Attempt> attempts;
    if (configuration.upnp && (four || configuration.pinholes)) addUpnp(attempts, question);
    if (configuration.natPmp && four)
        attempts.push_back({"nat-pmp", "map", portRequest(question, Origin::NatPmp)});
    if (configuration.pcp) attempts.push_back({"pcp", "MAP", portRequest(question, Origin::Pcp)});
    return attempts;
}

std::optional<MappingError> errorIn(const ChangeResult& result) {
    if (const auto* const error = std::get_if<MappingError>(&result)) return *error;
    if (const auto* const refusal = std::get_if<PortRefusal>(&result)) return refusal->error;
    return std::nullopt;
}

Port portIn(const ChangeResult& result, Port asked) {
    if (const auto* const port = std::get_if<Port>(&result)) return *port;
    if (const auto* const grant = std::get_if<PortGrant>(&result)) return grant->externalPort;
    return asked;
}

Json answerJson(const Attempt& attempt, const Outlook& outlook, Port asked) {
    const auto error = errorIn(outlook.result);
    Json answer{{"via", attempt.via}, {"action", attempt.action}, {"granted", !error}};
    if (error) {
        answer["error"] = name(*error);
        answer["reason"] = outlook.reason;
    } else {
        answer["external_port"] = portIn(outlook.result, asked).value;
    }
    return answer;
}

}  // namespace

Json explanationJson(const ExplanationParts& parts, const PortQuestion& question, TimePoint now) {
    const Host client = parts.resolve(parts.lan, question.client);
    const bool four = std::holds_alternative<Ipv4Address>(question.client);
    // Nothing is translated over IPv6: the external port is the internal one.
    const Port external = four ? question.externalPort : question.internalPort;
    const Asked asked{.kind = four ? OpeningKind::Mapping : OpeningKind::Pinhole,
                      .protocol = question.protocol,
                      .externalPort = external,
                      .internalPort = question.internalPort,
                      .requester = client,
                      .client = client,
                      .lan = parts.lan};
    const Policy& policy = parts.openings.policy();
    const std::string line = policy.decidingLine(asked);
    auto refusal = policy.refusesClient(asked);
    if (!refusal) refusal = policy.refusesPorts(asked);
    Json answers = Json::array();
    for (const Attempt& attempt : attemptsOf(question, parts.configuration))
        answers.push_back(answerJson(
            attempt, parts.openings.outlook({attempt.request, {client, client, parts.lan}}, now),
            external));
    return {{"client", toString(question.client)},
            {"interface", parts.lan.interface.text()},
            {"protocol", lowerName(question.protocol)},
            {"external_port", external.value},
            {"internal_port", question.internalPort.value},
            {"line", line.empty() ? Json() : Json(line)},
            {"permitted", !refusal},
            {"refusal", refusal ? Json(refusal->reason) : Json()},
            {"answers", std::move(answers)}};
}

}  // namespace igd
