// SPDX-License-Identifier: GPL-2.0-or-later
#include "admin_requests.h"

#include "opening_json.h"
#include "status_json.h"

#include "upnpd/config/values_in_force.h"
#include "upnpd/util/log.h"
#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"
#include "upnpd/util/time.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace igd {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string_view>;

constexpr int kSchema = 1;
/// Openings in one answer: they stay far below kMaxControlAnswer, whatever their descriptions.
constexpr std::size_t kPage = 64;
/// Octets of metrics in one answer: twice as many with all that JSON escapes.
constexpr std::size_t kPiece = kMaxControlAnswer / 4;

Json done() {
    return {{"ok", true}, {"schema", kSchema}};
}

Json refused(std::string_view error, std::string_view text) {
    return {{"ok", false}, {"schema", kSchema}, {"error", error}, {"text", text}};
}

Json refusalOf(MappingError error, std::string_view what) {
    if (error == MappingError::NotFound)
        return refused("not-found", fmt::format("there is no such {}", what));
    return refused(name(error),
                   "the firewall did not take the change; its reason is in upnpd's log");
}

Json jsonOf(const ValueInForce& value) {
    return {{"key", value.key},
            {"value", value.value},
            {"place", value.place},
            {"default", value.isDefault},
            {"found", value.found.empty() ? Json() : Json(value.found)}};
}

Json resultOf(const Result<void>& result) {
    return result ? done() : refusalOf(result.error(), "mapping");
}

Json list(const AdminParts& parts, OpeningKind kind, const char* noun, std::uint32_t from) {
    Json answer = done();
    answer[noun] = Json::array();
    for (const Opening& opening : parts.status.openings.lists().page(kind, from, kPage))
        answer[noun].push_back(jsonOf(opening, Clock::now(), parts.facts(opening)));
    const std::size_t next = from + answer[noun].size();
    answer["next"] = next < parts.status.openings.lists().count(kind) ? Json(next) : Json();
    return answer;
}

/// Answers `list FROM` and the like; nullopt: it is not understood.
std::optional<Json> listed(const AdminParts& parts, const Words& words) {
    struct List {
        std::string_view word;
        OpeningKind kind;
        const char* noun;
    };
    constexpr std::array kLists{List{"list", OpeningKind::Mapping, "mappings"},
                                List{"pinholes", OpeningKind::Pinhole, "pinholes"},
                                List{"flows", OpeningKind::Peer, "flows"}};
    const auto from = words.size() == 2 ? parseUnsigned<std::uint32_t>(words[1]) : std::nullopt;
    for (const List& each : kLists)
        if (from && words[0] == each.word) return list(parts, each.kind, each.noun, *from);
    return std::nullopt;
}

/// Answers `find`; nullopt: it is not understood.
std::optional<Json> found(const AdminParts& parts, const Words& words) {
    if (words.size() != 2 || words[0] != "find") return std::nullopt;
    Json answer = done();
    answer["hosts"] = Json::array();
    for (const NamedHost& host : parts.names.find(words[1]))
        answer["hosts"].push_back({{"address", toString(host.address)},
                                   {"mac", host.mac ? Json(toString(*host.mac)) : Json()},
                                   {"name", host.name.empty() ? Json() : Json(host.name)}});
    return answer;
}

Json notOnLan(const IpAddress& client) {
    return refused("not-found", fmt::format("{} is not on a network of an internal interface",
                                            toString(client)));
}

/// Answers `explain`; nullopt: it is not understood.
std::optional<Json> explained(const AdminParts& parts, const Words& words) {
    if (words.size() != 5 || words[0] != "explain") return std::nullopt;
    const auto client = parseIpAddress(words[1]);
    const auto protocol = parseProtocol(words[2]);
    const auto external = parsePort(words[3]);
    const auto internal = parsePort(words[4]);
    if (!client || !protocol || !external || !internal) return std::nullopt;
    const Lan* const lan = parts.hosts.lans.of(*client);
    if (lan == nullptr) return notOnLan(*client);
    Json answer = done();
    answer.update(explanationJson(
        {parts.status.openings, parts.status.configuration, *lan, parts.hosts.resolve},
        {*client, *protocol, *external, *internal}, Clock::now()));
    return answer;
}

/// Answers `metrics`; nullopt: it is not understood. The whole text fits into one answer today:
/// pieces are for a later one, which may be longer.
std::optional<Json> measured(const AdminParts& parts, const Words& words) {
    const bool isOpen = words.size() == 3 && words[2] == "openmetrics";
    if (words.size() < 2 || words[0] != "metrics" || (words.size() > 2 && !isOpen))
        return std::nullopt;
    const auto from = parseUnsigned<std::uint32_t>(words[1]);
    if (!from) return std::nullopt;
    const std::string all = parts.metrics.text(
        isOpen ? MetricsForm::OpenMetrics : MetricsForm::Prometheus, Clock::now());
    const std::size_t begin = std::min<std::size_t>(*from, all.size());
    Json answer = done();
    answer["text"] = all.substr(begin, kPiece);
    const std::size_t next = begin + kPiece;
    answer["next"] = next < all.size() ? Json(next) : Json();
    return answer;
}

