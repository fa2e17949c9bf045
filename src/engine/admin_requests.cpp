// SPDX-License-Identifier: GPL-2.0-or-later
#include "admin_requests.h"

#include "opening_json.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"
#include "upnpd/util/time.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <vector>

namespace igd {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string_view>;

constexpr int kSchema = 1;
/// Openings in one answer: they stay far below kMaxControlAnswer, whatever their descriptions.
constexpr std::size_t kPage = 64;

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

Json resultOf(const Result<void>& result) {
    return result ? done() : refusalOf(result.error(), "mapping");
}

/// Clients of that LAN miss this; a socket among it is named.
Json problemsJson(const FrontEnds::Served& lan) {
    Json all = Json::array();
    if (!lan.notAdvertised.empty())
        all.push_back({{"reason", "the device is not advertised: " + lan.notAdvertised}});
    for (const SocketProblem& each : lan.problems)
        all.push_back({{"protocol", each.socket.tcp ? "tcp" : "udp"},
                       {"address", toString(each.socket.local.address)},
                       {"port", each.socket.local.port.value},
                       {"reason", each.reason}});
    return all;
}

Json lanJson(const FrontEnds::Served& lan) {
    Json addresses = Json::array();
    for (const Ipv4Prefix& each : lan.addresses) addresses.push_back(toString(each));
    return {{"interface", lan.interface.text()},
            {"address", addresses.empty() ? Json() : addresses.front()},
            {"addresses", addresses},
            {"answers", lan.answers},
            {"http_port", lan.httpPort ? Json(lan.httpPort->value) : Json()},
            {"problems", problemsJson(lan)}};
}

Json externalJson(const ExternalView& view, Seconds connectedFor) {
    const auto textOf = [](const std::optional<Ipv4Address>& address) {
        return address ? Json(toString(*address)) : Json();
    };
    return {{"interface", view.interface},
            {"exists", view.exists},
            {"up", view.up},
            {"address", textOf(view.address)},
            {"told", textOf(view.told)},
            {"told_from", view.toldFrom},
            {"told_remark", view.remark},
            {"connected_for", connectedFor.count()}};
}

Json refusalsJson(const FirewallHealth& firewall) {
    Json refusals = Json::array();
    for (const ChainRefusal& refusal : firewall.refusals())
        refusals.push_back({{"chain", refusal.chain}, {"why", refusal.why}});
    return refusals;
}

Json status(const AdminParts& parts) {
    Json answer = done();
    const GatewayStatus status = parts.external.wan().status();
    answer["version"] = UPNPD_VERSION;
    answer["external"] =
        externalJson(parts.external.wan().view(), status.connectedFor(Clock::now()));
    answer["internal"] = Json::array();
    for (const auto& lan : parts.served()) answer["internal"].push_back(lanJson(lan));
    answer["firewall"] = parts.firewall.name();
    answer["mappings"] = parts.openings.lists().count(OpeningKind::Mapping);
    answer["pinholes"] = parts.openings.lists().count(OpeningKind::Pinhole);
    answer["flows"] = parts.openings.lists().count(OpeningKind::Peer);
    answer["repairs"] = parts.repairs.count();
    answer["refusals"] = refusalsJson(parts.firewall);
    return answer;
}

Json list(const AdminParts& parts, OpeningKind kind, const char* noun, std::uint32_t from) {
    Json answer = done();
    answer[noun] = Json::array();
    for (const Opening& opening : parts.openings.lists().page(kind, from, kPage))
        answer[noun].push_back(jsonOf(opening, Clock::now()));
    const std::size_t next = from + answer[noun].size();
    answer["next"] = next < parts.openings.lists().count(kind) ? Json(next) : Json();
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

std::optional<MappingKey> keyOf(const Words& words) {
    const auto protocol = parseProtocol(words[1]);
    const auto port = parsePort(words[2]);
    if (!protocol || !port) return std::nullopt;
    return MappingKey{*protocol, *port};
}

Json reload(const AdminParts& parts) {
    const Reloaded reloaded = parts.reload();
    Json answer = reloaded.refused ? refused("refused", *reloaded.refused) : done();
    answer["notes"] = reloaded.notes;
    return answer;
}

/// Answers `close`; nullopt: it is not understood.
std::optional<Json> close(const AdminParts& parts, const Words& words) {
    const auto protocol = parseAnyProtocol(words[1]);
    const auto client = parseIpv6Address(words[2]);
    const auto port = protocol ? parsePortOf(*protocol, words[3]) : std::nullopt;
    if (!client || !port) return std::nullopt;
    const auto closed = parts.openings.removePinholes(*protocol, *client, *port, Clock::now());
    if (!closed) return refusalOf(closed.error(), "pinhole");
    Json answer = done();
    answer["closed"] = *closed;
    return answer;
}

/// The requests that change something.
Json change(const AdminParts& parts, const Words& words) {
    if (words.size() == 3 && words[0] == "delete")
        if (const auto key = keyOf(words))
            return resultOf(parts.openings.remove(*key, Clock::now()));
    if (words.size() == 4 && words[0] == "close")
        if (const auto answer = close(parts, words)) return *answer;
    if (words.size() == 1 && words[0] == "clear") return resultOf(parts.clear());
    if (words.size() == 1 && words[0] == "sync") {
        parts.lookAgain();
        return done();
    }
    if (words.size() == 1 && words[0] == "reload") return reload(parts);
    return refused("usage", "no such request");
}

Json answer(const AdminParts& parts, const Words& words, bool mayChange) {
    if (words.size() == 1 && words[0] == "status") return status(parts);
    if (const auto answer = listed(parts, words)) return *answer;
    if (!mayChange) return refused("permission", "only root may change mappings");
    return change(parts, words);
}

}  // namespace

std::string answerAdmin(const AdminParts& parts, std::string_view request, bool mayChange) {
    return answer(parts, words(request), mayChange)
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace igd
