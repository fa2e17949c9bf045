// SPDX-License-Identifier: GPL-2.0-or-later
#include "conntrack/conntrack.h"

#include "conntrack/nl_address.h"
#include "nl_message.h"

#include "upnpd/util/log.h"

#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/netfilter/ct.h>
#include <netlink/netfilter/nfnl.h>
#include <netlink/netlink.h>

#include <algorithm>
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

std::optional<Flow> flowOf(const nfnl_ct* entry) {
    const auto protocol = protocolOf(::nfnl_ct_get_proto(entry));
    const auto remote = addressOf(::nfnl_ct_get_src(entry, 0));
    const auto destination = addressOf(::nfnl_ct_get_dst(entry, 0));
    const auto internal = addressOf(::nfnl_ct_get_src(entry, 1));
    if (!protocol || !remote || !destination || !internal) return std::nullopt;
    return Flow{*protocol,
                {*remote, Port{::nfnl_ct_get_src_port(entry, 0)}},
                {*destination, Port{::nfnl_ct_get_dst_port(entry, 0)}},
                {*internal, Port{::nfnl_ct_get_src_port(entry, 1)}}};
}

bool letsIn(const Target& target, const Flow& flow) {
    const PeerFilter peer{{asIpv6(flow.remote.address), 128}, flow.remote.port};
    return target.filters.empty() ||
           std::ranges::any_of(target.filters,
                               [&](const PeerFilter& filter) { return covers(filter, peer); });
}

bool leads(const Targets& targets, const Flow& flow) {
    const auto found = targets.find(flow.to());
    return found != targets.end() && std::ranges::any_of(found->second, [&](const Target& target) {
               return target.internal == flow.internal && letsIn(target, flow);
           });
}

/// Targets and FlowEnds.
bool isIpv6(const auto& led) {
    return std::holds_alternative<Ipv6Address>(led.internal.address);
}

bool isIpv4(const auto& led) {
    return !isIpv6(led);
}

bool concernsIpv6(const FlowWork& work) {
    return std::ranges::any_of(work.answered, isIpv6<FlowEnds>) ||
           std::ranges::any_of(work.ended, [](const auto& entry) {
               return std::ranges::any_of(entry.second, isIpv6<Target>);
           });
}

bool concernsIpv4(const FlowWork& work) {
    return !work.granted.empty() || !work.left.empty() ||
           std::ranges::any_of(work.answered, isIpv4<FlowEnds>) ||
           std::ranges::any_of(work.ended, [](const auto& entry) {
               return std::ranges::any_of(entry.second, isIpv4<Target>);
           });
}

/// Returns the one port that `work` is about; nullopt when there are several.
std::optional<EntryPort> onlyPort(const FlowWork& work) {
    if (!work.left.empty() || !work.answered.empty()) return std::nullopt;
    std::set<EntryPort> ports = work.granted;
    for (const auto& [port, targets] : work.ended) ports.insert(port);
    return ports.size() == 1 ? std::optional{*ports.begin()} : std::nullopt;
}

/// The kernel walks its table either way; a filter keeps what does not concern us there.
void putFilter(nl_msg* message, const EntryPort& to) {
    const bool ports = hasPorts(to.protocol);
    nlattr* const tuple = ::nla_nest_start(message, CTA_TUPLE_ORIG);
    nlattr* const protocol = ::nla_nest_start(message, CTA_TUPLE_PROTO);
    ::nla_put_u8(message, CTA_PROTO_NUM, static_cast<std::uint8_t>(to.protocol));
    if (ports) ::nla_put_u16(message, CTA_PROTO_DST_PORT, htons(to.port.value));
    ::nla_nest_end(message, protocol);
    ::nla_nest_end(message, tuple);
    nlattr* const filter = ::nla_nest_start(message, CTA_FILTER);
    ::nla_put_u32(message, CTA_FILTER_ORIG_FLAGS,
                  ports ? kFilterProtocol | kFilterDestinationPort : kFilterProtocol);
    ::nla_put_u32(message, CTA_FILTER_REPLY_FLAGS, 0);
    ::nla_nest_end(message, filter);
}

struct Search {
    const FlowWork& work;
    std::vector<CtEntry> found{};
    std::set<FlowEnds> orphans{};
};

int collect(nl_msg* message, void* context) noexcept try {
    auto& search = *static_cast<Search*>(context);
    nfnl_ct* parsed = nullptr;
    if (::nfnlmsg_ct_parse(::nlmsg_hdr(message), &parsed) < 0) return NL_SKIP;
    CtEntry entry{parsed};
    const auto flow = flowOf(entry.get());
    if (!flow) return NL_OK;
    const bool orphan =
        isOrphan(*flow, search.work.ended, search.work.live) || isLeftBehind(*flow, search.work);
    if (orphan) search.orphans.insert({flow->protocol, flow->internal, flow->remote});
    if (orphan || isBegunAnew(*flow, search.work) || isKeptFromMapping(*flow, search.work))
        search.found.push_back(std::move(entry));
    return NL_OK;
} catch (...) {
    return NL_STOP;
}

bool dump(nl_sock* socket, std::uint8_t family, Search& search) {
    const Message message{
        ::nfnlmsg_alloc_simple(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET, NLM_F_DUMP, family, 0)};
    if (!message) return false;
    if (const auto port = onlyPort(search.work)) putFilter(message.get(), *port);
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

bool isKeptFromMapping(const Flow& flow, const FlowWork& work) {
    const auto* const address = std::get_if<Ipv4Address>(&flow.destination.address);
    return address != nullptr && flow.destination == flow.internal &&
           work.granted.contains(flow.to()) &&
           std::ranges::find(work.own, *address) != work.own.end();
}

bool isBegunAnew(const Flow& flow, const FlowWork& work) {
    return work.answered.contains({flow.protocol, flow.remote, flow.destination});
}

bool isLeftBehind(const Flow& flow, const FlowWork& work) {
    const auto* const address = std::get_if<Ipv4Address>(&flow.destination.address);
    return address != nullptr && flow.destination != flow.internal &&
           std::ranges::find(work.left, *address) != work.left.end() &&
           std::ranges::find(work.own, *address) == work.own.end() && leads(work.reached, flow);
}

void Conntrack::Free::operator()(nl_sock* socket) const noexcept {
    ::nl_socket_free(socket);
}

Conntrack::Conntrack() : socket_(::nl_socket_alloc()) {
    if (socket_ && ::nfnl_connect(socket_.get()) >= 0) return;
    socket_.reset();
    log::warning("firewall: no netlink socket: flows will outlive their opening");
}

std::set<FlowEnds> Conntrack::end(const FlowWork& work) {
    if (!socket_) return {};
    Search search{work};
    if ((concernsIpv4(work) && !dump(socket_.get(), AF_INET, search)) ||
        (concernsIpv6(work) && !dump(socket_.get(), AF_INET6, search)))
        log::warning(
            "firewall: the kernel's list of flows cannot be read: flows may outlive their opening");
    for (const CtEntry& entry : search.found) {
        const int status = ::nfnl_ct_del(socket_.get(), entry.get(), 0);
        if (status < 0 && status != -NLE_OBJ_NOTFOUND)
            log::warning("firewall: a flow outlives its opening: {}", ::nl_geterror(status));
    }
    log::debug("firewall: ended {} flows", search.found.size());
    return std::move(search.orphans);
}

}  // namespace igd::firewall
