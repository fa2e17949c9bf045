// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet_watch.h"

#include "upnpd/net/bytes.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace igd::ctl {
namespace {

constexpr std::size_t kMostPorts = 16;
constexpr std::size_t kIpv4Header = 20;
constexpr std::size_t kProtocolAt = 9;
constexpr std::size_t kFragmentAt = 6;
constexpr std::uint16_t kFragmentOffset = 0x1fff;

/// The kernel hands over what concerns us, and not all that a router passes on: IPv4, TCP or UDP,
/// the head of a packet, one of the ports at either end.
std::vector<sock_filter> filterFor(std::span<const Port> ports) {
    std::vector<sock_filter> filter{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                 static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PROTOCOL)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kProtocolAt),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, kFragmentAt),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, kFragmentOffset, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0)};
    constexpr std::uint32_t kAll = ~0U;
    for (const std::uint32_t offset : {0U, 2U}) {
        filter.push_back(BPF_STMT(BPF_LD | BPF_H | BPF_IND, offset));
        for (const Port port : ports) {
            filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port.value, 0, 1));
            filter.push_back(BPF_STMT(BPF_RET | BPF_K, kAll));
        }
    }
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, 0));
    return filter;
}

std::system_error failure(const char* what) {
    return {errno, std::generic_category(), what};
}

}  // namespace

std::optional<PassedPacket> readPacket(std::span<const std::uint8_t> octets) {
    constexpr std::uint8_t kReset = 4;
    ByteReader reader{octets};
    const std::uint8_t versionAndLength = reader.u8();
    const std::size_t header = static_cast<std::size_t>(versionAndLength & 0x0f) * 4;
    const std::uint16_t fragment = reader.skip(kFragmentAt - 1).u16();
    const std::uint8_t protocol = reader.skip(1).u8();
    if (versionAndLength >> 4 != 4 || header < kIpv4Header || (fragment & kFragmentOffset) != 0 ||
        (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP))
        return std::nullopt;
    PassedPacket packet;
    packet.protocol = protocol == IPPROTO_TCP ? Protocol::Tcp : Protocol::Udp;
    const Ipv4Address source{reader.skip(2).u32()};
    const Ipv4Address destination{reader.u32()};
    packet.source = {source, Port{reader.skip(header - kIpv4Header).u16()}};
    packet.destination = {destination, Port{reader.u16()}};
    if (!reader.ok()) return std::nullopt;
    // Sequence numbers and the length are between the ports and the flags.
    packet.resets = protocol == IPPROTO_TCP && (reader.skip(9).u8() & kReset) != 0;
    return packet;
}

PacketWatch::PacketWatch(std::span<const Port> ports)
    : socket_(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    if (!socket_) throw failure("packets cannot be watched");
    std::vector<sock_filter> filter = filterFor(ports.first(std::min(ports.size(), kMostPorts)));
    const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
    if (::setsockopt(socket_.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
        throw failure("packets cannot be filtered");
    // It hears nothing before it is bound.
    sockaddr_ll all{};
    all.sll_family = AF_PACKET;
    all.sll_protocol = htons(ETH_P_ALL);
    if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&all), sizeof all) != 0)
        throw failure("packets cannot be watched");
}

std::optional<PassedPacket> PacketWatch::next(TimePoint end) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
        pollfd wanted{socket_.get(), POLLIN, 0};
        if (left <= 0 || ::poll(&wanted, 1, static_cast<int>(left)) <= 0) return std::nullopt;
        std::array<std::uint8_t, 128> octets{};
        sockaddr_ll from{};
        socklen_t size = sizeof from;
        const ssize_t got = ::recvfrom(socket_.get(), octets.data(), octets.size(), MSG_DONTWAIT,
                                       reinterpret_cast<sockaddr*>(&from), &size);
        if (got <= 0 || from.sll_pkttype == PACKET_OTHERHOST) continue;
        auto packet = readPacket(std::span{octets}.first(static_cast<std::size_t>(got)));
        if (!packet) continue;
        packet->interface = static_cast<std::uint32_t>(from.sll_ifindex);
        packet->leaves = from.sll_pkttype == PACKET_OUTGOING;
        return packet;
    }
}

}  // namespace igd::ctl