/// Reads what the words behind `add` or `outlook` name; nullopt: they are not understood.
std::optional<AdminRequest> adminRequest(const Words& words) {
    if (words.size() < 5) return std::nullopt;
    const auto protocol = parseProtocol(words[1]);
    const auto external = parsePort(words[2]);
    const auto client = parseIpAddress(words[3]);
    const auto internal = parsePort(words[4]);
    if (!protocol || !external || !client || !internal) return std::nullopt;
    return AdminRequest{*protocol, *external, {*client, *internal}};
}

Json resultOf(const tl::expected<void, Refusal>& result) {
    return result ? done() : refused(name(result.error().error), result.error().reason);
}

/// Answers `add`; nullopt: it is not understood.
std::optional<Json> added(const AdminParts& parts, std::string_view request, const Words& words) {
    if (words[0] != "add" || words.size() < 6) return std::nullopt;
    auto wanted = adminRequest(words);
    const auto lease = parseUnsigned<std::uint32_t>(words[5]);
    if (!wanted || !lease) return std::nullopt;
    const IpAddress& client = wanted->internal.address;
    const Lan* const lan = parts.hosts.lans.of(client);
    if (lan == nullptr) return notOnLan(client);
    if (*lease != 0) wanted->lease = Seconds{*lease};
    if (words.size() > 6)
        wanted->description = cleanUtf8(
            std::string_view{words[6].data(), request.data() + request.size()}, kMaxDescription);
    const Host host = parts.hosts.resolve(*lan, client);
    const auto done = parts.status.openings.add(*wanted, {host, host, *lan}, Clock::now());
    parts.applied();
    return resultOf(done);
}

/// Answers `outlook` as `add` would; nullopt: it is not understood.
std::optional<Json> foreseen(const AdminParts& parts, const Words& words) {
    const auto wanted =
        words[0] == "outlook" && words.size() == 5 ? adminRequest(words) : std::nullopt;
    if (!wanted) return std::nullopt;
    const IpAddress& client = wanted->internal.address;
    const Lan* const lan = parts.hosts.lans.of(client);
    if (lan == nullptr) return notOnLan(client);
    const Host host = parts.hosts.resolve(*lan, client);
    return resultOf(parts.status.openings.outlook(*wanted, {host, host, *lan}, Clock::now()));
}

/// Answers `config FROM`; nullopt: it is not understood.
std::optional<Json> configured(const AdminParts& parts, const Words& words) {
    const auto from = words[0] == "config" && words.size() == 2
                          ? parseUnsigned<std::uint32_t>(words[1])
                          : std::nullopt;
    if (!from) return std::nullopt;
    const auto values = valuesInForce(parts.status.configuration);
    Json answer = done();
    answer["settings"] = Json::array();
    std::size_t next = *from;
    for (; next < values.size() && next < *from + kPage; ++next)
        answer["settings"].push_back(jsonOf(values[next]));
    answer["next"] = next < values.size() ? Json(next) : Json();
    return answer;
}

ApprovalParts approvalParts(const AdminParts& parts) {
    return {parts.approvals, parts.status.openings, parts.hosts,
            [&configuration = parts.status.configuration] { return configuration.approve; }};
}

/// Answers `approve` and `unapprove`; nullopt: it is neither.
std::optional<Json> approved(const AdminParts& parts, const Words& words) {
    if (words.size() != 2 || (words[0] != "approve" && words[0] != "unapprove"))
        return std::nullopt;
    const auto host = hostNamed(parts.hosts, words[1]);
    if (!host)
        return refused("not-found",
                       fmt::format("{} is neither a hardware address nor an address on a network "
                                   "of an internal interface",
                                   words[1]));
    const auto members = approve(approvalParts(parts), *host, words[0] == "approve", Clock::now());
    if (!members) return refused("refused", members.error());
    parts.applied();
    Json answer = done();
    answer.update(*members);
    return answer;
}

std::optional<MappingKey> keyOf(const Words& words) {
    const auto protocol = parseProtocol(words[1]);
    const auto port = parsePort(words[2]);
    if (!protocol || !port) return std::nullopt;
    return MappingKey{*protocol, *port};
}

Json resultOf(const Reloaded& reloaded) {
    Json answer = reloaded.refused ? refused("refused", *reloaded.refused) : done();
    answer["notes"] = reloaded.notes;
    if (reloaded.refused) answer["problems"] = Json::array();
    for (const FrontEnds::Objection& each : reloaded.objections)
        if (each.socket) answer["problems"].push_back(socketJson(*each.socket));
    return answer;
}

