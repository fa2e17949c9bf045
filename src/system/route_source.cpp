// SPDX-License-Identifier: GPL-2.0-or-later
#include "route_source.h"

#include <linux/rtnetlink.h>

namespace igd {
namespace {

/// Any host of the Internet will do (k.root-servers.net); nothing is sent to it.
constexpr std::uint32_t kSomeHost = 0xc1000e81;

int take(nl_msg* message, void* context) noexcept {
    nlmsghdr& route = *nlmsg_hdr(message);
    const auto about = netlink::headerOf<rtmsg>(route);
    if (!about || route.nlmsg_type != RTM_NEWROUTE) return NL_SKIP;
    const auto source = netlink::addressOf(about->rtm_family,
                                           netlink::attributeOf(route, sizeof(rtmsg), RTA_PREFSRC));
    if (source && std::holds_alternative<Ipv4Address>(*source))
        *static_cast<std::optional<Ipv4Address>*>(context) = std::get<Ipv4Address>(*source);
    return NL_OK;
}

}  // namespace

std::optional<Ipv4Address> sourceOf(nl_sock& socket, int index) {
    const netlink::Message question{nlmsg_alloc_simple(RTM_GETROUTE, 0)};
    rtmsg about{};
    about.rtm_family = AF_INET;
    about.rtm_dst_len = 32;
    if (!question || nlmsg_append(question.get(), &about, sizeof about, NLMSG_ALIGNTO) < 0 ||
        nla_put_u32(question.get(), RTA_DST, htonl(kSomeHost)) < 0 ||
        nla_put_u32(question.get(), RTA_OIF, static_cast<std::uint32_t>(index)) < 0)
        return std::nullopt;
    std::optional<Ipv4Address> source;
    nl_socket_modify_cb(&socket, NL_CB_VALID, NL_CB_CUSTOM, take, &source);
    // The answer comes first and the acknowledgement behind it; a refusal is one itself.
    if (nl_send_auto(&socket, question.get()) >= 0 && nl_recvmsgs_default(&socket) >= 0)
        static_cast<void>(nl_wait_for_ack(&socket));
    nl_socket_modify_cb(&socket, NL_CB_VALID, NL_CB_DEFAULT, nullptr, nullptr);
    return source;
}

}  // namespace igd
