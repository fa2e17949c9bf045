// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/pcp/client.h"

#include "pcp_message.h"

#include "upnpd/net/bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace igd::pcp {
namespace {

constexpr std::uint8_t kNatPmpVersion = 0;
constexpr std::uint8_t kPcpVersion = 2;
constexpr std::uint8_t kResponseBit = 0x80;
constexpr std::uint8_t kNatPmpUdp = 1;
constexpr std::uint8_t kNatPmpTcp = 2;
constexpr std::uint8_t kPreferFailure = 2;  // RFC 6887 section 13.2
constexpr std::size_t kAddressSize = 12;
constexpr std::size_t kNatPmpMapSize = 16;
constexpr std::size_t kRefusalSize = 8;

std::uint32_t seconds(Seconds lifetime) {
    return static_cast<std::uint32_t>(lifetime.count());
}

void writeAddress(ByteWriter& out, Ipv4Address address) {
    const Ipv6Address mapped = mappedAddress(address);
    for (const std::uint8_t octet : mapped.bytes()) out.u8(octet);
}

void writeHeader(ByteWriter& out, Opcode opcode, Seconds lifetime, Ipv4Address client) {
    out.u8(kPcpVersion).u8(static_cast<std::uint8_t>(opcode)).u16(0).u32(seconds(lifetime));
    writeAddress(out, client);
}

std::optional<Ipv4Address> ofHost(Ipv4Address address) {
    return address.isOfHost() ? std::optional{address} : std::nullopt;
}

/// RFC 6886 sections 3.2, 3.3 and 3.5. A result is two octets there; greater ones than 255 are not
/// defined.
std::optional<ServerAnswer> parseNatPmp(Datagram datagram) {
    ByteReader in{datagram};
    in.skip(1);
    const std::uint8_t opcode = in.u8();
    const std::uint16_t result = in.u16();
    ServerAnswer answer{.result = static_cast<std::uint8_t>(std::min<std::uint16_t>(result, 255)),
                        .epoch = in.u32()};
    if (datagram.size() == kRefusalSize && result == 1) {
        answer.kind = ServerAnswer::Kind::Refused;
        return answer;
    }
    if (opcode == kResponseBit && datagram.size() >= kAddressSize) {
        answer.kind = ServerAnswer::Kind::Address;
        if (result == 0) answer.external = ofHost(Ipv4Address{in.u32()});
        return answer;
    }
    const bool isMap =
        opcode == (kResponseBit | kNatPmpUdp) || opcode == (kResponseBit | kNatPmpTcp);
    if (!isMap || datagram.size() < kNatPmpMapSize) return std::nullopt;
    answer.kind = ServerAnswer::Kind::Map;
    answer.protocol = opcode == (kResponseBit | kNatPmpUdp) ? Protocol::Udp : Protocol::Tcp;
    answer.internalPort = Port{in.u16()};
    answer.externalPort = Port{in.u16()};
    answer.lifetime = Seconds{in.u32()};
    return answer;
}

/// RFC 6887 sections 7.2 and 11.1
std::optional<ServerAnswer> parsePcp(Datagram datagram) {
    if (datagram.size() < kHeaderSize || datagram.size() > kMaxDatagram ||
        (datagram[1] & kResponseBit) == 0)
        return std::nullopt;
    ServerAnswer answer{.isPcp = true, .result = datagram[3]};
    ByteReader in{datagram.subspan(4)};
    answer.lifetime = Seconds{in.u32()};
    answer.epoch = in.u32();
    const auto opcode = static_cast<Opcode>(datagram[1] & ~kResponseBit);
    if (opcode == Opcode::Announce) {
        answer.kind = ServerAnswer::Kind::Announce;
        return answer;
    }
    if (opcode != Opcode::Map || datagram.size() < kMapSize) return std::nullopt;
    const MapFields fields = parseMap(datagram);
    answer.kind = ServerAnswer::Kind::Map;
    answer.nonce = fields.nonce;
    answer.protocol = protocolOf(fields.protocol);
    answer.internalPort = fields.internalPort;
    if (answer.result != 0) return answer;
    answer.externalPort = fields.suggestedPort;
    if (const auto* const four =
            fields.suggestedAddress ? std::get_if<Ipv4Address>(&*fields.suggestedAddress) : nullptr)
        answer.external = ofHost(*four);
    return answer;
}

constexpr std::array<std::string_view, 14> kPcpResults{
    "SUCCESS",          "UNSUPP_VERSION",        "NOT_AUTHORIZED",   "MALFORMED_REQUEST",
    "UNSUPP_OPCODE",    "UNSUPP_OPTION",         "MALFORMED_OPTION", "NETWORK_FAILURE",
    "NO_RESOURCES",     "UNSUPP_PROTOCOL",       "USER_EX_QUOTA",    "CANNOT_PROVIDE_EXTERNAL",
    "ADDRESS_MISMATCH", "EXCESSIVE_REMOTE_PEERS"};
constexpr std::array<std::string_view, 6> kNatPmpResults{
    "success",         "unsupported version", "not authorised or refused",
    "network failure", "out of resources",    "unsupported opcode"};

}  // namespace

Bytes natPmpAddressRequest() {
    return {kNatPmpVersion, 0};
}

Bytes natPmpMapRequest(const MapQuestion& question) {
    ByteWriter out;
    const bool ends = question.lifetime == Seconds{0};  // RFC 6886 section 3.4
    out.u8(kNatPmpVersion)
        .u8(question.protocol == Protocol::Udp ? kNatPmpUdp : kNatPmpTcp)
        .u16(0)
        .u16(question.port.value)
        .u16(ends ? std::uint16_t{0} : question.port.value)
        .u32(seconds(question.lifetime));
    return out.bytes();
}

Bytes pcpAnnounceRequest(Ipv4Address client) {
    ByteWriter out;
    writeHeader(out, Opcode::Announce, Seconds{0}, client);
    return out.bytes();
}

Bytes pcpMapRequest(const MapQuestion& question) {
    ByteWriter out;
    writeHeader(out, Opcode::Map, question.lifetime, question.client);
    for (const std::uint8_t octet : question.nonce) out.u8(octet);
    out.u8(static_cast<std::uint8_t>(question.protocol)).u8(0).u16(0);
    out.u16(question.port.value).u16(question.port.value);
    writeAddress(out, Ipv4Address{});  // ::ffff:0.0.0.0: any address of IPv4
    if (question.exactly) out.u8(kPreferFailure).u8(0).u16(0);
    return out.bytes();
}

std::optional<ServerAnswer> parseServerAnswer(Datagram datagram) {
    if (datagram.size() < kRefusalSize) return std::nullopt;
    if (datagram[0] == kNatPmpVersion) return parseNatPmp(datagram);
    return datagram[0] == kPcpVersion ? parsePcp(datagram) : std::nullopt;
}

std::string nameOfResult(bool isPcp, std::uint8_t result) {
    const std::span<const std::string_view> names =
        isPcp ? std::span<const std::string_view>{kPcpResults} : kNatPmpResults;
    if (result < names.size()) return std::string{names[result]};
    return fmt::format("result {}", result);
}

bool isAboutOnePort(const ServerAnswer& answer) {
    const auto code = static_cast<ResultCode>(answer.result);
    return answer.isPcp &&
           (code == ResultCode::CannotProvideExternal || code == ResultCode::NotAuthorized);
}

}  // namespace igd::pcp
