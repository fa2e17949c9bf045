// SPDX-License-Identifier: GPL-2.0-or-later
#include "admin_requests.h"

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
constexpr std::uint32_t kPage = 100;  // mappings in one answer: far below kMaxControlAnswer

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

Json jsonOf(const MappingView& mapping) {
    return {{"protocol", lowerName(mapping.key.protocol)},
            {"external_port", mapping.key.externalPort.value},
            {"remote_host", mapping.remoteHost ? Json(toString(*mapping.remoteHost)) : Json()},
            {"internal_address", toString(mapping.internal.address)},
            {"internal_port", mapping.internal.port.value},
            {"enabled", mapping.enabled},
            {"description", mapping.description},
            {"lease", mapping.remainingLease.count()},
            {"via", name(mapping.origin)}};
}

Json pinholeJson(Protocol protocol, const Ipv6Address& client, Port port, TimePoint end) {
    return {{"protocol", lowerName(protocol)},
            {"internal_address", toString(client)},
            {"internal_port", port.value},
            {"from", Json::array()},
            {"lease", secondsUntil(end, Clock::now()).count()}};
}

Json jsonOf(const Pinhole& pinhole) {
    const PinholeKey& key = pinhole.key;
    Json json = pinholeJson(key.protocol, key.client, key.internalPort, pinhole.expiresAt);
    if (key.remoteHost || key.remotePort) {
        const Ipv6Prefix remote = key.remoteHost ? Ipv6Prefix{*key.remoteHost, 128} : Ipv6Prefix{};
        json["from"].push_back(toString(PeerFilter{remote, key.remotePort.value_or(Port{0})}));
    }
    json["via"] = name(Origin::Igd);
    json["id"] = pinhole.id;
    return json;
}

Json jsonOf(const Ipv6Mapping& mapping) {
    Json json = pinholeJson(mapping.protocol, mapping.client, mapping.port, mapping.expiresAt);
    for (const PeerFilter& filter : mapping.filters) json["from"].push_back(toString(filter));
    json["via"] = name(Origin::Pcp);
    return json;
}

Json lanJson(const FrontEnds::Served& lan) {
    Json addresses = Json::array();
    for (const Ipv4Prefix& each : lan.addresses) addresses.push_back(toString(each));
    return {{"interface", lan.interface.text()},
            {"address", addresses.empty() ? Json() : addresses.front()},
            {"addresses", addresses},
            {"answers", lan.answers},
            {"http_port", lan.httpPort ? Json(lan.httpPort->value) : Json()}};
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

Json status(const ControlParts& parts) {
    Json answer = done();
    const GatewayStatus status = parts.wan.status(Clock::now());
    answer["version"] = UPNPD_VERSION;
    answer["external"] = externalJson(parts.wan.view(), status.connectedFor);
    answer["internal"] = Json::array();
    for (const auto& lan : parts.frontEnds.served()) answer["internal"].push_back(lanJson(lan));
    answer["firewall"] = parts.firewall.name();
    answer["mappings"] = parts.mapper.size();
    answer["pinholes"] = parts.pinholes != nullptr ? parts.pinholes->size() : 0;
    answer["repairs"] = parts.repairs.count();
    return answer;
}

Json list(const ControlParts& parts, std::uint32_t from) {
    Json answer = done();
    answer["mappings"] = Json::array();
    std::uint32_t index = from;
    for (; index - from < kPage; ++index) {
        const auto mapping = parts.mapper.at(index, Clock::now());
        if (!mapping) break;
        answer["mappings"].push_back(jsonOf(*mapping));
    }
    answer["next"] = index < parts.mapper.size() ? Json(index) : Json();
    return answer;
}

Json listPinholes(const ControlParts& parts, std::uint32_t from) {
    std::vector<Json> all;
    if (parts.pinholes != nullptr) {
        for (const Pinhole& pinhole : parts.pinholes->all()) all.push_back(jsonOf(pinhole));
        for (const Ipv6Mapping& mapping : parts.pinholes->mapped()) all.push_back(jsonOf(mapping));
    }
    Json answer = done();
    answer["pinholes"] = Json::array();
    for (std::size_t i = from; i < all.size() && i - from < kPage; ++i)
        answer["pinholes"].push_back(all[i]);
    const std::size_t next = from + answer["pinholes"].size();
    answer["next"] = next < all.size() ? Json(next) : Json();
    return answer;
}

std::optional<MappingKey> keyOf(const Words& words) {
    const auto protocol = parseProtocol(words[1]);
    const auto port = parsePort(words[2]);
    if (!protocol || !port) return std::nullopt;
    return MappingKey{*protocol, *port};
}

Json reload(const ControlParts& parts) {
    const Reloaded reloaded = parts.reload();
    Json answer = reloaded.refused ? refused("refused", *reloaded.refused) : done();
    answer["notes"] = reloaded.notes;
    return answer;
}

/// Of `close`; nullopt: it is not understood.
std::optional<Json> close(const ControlParts& parts, const Words& words) {
    const auto protocol = parseAnyProtocol(words[1]);
    const auto client = parseIpv6Address(words[2]);
    const auto port = protocol ? parsePortOf(*protocol, words[3]) : std::nullopt;
    if (!client || !port) return std::nullopt;
    const auto closed = parts.pinholes != nullptr
                            ? parts.pinholes->remove(*protocol, *client, *port)
                            : Result<std::size_t>{fail(MappingError::NotFound)};
    if (!closed) return refusalOf(closed.error(), "pinhole");
    Json answer = done();
    answer["closed"] = *closed;
    return answer;
}

/// The requests that change something.
Json change(const ControlParts& parts, const Words& words) {
    if (words.size() == 3 && words[0] == "delete")
        if (const auto key = keyOf(words)) return resultOf(parts.mapper.remove(*key, Clock::now()));
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

Json answer(const ControlParts& parts, const Words& words, bool mayChange) {
    if (words.size() == 1 && words[0] == "status") return status(parts);
    if (words.size() == 2 && words[0] == "list")
        if (const auto from = parseUnsigned<std::uint32_t>(words[1])) return list(parts, *from);
    if (words.size() == 2 && words[0] == "pinholes")
        if (const auto from = parseUnsigned<std::uint32_t>(words[1]))
            return listPinholes(parts, *from);
    if (!mayChange) return refused("permission", "only root may change mappings");
    return change(parts, words);
}

}  // namespace

std::string answerControl(const ControlParts& parts, std::string_view request, bool mayChange) {
    return answer(parts, words(request), mayChange)
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace igd
