// SPDX-License-Identifier: GPL-2.0-or-later
#include "conntrack/conntrack.h"

#include "nl_message.h"

#include "upnpd/util/log.h"

#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/netfilter/ct.h>
#include <netlink/netfilter/nfnl.h>
#include <netlink/netlink.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

namespace igd::firewall {
namespace {

// linux/net/netfilter/nf_internals.h: which parts of the tuple a filtered dump compares (Linux 5.8;
// older kernels dump everything, so each entry is looked at here too).
constexpr std::uint32_t kFilterProtocol = 1U << 3;
constexpr std::uint32_t kFilterDestinationPort = 1U << 5;

struct CtFree {
    void operator()(nfnl_ct* entry) const noexcept { ::nfnl_ct_put(entry); }
};
using CtEntry = std::unique_ptr<nfnl_ct, CtFree>;

std::optional<Ipv4Address> addressOf(nl_addr* address) {
    std::uint32_t value = 0;
    if (address == nullptr || ::nl_addr_get_len(address) != sizeof value) return std::nullopt;
    std::memcpy(&value, ::nl_addr_get_binary_addr(address), sizeof value);
    return Ipv4Address{ntohl(value)};
}

std::optional<Flow> flowOf(const nfnl_ct* entry) {
    const int protocol = ::nfnl_ct_get_proto(entry);
    if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) return std::nullopt;
    const auto remote = addressOf(::nfnl_ct_get_src(entry, 0));
    const auto internal = addressOf(::nfnl_ct_get_src(entry, 1));
    if (!remote || !internal) return std::nullopt;
    return Flow{{static_cast<Protocol>(protocol), Port{::nfnl_ct_get_dst_port(entry, 0)}},
                {*remote, Port{::nfnl_ct_get_src_port(entry, 0)}},
                {*internal, Port{::nfnl_ct_get_src_port(entry, 1)}}};
}

bool letsIn(const Target& target, const Flow& flow) {
    const PeerFilter peer{{mappedAddress(std::get<Ipv4Address>(flow.remote.address)), 128},
                          flow.remote.port};
    return target.filters.empty() ||
           std::ranges::any_of(target.filters,
                               [&](const PeerFilter& filter) { return covers(filter, peer); });
}

bool leads(const Targets& targets, const Flow& flow) {
    const auto found = targets.find(flow.to);
    return found != targets.end() && std::ranges::any_of(found->second, [&](const Target& target) {
               return target.internal == flow.internal && letsIn(target, flow);
           });
}

/// The kernel walks its table either way; a filter keeps what does not concern us there.
void putFilter(nl_msg* message, const MappedPort& to) {
    nlattr* const tuple = ::nla_nest_start(message, CTA_TUPLE_ORIG);
    nlattr* const protocol = ::nla_nest_start(message, CTA_TUPLE_PROTO);
    ::nla_put_u8(message, CTA_PROTO_NUM, static_cast<std::uint8_t>(to.protocol));
    ::nla_put_u16(message, CTA_PROTO_DST_PORT, htons(to.port.value));
    ::nla_nest_end(message, protocol);
    ::nla_nest_end(message, tuple);
    nlattr* const filter = ::nla_nest_start(message, CTA_FILTER);
    ::nla_put_u32(message, CTA_FILTER_ORIG_FLAGS, kFilterProtocol | kFilterDestinationPort);
    ::nla_put_u32(message, CTA_FILTER_REPLY_FLAGS, 0);
    ::nla_nest_end(message, filter);
}

struct Search {
    const Targets& ended;
    const Targets& live;
    std::vector<CtEntry> found;
};

int collect(nl_msg* message, void* context) noexcept try {
    auto& search = *static_cast<Search*>(context);
    nfnl_ct* parsed = nullptr;
    if (::nfnlmsg_ct_parse(::nlmsg_hdr(message), &parsed) < 0) return NL_SKIP;
    CtEntry entry{parsed};
    const auto flow = flowOf(entry.get());
    if (flow && isOrphan(*flow, search.ended, search.live))
        search.found.push_back(std::move(entry));
    return NL_OK;
} catch (...) {
    return NL_STOP;
}

bool dump(nl_sock* socket, Search& search) {
    const Message message{
        ::nfnlmsg_alloc_simple(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET, NLM_F_DUMP, AF_INET, 0)};
    if (!message) return false;
    if (search.ended.size() == 1) putFilter(message.get(), search.ended.begin()->first);
    ::nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, collect, &search);
    const bool done =
        ::nl_send_auto(socket, message.get()) >= 0 && ::nl_recvmsgs_default(socket) >= 0;
    ::nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_DEFAULT, nullptr, nullptr);
    return done;
}

}  // namespace

bool isOrphan(const Flow& flow, const Targets& ended, const Targets& live) {
    return leads(ended, flow) && !leads(live, flow);
}

void Conntrack::Free::operator()(nl_sock* socket) const noexcept {
    ::nl_socket_free(socket);
}

Conntrack::Conntrack() : socket_(::nl_socket_alloc()) {
    if (socket_ && ::nfnl_connect(socket_.get()) >= 0) return;
    socket_.reset();
    log::warning("firewall: no netlink socket: flows will outlive their mapping");
}

void Conntrack::endOrphans(const Targets& ended, const Targets& live) {
    if (!socket_) return;
    Search search{ended, live, {}};
    if (!dump(socket_.get(), search)) {
        log::warning(
            "firewall: the kernel's list of flows cannot be read: flows may outlive their mapping");
        return;
    }
    for (const CtEntry& entry : search.found) {
        const int status = ::nfnl_ct_del(socket_.get(), entry.get(), 0);
        if (status < 0 && status != -NLE_OBJ_NOTFOUND)
            log::warning("firewall: a flow outlives its mapping: {}", ::nl_geterror(status));
    }
    log::debug("firewall: ended {} flows", search.found.size());
}

}  // namespace igd::firewall