/// Answers `close`; nullopt: it is not understood.
std::optional<Json> close(const AdminParts& parts, const Words& words) {
    const auto protocol = parseAnyProtocol(words[1]);
    const auto client = parseIpv6Address(words[2]);
    const auto port = protocol ? parsePortOf(*protocol, words[3]) : std::nullopt;
    if (!client || !port) return std::nullopt;
    const auto closed =
        parts.status.openings.removePinholes(*protocol, *client, *port, Clock::now());
    if (!closed) return refusalOf(closed.error(), "pinhole");
    Json answer = done();
    answer["closed"] = *closed;
    return answer;
}

/// Answers `log`; nullopt: it is not understood.
std::optional<Json> setLog(const AdminParts& parts, const Words& words) {
    const auto mode = parseUnsigned<std::uint8_t>(words[1]);
    const auto seconds =
        words.size() == 3 ? parseUnsigned<std::uint32_t>(words[2]) : std::optional{1U};
    if (words.size() > 3 || !mode || *mode > log::kMostTalkative || !seconds || *seconds == 0)
        return std::nullopt;
    parts.log.set(*mode, words.size() == 3 ? std::optional{Seconds{*seconds}} : std::nullopt);
    return done();
}

/// The requests that change something.
Json change(const AdminParts& parts, std::string_view request, const Words& words) {
    if (isForTheOther(parts.pair, words[0]))
        return refused("standby", "this router stands by: ask the active one of the pair");
    if (const auto answer = added(parts, request, words)) return *answer;
    if (const auto answer = approved(parts, words)) return *answer;
    if (words.size() == 3 && words[0] == "delete")
        if (const auto key = keyOf(words))
            return resultOf(parts.status.openings.remove(*key, Clock::now()));
    if (words.size() == 4 && words[0] == "close")
        if (const auto answer = close(parts, words)) return *answer;
    if (words.size() >= 2 && words[0] == "log")
        if (const auto answer = setLog(parts, words)) return *answer;
    if (words.size() == 1 && words[0] == "clear") return resultOf(parts.clear());
    if (words.size() == 1 && words[0] == "sync") {
        parts.lookAgain();
        return done();
    }
    return refused("usage", "no such request");
}

Json answer(const AdminParts& parts, std::string_view request, bool mayChange) {
    const Words words = igd::words(request);
    if (words.empty()) return refused("usage", "no such request");
    if (!parts.status.configuration.controlSocket && !mayChange)
        return refused("permission", "control_socket = none: upnpd answers root only");
    if (words.size() == 1 && words[0] == "status") {
        Json answer = done();
        answer.update(statusJson(parts.status, Clock::now()));
        return answer;
    }
    if (words == Words{"approvals"}) {
        Json answer = done();
        answer.update(approvalsJson(approvalParts(parts), Clock::now()));
        return answer;
    }
    if (const auto answer = listed(parts, words)) return *answer;
    if (const auto answer = found(parts, words)) return *answer;
    if (const auto answer = explained(parts, words)) return *answer;
    if (const auto answer = measured(parts, words)) return *answer;
    if (const auto answer = foreseen(parts, words)) return *answer;
    if (const auto answer = configured(parts, words)) return *answer;
    if (!mayChange) return refused("permission", "only root may change mappings");
    return change(parts, request, words);
}

/// Returns whether the answer has names of hosts in it.
bool namesHosts(const Words& asked) {
    constexpr std::array kRequests{"list", "pinholes", "flows", "find"};
    return !asked.empty() && std::ranges::find(kRequests, asked[0]) != kRequests.end();
}

std::string textOf(const Json& answer) {
    return answer.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void answerAdmin(const AdminParts& parts, std::string_view request, bool mayChange,
                 const ControlAnswer& answered) {
    const Words asked = words(request);
    if (mayChange && asked == Words{"reload"})
        return parts.reload(
            [answered](const Reloaded& reloaded) { answered(textOf(resultOf(reloaded))); });
    if (mayChange && (asked == Words{"promote"} || asked == Words{"demote"}))
        return changeRole(parts.pair, asked[0] == "promote", [answered](const auto& refusal) {
            (void)answered(textOf(refusal ? refused("refused", *refusal) : done()));
        });
    const bool mayLook = parts.status.configuration.controlSocket || mayChange;
    if (mayLook && asked == Words{"watch"}) {
        if (answered(textOf(done())))
            parts.events.listen([answered](const Json& event) { return answered(textOf(event)); });
        return;
    }
    if (!namesHosts(asked)) return (void)answered(textOf(answer(parts, request, mayChange)));
    parts.names.whenFresh([parts, request = std::string{request}, mayChange, answered] {
        answered(textOf(answer(parts, request, mayChange)));
    });
}

}  // namespace igd
