// SPDX-License-Identifier: GPL-2.0-or-later
#include "pcp_message.h"

#include "upnpd/net/bytes.h"

#include <algorithm>

namespace igd::pcp {
namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kResponseBit = 0x80;
constexpr std::size_t kReservedAt = 12;
constexpr std::size_t kProtocolAt = 36;
constexpr std::size_t kExternalPortAt = 42;
constexpr std::size_t kExternalAddressAt = 44;
constexpr std::size_t kRemotePortAt = 60;
constexpr std::size_t kRemoteReservedAt = 62;
constexpr std::size_t kRemoteAddressAt = 64;

Ipv6Address addressAt(Datagram datagram, std::size_t at) {
    Ipv6Address::Bytes bytes{};
    std::copy_n(datagram.begin() + static_cast<std::ptrdiff_t>(at), bytes.size(), bytes.begin());
    return Ipv6Address{bytes};
}

void put(Bytes& bytes, std::size_t at, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
        bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * (size - 1 - i)));
}

void putHeader(Bytes& bytes, std::uint8_t opcode, ResultCode code, Seconds lifetime,
               std::uint32_t epoch) {
    bytes[0] = kVersion;
    bytes[1] = kResponseBit | opcode;
    bytes[2] = 0;
    bytes[3] = static_cast<std::uint8_t>(code);
    put(bytes, 4, static_cast<std::uint64_t>(lifetime.count()), 4);
    put(bytes, 8, epoch, 4);
    if (!isUnparsed(code))
        std::fill_n(bytes.begin() + kReservedAt, kHeaderSize - kReservedAt, std::uint8_t{0});
}

}  // namespace

Header parseHeader(Datagram datagram) {
    ByteReader in{datagram};
    in.skip(1);
    const std::uint8_t opcode = in.u8();
    in.skip(2);
    return {opcode, Seconds{in.u32()}, addressAt(datagram, 8)};
}

MapFields parseMap(Datagram datagram) {
    MapFields fields;
    std::copy_n(datagram.begin() + kHeaderSize, fields.nonce.size(), fields.nonce.begin());
    ByteReader in{datagram.subspan(kProtocolAt)};
    fields.protocol = in.u8();
    in.skip(3);
    fields.internalPort = Port{in.u16()};
    fields.suggestedPort = Port{in.u16()};
    const Ipv6Address suggested = addressAt(datagram, kExternalAddressAt);
    if (!isUnspecified(suggested)) fields.suggestedAddress = normalised(suggested);
    return fields;
}

RemotePeer parseRemotePeer(Datagram datagram) {
    ByteReader in{datagram.subspan(kRemotePortAt)};
    return {Port{in.u16()}, normalised(addressAt(datagram, kRemoteAddressAt))};
}

Bytes errorReply(Datagram request, ResultCode code, Seconds lifetime, std::uint32_t epoch) {
    Bytes reply{request.begin(), request.end()};
    reply.resize(std::clamp((reply.size() + 3) / 4 * 4, kHeaderSize, kMaxDatagram));
    putHeader(reply, reply[1], code, lifetime, epoch);
    return reply;
}

Bytes successHeader(Opcode opcode, Seconds lifetime, std::uint32_t epoch) {
    Bytes reply(kHeaderSize);
    putHeader(reply, static_cast<std::uint8_t>(opcode), ResultCode::Success, lifetime, epoch);
    return reply;
}

Bytes mappedReply(Datagram request, std::size_t size, Seconds lifetime, std::uint32_t epoch,
                  const std::optional<PortGrant>& external, const Bytes& options) {
    const Datagram fields = request.first(size);
    Bytes reply{fields.begin(), fields.end()};
    putHeader(reply, reply[1], ResultCode::Success, lifetime, epoch);
    put(reply, kProtocolAt + 1, 0, 3);
    if (size == kPeerSize) put(reply, kRemoteReservedAt, 0, 2);
    if (external) {
        put(reply, kExternalPortAt, external->externalPort.value, 2);
        std::ranges::copy(asIpv6(external->externalAddress).bytes(),
                          reply.begin() + kExternalAddressAt);
    }
    reply.insert(reply.end(), options.begin(), options.end());
    return reply;
}

Bytes pcpAnnouncement(std::uint32_t epoch) {
    return successHeader(Opcode::Announce, Seconds{0}, epoch);
}

}  // namespace igd::pcp
