// SPDX-License-Identifier: GPL-2.0-or-later
#include "conntrack/outgoing_flows.h"

#include "conntrack/nl_message.h"

#include "upnpd/util/log.h"

#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/netfilter/ct.h>
#include <netlink/netfilter/nfnl.h>
#include <netlink/netlink.h>

#include <cstring>

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace igd::firewall {
namespace {

bool isSix(const FlowKey& flow) {
    return std::holds_alternative<Ipv6Address>(flow.client);
}

void putAddress(nl_msg* message, int type, const IpAddress& address) {
    if (const auto* const six = std::get_if<Ipv6Address>(&address)) {
        ::nla_put(message, type, static_cast<int>(six->bytes().size()), six->bytes().data());
        return;
    }
    ::nla_put_u32(message, type, htonl(std::get<Ipv4Address>(address).value()));
}

/// One direction of a flow: CTA_TUPLE_ORIG or CTA_TUPLE_REPLY.
void putTuple(nl_msg* message, int type, const FlowKey& flow) {
    nlattr* const tuple = ::nla_nest_start(message, type);
    nlattr* const addresses = ::nla_nest_start(message, CTA_TUPLE_IP);
    putAddress(message, isSix(flow) ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, flow.client);
    putAddress(message, isSix(flow) ? CTA_IP_V6_DST : CTA_IP_V4_DST, flow.remote);
    ::nla_nest_end(message, addresses);
    nlattr* const ports = ::nla_nest_start(message, CTA_TUPLE_PROTO);
    ::nla_put_u8(message, CTA_PROTO_NUM, static_cast<std::uint8_t>(flow.protocol));
    ::nla_put_u16(message, CTA_PROTO_SRC_PORT, htons(flow.clientPort.value));
    ::nla_put_u16(message, CTA_PROTO_DST_PORT, htons(flow.remotePort.value));
    ::nla_nest_end(message, ports);
    ::nla_nest_end(message, tuple);
}

FlowKey reversed(const FlowKey& flow) {
    return {flow.protocol, flow.remote, flow.remotePort, flow.client, flow.clientPort};
}

void putTranslation(nl_msg* message, const OutgoingFlow& made) {
    nlattr* const nat = ::nla_nest_start(message, CTA_NAT_SRC);
    putAddress(message, CTA_NAT_V4_MINIP, made.externalAddress);
    nlattr* const ports = ::nla_nest_start(message, CTA_NAT_PROTO);
    ::nla_put_u16(message, CTA_PROTONAT_PORT_MIN, htons(made.externalPort.value));
    ::nla_put_u16(message, CTA_PROTONAT_PORT_MAX, htons(made.externalPort.value));
    ::nla_nest_end(message, ports);
    ::nla_nest_end(message, nat);
}

Message messageFor(const FlowKey& flow, int kind, int flags) {
    const auto family = static_cast<std::uint8_t>(isSix(flow) ? AF_INET6 : AF_INET);
    Message message{::nfnlmsg_alloc_simple(NFNL_SUBSYS_CTNETLINK, static_cast<std::uint8_t>(kind),
                                           flags, family, 0)};
    if (message) putTuple(message.get(), CTA_TUPLE_ORIG, flow);
    return message;
}

std::optional<IpAddress> addressOf(nl_addr* address) {
    if (address == nullptr) return std::nullopt;
    if (::nl_addr_get_len(address) == sizeof(std::uint32_t)) {
        std::uint32_t value = 0;
        std::memcpy(&value, ::nl_addr_get_binary_addr(address), sizeof value);
        return Ipv4Address{ntohl(value)};
    }
    Ipv6Address::Bytes bytes{};
    if (::nl_addr_get_len(address) != bytes.size()) return std::nullopt;
    std::memcpy(bytes.data(), ::nl_addr_get_binary_addr(address), bytes.size());
    return Ipv6Address{bytes};
}

/// The reply of the kernel to one question.
int take(nl_msg* message, void* context) noexcept {
    nfnl_ct* entry = nullptr;
    if (::nfnlmsg_ct_parse(::nlmsg_hdr(message), &entry) < 0) return NL_SKIP;
    // What comes back goes to where the kernel has translated the source to.
    if (const auto address = addressOf(::nfnl_ct_get_dst(entry, 1)))
        *static_cast<std::optional<OutgoingFlow>*>(context) =
            OutgoingFlow{*address, Port{::nfnl_ct_get_dst_port(entry, 1)},
                         Seconds{::nfnl_ct_get_timeout(entry)}};
    ::nfnl_ct_put(entry);
    return NL_STOP;  // the kernel marks the entry as one of many and sends no end of them
}

}  // namespace

void OutgoingFlows::Free::operator()(nl_sock* socket) const noexcept {
    ::nl_socket_free(socket);
}

OutgoingFlows::OutgoingFlows() : socket_(::nl_socket_alloc()) {
    constexpr timeval kPatience{1, 0};
    if (socket_ && ::nfnl_connect(socket_.get()) >= 0 &&
        ::setsockopt(::nl_socket_get_fd(socket_.get()), SOL_SOCKET, SO_RCVTIMEO, &kPatience,
                     sizeof kPatience) == 0)
        return;
    socket_.reset();
    log::warning("firewall: no netlink socket: PCP's PEER cannot be served");
}

std::optional<OutgoingFlow> OutgoingFlows::find(const FlowKey& flow) {
    const Message message = messageFor(flow, IPCTNL_MSG_CT_GET, 0);
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

Result<void> OutgoingFlows::create(const FlowKey& flow, const OutgoingFlow& made) {
    Message message = messageFor(flow, IPCTNL_MSG_CT_NEW, NLM_F_CREATE | NLM_F_EXCL);
    if (!socket_ || !message) return fail(MappingError::Backend);
    putTuple(message.get(), CTA_TUPLE_REPLY, reversed(flow));
    if (!isSix(flow)) putTranslation(message.get(), made);
    ::nla_put_u32(message.get(), CTA_TIMEOUT,
                  htonl(static_cast<std::uint32_t>(made.timeout.count())));
    const int status = ::nl_send_sync(socket_.get(), message.release());
    if (status == -NLE_EXIST || status == -NLE_BUSY) return fail(MappingError::Conflict);
    if (status >= 0) return {};
    log::error("firewall: conntrack does not take a flow: {}", ::nl_geterror(status));
    return fail(MappingError::Backend);
}

Result<void> OutgoingFlows::keep(const FlowKey& flow, Seconds timeout) {
    Message message = messageFor(flow, IPCTNL_MSG_CT_NEW, 0);
    if (!socket_ || !message) return fail(MappingError::Backend);
    ::nla_put_u32(message.get(), CTA_TIMEOUT, htonl(static_cast<std::uint32_t>(timeout.count())));
    const int status = ::nl_send_sync(socket_.get(), message.release());
    if (status >= 0) return {};
    return fail(status == -NLE_OBJ_NOTFOUND ? MappingError::NotFound : MappingError::Backend);
}

}  // namespace igd::firewall
