// SPDX-License-Identifier: GPL-2.0-or-later
#include "conntrack/kernel_flows.h"

#include "conntrack/nl_address.h"
#include "nl_message.h"

#include "upnpd/util/log.h"

#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/netfilter/ct.h>
#include <netlink/netfilter/nfnl.h>
#include <netlink/netlink.h>

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace igd::firewall {
namespace {

bool isIpv6(const FlowKey& flow) {
    return std::holds_alternative<Ipv6Address>(flow.client.address);
}

void putAddress(nl_msg* message, int type, const IpAddress& address) {
    if (const auto* const ipv6 = std::get_if<Ipv6Address>(&address)) {
        ::nla_put(message, type, static_cast<int>(ipv6->bytes().size()), ipv6->bytes().data());
        return;
    }
    ::nla_put_u32(message, type, htonl(std::get<Ipv4Address>(address).value()));
}

/// One direction of a flow: CTA_TUPLE_ORIG or CTA_TUPLE_REPLY.
void putTuple(nl_msg* message, int type, const FlowKey& flow) {
    nlattr* const tuple = ::nla_nest_start(message, type);
    nlattr* const addresses = ::nla_nest_start(message, CTA_TUPLE_IP);
    putAddress(message, isIpv6(flow) ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, flow.client.address);
    putAddress(message, isIpv6(flow) ? CTA_IP_V6_DST : CTA_IP_V4_DST, flow.remote.address);
    ::nla_nest_end(message, addresses);
    nlattr* const ports = ::nla_nest_start(message, CTA_TUPLE_PROTO);
    ::nla_put_u8(message, CTA_PROTO_NUM, static_cast<std::uint8_t>(flow.protocol));
    ::nla_put_u16(message, CTA_PROTO_SRC_PORT, htons(flow.client.port.value));
    ::nla_put_u16(message, CTA_PROTO_DST_PORT, htons(flow.remote.port.value));
    ::nla_nest_end(message, ports);
    ::nla_nest_end(message, tuple);
}

FlowKey reversed(const FlowKey& flow) {
    return {flow.protocol, flow.remote, flow.client};
}

void putTranslation(nl_msg* message, const OutgoingFlow& made) {
    nlattr* const nat = ::nla_nest_start(message, CTA_NAT_SRC);
    putAddress(message, CTA_NAT_V4_MINIP, made.external.address);
    nlattr* const ports = ::nla_nest_start(message, CTA_NAT_PROTO);
    ::nla_put_u16(message, CTA_PROTONAT_PORT_MIN, htons(made.external.port.value));
    ::nla_put_u16(message, CTA_PROTONAT_PORT_MAX, htons(made.external.port.value));
    ::nla_nest_end(message, ports);
    ::nla_nest_end(message, nat);
}

Message messageFor(const FlowKey& flow, int kind, int flags) {
    const auto family = static_cast<std::uint8_t>(isIpv6(flow) ? AF_INET6 : AF_INET);
    Message message{::nfnlmsg_alloc_simple(NFNL_SUBSYS_CTNETLINK, static_cast<std::uint8_t>(kind),
                                           flags, family, 0)};
    if (message) putTuple(message.get(), CTA_TUPLE_ORIG, flow);
    return message;
}

void putTimeout(nl_msg* message, Seconds timeout) {
    ::nla_put_u32(message, CTA_TIMEOUT, htonl(static_cast<std::uint32_t>(timeout.count())));
}

/// Returns what the kernel's answer about a flow that should be there means.
Result<void> resultOf(int status) {
    if (status >= 0) return {};
    if (status == -NLE_OBJ_NOTFOUND) return fail(MappingError::NotFound);
    log::error("firewall: conntrack does not change a flow: {}", ::nl_geterror(status));
    return fail(MappingError::Backend);
}

/// Reads the kernel's reply to one question.
int take(nl_msg* message, void* context) noexcept {
    nfnl_ct* entry = nullptr;
    if (::nfnlmsg_ct_parse(::nlmsg_hdr(message), &entry) < 0) return NL_SKIP;
    // The answers go to the end to which the kernel has translated the source.
    if (const auto address = addressOf(::nfnl_ct_get_dst(entry, 1)))
        *static_cast<std::optional<OutgoingFlow>*>(context) =
            OutgoingFlow{{*address, Port{::nfnl_ct_get_dst_port(entry, 1)}},
                         Seconds{::nfnl_ct_get_timeout(entry)}};
    ::nfnl_ct_put(entry);
    return NL_STOP;  // the kernel marks the entry as one of many and sends no end of them
}

}  // namespace

void KernelFlows::Free::operator()(nl_sock* socket) const noexcept {
    ::nl_socket_free(socket);
}

KernelFlows::KernelFlows() : socket_(::nl_socket_alloc()) {
    constexpr timeval kPatience{1, 0};
    if (socket_ && ::nfnl_connect(socket_.get()) >= 0 &&
        ::setsockopt(::nl_socket_get_fd(socket_.get()), SOL_SOCKET, SO_RCVTIMEO, &kPatience,
                     sizeof kPatience) == 0)
        return;
    socket_.reset();
    log::warning("firewall: no netlink socket: PCP's PEER cannot be served");
}

std::optional<OutgoingFlow> KernelFlows::find(const FlowKey& key) {
    const Message message = messageFor(key, IPCTNL_MSG_CT_GET, 0);
    if (!socket_ || !message) return std::nullopt;
    std::optional<OutgoingFlow> found;
    ::nl_socket_modify_cb(socket_.get(), NL_CB_VALID, NL_CB_CUSTOM, take, &found);
    // An entry comes first and the acknowledgement behind it; an error is an acknowledgement
    // itself.
    if (::nl_send_auto(socket_.get(), message.get()) >= 0 &&
        ::nl_recvmsgs_default(socket_.get()) >= 0)
        static_cast<void>(::nl_recvmsgs_default(socket_.get()));
    ::nl_socket_modify_cb(socket_.get(), NL_CB_VALID, NL_CB_DEFAULT, nullptr, nullptr);
    return found;
}

Result<void> KernelFlows::create(const FlowKey& key, const OutgoingFlow& made) {
    Message message = messageFor(key, IPCTNL_MSG_CT_NEW, NLM_F_CREATE | NLM_F_EXCL);
    if (!socket_ || !message) return fail(MappingError::Backend);
    putTuple(message.get(), CTA_TUPLE_REPLY, reversed(key));
    if (!isIpv6(key)) putTranslation(message.get(), made);
    putTimeout(message.get(), made.timeout);
    const int status = ::nl_send_sync(socket_.get(), message.release());
    if (status == -NLE_EXIST || status == -NLE_BUSY) return fail(MappingError::Conflict);
    if (status >= 0) return {};
    log::error("firewall: conntrack does not take a flow: {}", ::nl_geterror(status));
    return fail(MappingError::Backend);
}

Result<void> KernelFlows::keep(const FlowKey& key, Seconds timeout) {
    Message message = messageFor(key, IPCTNL_MSG_CT_NEW, 0);
    if (!socket_ || !message) return fail(MappingError::Backend);
    putTimeout(message.get(), timeout);
    return resultOf(::nl_send_sync(socket_.get(), message.release()));
}

Result<void> KernelFlows::end(const FlowKey& key) {
    Message message = messageFor(key, IPCTNL_MSG_CT_DELETE, 0);
    if (!socket_ || !message) return fail(MappingError::Backend);
    return resultOf(::nl_send_sync(socket_.get(), message.release()));
}

}  // namespace igd::firewall
