// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/route_questions.h"

#include "netlink.h"

#include <netlink/route/rule.h>

#include <array>
#include <cerrno>

#include <net/if.h>

namespace igd {
namespace {

netlink::Message questionAbout(const PassingPacket& packet) {
    netlink::Message question{nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST)};
    const netlink::Address source = netlink::built(packet.source);
    const netlink::Address destination = netlink::built(packet.destination);
    if (!question || !source || !destination) return nullptr;
    rtmsg about{};
    about.rtm_family = static_cast<std::uint8_t>(nl_addr_get_family(destination.get()));
    about.rtm_src_len = about.rtm_dst_len =
        static_cast<std::uint8_t>(nl_addr_get_prefixlen(destination.get()));
    if (nlmsg_append(question.get(), &about, sizeof about, NLMSG_ALIGNTO) < 0 ||
        nla_put_addr(question.get(), RTA_SRC, source.get()) < 0 ||
        nla_put_addr(question.get(), RTA_DST, destination.get()) < 0 ||
        nla_put_u32(question.get(), RTA_IIF, packet.in) < 0 ||
        (packet.mark != 0 && nla_put_u32(question.get(), RTA_MARK, packet.mark) < 0))
        return nullptr;
    return question;
}

tl::expected<NextHop, int> read(nlmsghdr& answer, int size) {
    if (nlmsg_ok(&answer, size) == 0) return tl::unexpected{EBADMSG};
    if (answer.nlmsg_type == NLMSG_ERROR && nlmsg_datalen(&answer) >= int{sizeof(nlmsgerr)})
        return tl::unexpected{-static_cast<const nlmsgerr*>(nlmsg_data(&answer))->error};
    const auto about = netlink::headerOf<rtmsg>(answer);
    if (answer.nlmsg_type != RTM_NEWROUTE || !about) return tl::unexpected{EBADMSG};
    NextHop hop;
    const auto index = netlink::attributeOf(answer, sizeof(rtmsg), RTA_OIF);
    if (index.size() == sizeof hop.interface)
        std::memcpy(&hop.interface, index.data(), sizeof hop.interface);
    hop.gateway = netlink::addressOf(about->rtm_family,
                                     netlink::attributeOf(answer, sizeof(rtmsg), RTA_GATEWAY));
    return hop;
}

/// Any host of the Internet will do (k.root-servers.net); nothing is sent to it.
constexpr Ipv4Address kSomeHost{0xc1000e81};

netlink::Message questionBy(int interface) {
    netlink::Message question{nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST)};
    const netlink::Address destination = netlink::built(IpAddress{kSomeHost});
    rtmsg about{};
    about.rtm_family = AF_INET;
    about.rtm_dst_len = 32;
    if (!question || !destination ||
        nlmsg_append(question.get(), &about, sizeof about, NLMSG_ALIGNTO) < 0 ||
        nla_put_addr(question.get(), RTA_DST, destination.get()) < 0 ||
        nla_put_u32(question.get(), RTA_OIF, static_cast<std::uint32_t>(interface)) < 0)
        return nullptr;
    return question;
}

tl::expected<NextHop, int> ask(const netlink::Message& question) {
    const netlink::Socket socket = netlink::openSocket();
    nl_socket_disable_auto_ack(socket.get());
    if (!question || nl_send_auto(socket.get(), question.get()) < 0) return tl::unexpected{ENOBUFS};
    alignas(nlmsghdr) std::array<char, 4096> answer{};
    const ssize_t size = ::recv(nl_socket_get_fd(socket.get()), answer.data(), answer.size(), 0);
    if (size < 0) return tl::unexpected{errno};
    return read(*reinterpret_cast<nlmsghdr*>(answer.data()), static_cast<int>(size));
}

}  // namespace

tl::expected<NextHop, int> nextHopOf(const PassingPacket& packet) {
    return ask(questionAbout(packet));
}

std::optional<Ipv4Address> gatewayBehind(const InterfaceName& interface) {
    const unsigned index = ::if_nametoindex(interface.text().c_str());
    const auto hop = ask(questionBy(static_cast<int>(index)));
    if (index == 0 || !hop || !hop->gateway) return std::nullopt;
    const auto* const four = std::get_if<Ipv4Address>(&*hop->gateway);
    return four != nullptr ? std::optional{*four} : std::nullopt;
}

bool routesByMark() {
    const netlink::Socket socket = netlink::openSocket();
    nl_cache* raw = nullptr;
    if (rtnl_rule_alloc_cache(socket.get(), AF_INET, &raw) < 0) return false;
    const netlink::Cache rules{raw};
    for (nl_object* object = nl_cache_get_first(raw); object != nullptr;
         object = nl_cache_get_next(object))
        if (rtnl_rule_get_mark(reinterpret_cast<rtnl_rule*>(object)) != 0) return true;
    return false;
}

}  // namespace igd
