// SPDX-License-Identifier: GPL-2.0-or-later
// This is NAT-PMP (RFC 6886).
#include "context.h"

#include "upnpd/net/bytes.h"
#include "upnpd/util/log.h"

#include <algorithm>
#include <utility>

namespace igd::pcp {
namespace {

constexpr std::uint8_t kVersion = 0;
constexpr std::uint8_t kResponseBit = 0x80;
constexpr std::size_t kMapSize = 12;
constexpr std::size_t kSmallestReply = 4;

/// The result codes (RFC 6886 section 3.5).
enum class ResultCode : std::uint16_t {
    Success = 0,
    UnsupportedVersion = 1,
    NotAuthorized = 2,
    NetworkFailure = 3,
    OutOfResources = 4,
    UnsupportedOpcode = 5,
};

enum Opcode : std::uint8_t { ExternalAddress = 0, MapUdp = 1, MapTcp = 2 };

ResultCode codeOf(MappingError error) {
    switch (error) {
        case MappingError::NotAuthorized:
            return ResultCode::NotAuthorized;
        case MappingError::NoExternalAddress:
        case MappingError::NoInternalAddress:
            return ResultCode::NetworkFailure;
        case MappingError::Conflict:
        case MappingError::PortInUse:
        case MappingError::QuotaExceeded:
        case MappingError::TableFull:
        case MappingError::TooManyFilters:
        case MappingError::NotFound:
        case MappingError::IndexOutOfRange:
        case MappingError::Backend:
        case MappingError::NotApproved:
            return ResultCode::OutOfResources;
    }
    return ResultCode::OutOfResources;
}

ByteWriter header(std::uint8_t opcode, ResultCode code, std::uint32_t epoch) {
    ByteWriter out;
    out.u8(kVersion).u8(kResponseBit | opcode).u16(static_cast<std::uint16_t>(code)).u32(epoch);
    return out;
}

Bytes addressReply(std::optional<Ipv4Address> external, std::uint32_t epoch) {
    ByteWriter out =
        header(ExternalAddress, external ? ResultCode::Success : ResultCode::NetworkFailure, epoch);
    out.u32(external.value_or(Ipv4Address{}).value());
    return out.bytes();
}

/// Returns the request with the answer's bit and the code (section 3.5).
Bytes unsupportedOpcode(Datagram datagram) {
    Bytes reply{datagram.begin(), datagram.end()};
    reply.resize(std::max(reply.size(), kSmallestReply));
    reply[1] |= kResponseBit;
    reply[2] = 0;
    reply[3] = static_cast<std::uint8_t>(ResultCode::UnsupportedOpcode);
    return reply;
}

struct MapRequest {
    std::uint8_t opcode;
    Port internal;
    Port suggested;
    Seconds lifetime;
};

MapRequest parseMap(Datagram datagram) {
    ByteReader in{datagram};
    in.skip(1);
    const std::uint8_t opcode = in.u8();
    in.skip(2);
    const Port internal{in.u16()};
    const Port suggested{in.u16()};
    return {opcode, internal, suggested, Seconds{in.u32()}};
}

struct MapResult {
    ResultCode code;
    Port external;
    Seconds lifetime;
};

Bytes mapReply(const MapRequest& request, const MapResult& result, std::uint32_t epoch) {
    ByteWriter out = header(request.opcode, result.code, epoch);
    out.u16(request.internal.value).u16(result.external.value);
    out.u32(static_cast<std::uint32_t>(result.lifetime.count()));
    return out.bytes();
}

/// Returns the fields of an answer: a refused deletion tells what stays, another refusal nothing
/// (sections 3.3 and 3.4).
MapResult resultOf(const MapRequest& request, const PortAnswer& answer) {
    const bool deletes = request.lifetime == Seconds{0};
    if (answer) {
        if (deletes) return {ResultCode::Success, Port{0}, Seconds{0}};
        return {ResultCode::Success, answer->externalPort,
                std::min(answer->lifetime, request.lifetime)};
    }
    const PortRefusal& refusal = answer.error();
    if (deletes) return {codeOf(refusal.error), refusal.externalPort, refusal.lifetime};
    return {codeOf(refusal.error), Port{0}, Seconds{0}};
}

void map(const MapRequest& request, const Context& context) {
    const Protocol protocol = request.opcode == MapTcp ? Protocol::Tcp : Protocol::Udp;
    const auto answered = [context, request](const PortAnswer& answer) {
        context.reply(mapReply(request, resultOf(request, answer), context.epoch()));
    };
    if (request.lifetime == Seconds{0})
        return context.ask(PortRelease{protocol, context.source, request.internal, false,
                                       context.source, Origin::NatPmp, std::nullopt},
                           answered);
    if (request.internal == Port{0}) return answered(refuse(MappingError::NotAuthorized));
    PortRequest wanted;
    wanted.protocol = protocol;
    wanted.client = wanted.requester = context.source;
    wanted.internalPort = request.internal;
    wanted.suggestedPort = request.suggested;
    wanted.lifetime = request.lifetime;
    wanted.origin = Origin::NatPmp;
    wanted.description = "NAT-PMP";
    context.ask(wanted, answered);
}

}  // namespace

Dropped receiveNatPmp(Datagram datagram, const Context& context) {
    const std::uint8_t opcode = datagram[1];
    if (opcode == ExternalAddress) {
        log::debug("nat-pmp: {} asks for the external address", toString(context.source));
        auto external = context.parts.state().external;
        if (external && context.config.hidePrivateAddress && !external->isPublic())
            external.reset();
        context.reply(addressReply(external, context.epoch()));
        return std::nullopt;
    }
    if (opcode != MapUdp && opcode != MapTcp) {
        log::debug("nat-pmp: {} sent opcode {}, which is not known", toString(context.source),
                   opcode);
        context.reply(unsupportedOpcode(datagram));
        return std::nullopt;
    }
    if (datagram.size() < kMapSize) return "too short";
    map(parseMap(datagram), context);
    return std::nullopt;
}

Bytes natPmpUnsupportedVersion(std::uint32_t epoch) {
    ByteWriter out;
    out.u8(kVersion)
        .u8(0)
        .u16(static_cast<std::uint16_t>(ResultCode::UnsupportedVersion))
        .u32(epoch);
    return out.bytes();
}

Bytes natPmpAnnouncement(Ipv4Address external, std::uint32_t epoch) {
    return addressReply(external, epoch);
}

}  // namespace igd::pcp
