// SPDX-License-Identifier: GPL-2.0-or-later
// PCP's requests are checked in the order of RFC 6887 section 8.2, then its opcodes are carried
// out.
#include "context.h"
#include "pcp_message.h"

#include "upnpd/net/bytes.h"
#include "upnpd/util/log.h"

#include <algorithm>
#include <utility>

namespace igd::pcp {
namespace {

/// A request with its octets, which the answer repeats.
struct Request {
    Context context;
    Bytes bytes;
    Header header;
    Options options{};
    MapFields fields{};

    void fail(ResultCode code) const { fail(code, lifetimeOf(code)); }
    void fail(ResultCode code, Seconds lifetime) const {
        log::debug("pcp: {} gets result {} for opcode {}", toString(context.source),
                   static_cast<unsigned>(code), header.opcode);
        context.reply(errorReply(bytes, code, lifetime, context.epoch()));
    }
    void refuse(const PortRefusal& refusal) const {
        const ResultCode code = codeOf(refusal.error);
        const bool known =
            refusal.lifetime != Seconds{0} &&
            (code == ResultCode::NotAuthorized || code == ResultCode::CannotProvideExternal);
        fail(code, known ? refusal.lifetime : lifetimeOf(code));
    }
    /// An answer says how large a set is, and nothing of one port (RFC 7753 section 4).
    void succeed(Seconds lifetime, const PortGrant& granted, bool isMapped) const {
        Bytes echo = options.echo;
        if (options.set && granted.portCount > 1) {
            const Bytes set = portSetOption(granted, options.set->keepsParity);
            echo.insert(echo.end(), set.begin(), set.end());
        }
        context.reply(mappedReply(bytes, kMapSize, lifetime, context.epoch(),
                                  isMapped ? std::optional{granted} : std::nullopt, echo));
    }
    [[nodiscard]] IpAddress client() const { return options.thirdParty.value_or(context.source); }
    /// Returns nullopt when it cannot be mapped: a pinhole of IPv6 may be for more protocols than
    /// addresses are translated for.
    [[nodiscard]] std::optional<Protocol> protocol() const {
        const auto number = protocolOf(fields.protocol);
        const bool good =
            number && (isTranslated(*number) || std::holds_alternative<Ipv6Address>(client()));
        return good ? number : std::nullopt;
    }
};

bool mayActForOthers(const Context& context) {
    return std::ranges::any_of(context.config.thirdParties, [&](const Ipv6Prefix& prefix) {
        return prefix.contains(asIpv6(context.source));
    });
}

std::size_t smallest(std::uint8_t opcode) {
    if (opcode == static_cast<std::uint8_t>(Opcode::Map)) return kMapSize;
    if (opcode == static_cast<std::uint8_t>(Opcode::Peer)) return kPeerSize;
    return kHeaderSize;
}

void unmap(const Request& request) {
    const auto protocol = request.protocol();
    if (request.fields.protocol != 0 && !protocol) return request.fail(ResultCode::UnsuppProtocol);
    const auto answered = [request](const PortAnswer& answer) {
        if (!answer) return request.refuse(answer.error());
        request.succeed(Seconds{0}, *answer, false);
    };
    request.context.ask(
        PortRelease{protocol, request.client(), protocol ? request.fields.internalPort : Port{0},
                    request.options.set.has_value(), request.context.source, Origin::Pcp,
                    request.fields.nonce},
        answered);
}

/// How many ports there are from `port` on.
unsigned portsBehind(Port port) {
    constexpr unsigned kBehindLast = 65536;
    return kBehindLast - port.value;
}

PortRequest portRequestOf(const Request& request, Protocol protocol) {
    PortRequest wanted;
    wanted.protocol = protocol;
    wanted.client = request.client();
    wanted.internalPort = request.fields.internalPort;
    wanted.suggestedPort = request.fields.suggestedPort;
    wanted.suggestedAddress = request.fields.suggestedAddress;
    // The numbers of ports end: whoever asks for 65535 takes what there is.
    if (const auto& set = request.options.set) {
        wanted.portCount = static_cast<std::uint16_t>(
            std::min<unsigned>(set->count, portsBehind(wanted.internalPort)));
        wanted.keepsParity = set->keepsParity && wanted.portCount > 1;
    }
    wanted.exact = request.options.preferFailure;
    wanted.lifetime = request.header.lifetime;
    wanted.requester = request.context.source;
    wanted.origin = Origin::Pcp;
    wanted.nonce = request.fields.nonce;
    wanted.dropFilters = request.options.dropFilters;
    wanted.filters = request.options.filters;
    wanted.description = request.options.description.empty() ? "PCP" : request.options.description;
    return wanted;
}

/// Returns why the fields cannot be mapped; nullopt: they can. A port is 0 where there are none,
/// and nowhere else, because all ports of a protocol cannot be had.
std::optional<ResultCode> refusesFields(const Request& request) {
    const MapFields& fields = request.fields;
    const bool noPort = fields.internalPort == Port{0};
    if (fields.protocol == 0 && !noPort) return ResultCode::MalformedRequest;
    const auto protocol = request.protocol();
    if (!protocol || (noPort && hasPorts(*protocol))) return ResultCode::UnsuppProtocol;
    if (!noPort && !hasPorts(*protocol)) return ResultCode::MalformedRequest;
    if (const auto& set = request.options.set) {
        if (noPort) return ResultCode::MalformedOption;
        if (request.options.preferFailure && set->count > portsBehind(fields.internalPort))
            return ResultCode::CannotProvideExternal;
    }
    for (const PeerFilter& filter : request.options.filters) {
        if (filter.remote.address.mapped().has_value() !=
            std::holds_alternative<Ipv4Address>(request.client()))
            return ResultCode::ExcessiveRemotePeers;
        if (filter.port != Port{0} && !hasPorts(*protocol)) return ResultCode::MalformedOption;
    }
    return std::nullopt;
}

bool mayProbe(const Context& context, FairLimit& probes) {
    return probes.admits(context.source, context.host, context.parts.now());
}

/// Carries out MAP (RFC 6887 section 11.3).
void map(const Request& request, FairLimit& probes) {
    if (request.header.lifetime == Seconds{0}) return unmap(request);
    if (const auto refused = refusesFields(request)) return request.fail(*refused);
    const auto answered = [request, &probes](const PortAnswer& answer) {
        if (answer) return request.succeed(answer->lifetime, *answer, true);
        // A client that tries port after port learns what others have mapped (PCP-PF-07).
        const bool probe =
            request.options.preferFailure && answer.error().error == MappingError::Conflict;
        if (!probe || mayProbe(request.context, probes)) request.refuse(answer.error());
    };
    request.context.ask(portRequestOf(request, *request.protocol()), answered);
}

/// Carries out PEER (RFC 6887 section 12.3).
void peer(const Request& request) {
    const MapFields& fields = request.fields;
    const RemotePeer remote = parseRemotePeer(request.bytes);
    if (fields.protocol == 0 || fields.internalPort == Port{0} || remote.port == Port{0})
        return request.fail(ResultCode::MalformedRequest);
    const auto protocol = protocolOf(fields.protocol);
    if (!protocol || !isTranslated(*protocol)) return request.fail(ResultCode::UnsuppProtocol);
    const auto answered = [request](const PortAnswer& answer) {
        if (!answer) return request.refuse(answer.error());
        request.context.reply(mappedReply(request.bytes, kPeerSize, answer->lifetime,
                                          request.context.epoch(), *answer, request.options.echo));
    };
    request.context.ask(
        PeerRequest{*protocol, request.client(), fields.internalPort, remote.address, remote.port,
                    fields.suggestedPort, fields.suggestedAddress, request.header.lifetime,
                    request.context.source, fields.nonce},
        answered);
}

void handle(Request& request, FairLimit& probes) {
    if (request.header.client != asIpv6(request.context.source))
        return request.fail(ResultCode::AddressMismatch);
    if (request.header.opcode > static_cast<std::uint8_t>(Opcode::Peer))
        return request.fail(ResultCode::UnsuppOpcode);
    const auto opcode = static_cast<Opcode>(request.header.opcode);
    if (opcode != Opcode::Announce) request.fields = parseMap(request.bytes);
    auto options =
        parseOptions(Datagram{request.bytes}.subspan(smallest(request.header.opcode)),
                     {opcode, opcode == Opcode::Map && request.header.lifetime == Seconds{0},
                      request.fields.internalPort, request.fields.suggestedPort,
                      request.context.source, mayActForOthers(request.context)});
    if (!options) return request.fail(options.error());
    request.options = std::move(*options);
    switch (opcode) {
        case Opcode::Announce:
            log::debug("pcp: {} asks whether the mappings are still there (ANNOUNCE)",
                       toString(request.context.source));
            return request.context.reply(pcpAnnouncement(request.context.epoch()));
        case Opcode::Map:
            return map(request, probes);
        case Opcode::Peer:
            return peer(request);
    }
}

}  // namespace

Dropped receivePcp(Datagram datagram, const Context& context, FairLimit& probes) {
    if (datagram.size() < kHeaderSize) return "too short";
    Request request{context, Bytes{datagram.begin(), datagram.end()}, parseHeader(datagram)};
    if (datagram.size() > kMaxDatagram || datagram.size() % 4 != 0 ||
        datagram.size() < smallest(request.header.opcode))
        request.fail(ResultCode::MalformedRequest);
    else
        handle(request, probes);
    return std::nullopt;
}

Bytes pcpUnsupportedVersion(Datagram datagram, std::uint32_t epoch) {
    return errorReply(datagram, ResultCode::UnsuppVersion, lifetimeOf(ResultCode::UnsuppVersion),
                      epoch);
}

}  // namespace igd::pcp
