// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables/ip6t_entry.h"

#include "iptables/entry_builder.h"
#include "names.h"

#include <cstddef>
#include <cstring>

#include <linux/netfilter_ipv6/ip6_tables.h>

namespace igd::firewall {

template <>
inline constexpr std::size_t kFilled<ip6t_ip6> = offsetof(ip6t_ip6, invflags) +
                                                 sizeof(ip6t_ip6::invflags);

namespace {

struct Ip6 {
    using Rule = ip6t_entry;
    using Header = ip6t_ip6;
};
using EntryBuilder = BasicEntryBuilder<Ip6>;

constexpr unsigned kWholeAddress = 128;

void setAddress(nf_inet_addr& address, nf_inet_addr& mask, const Ipv6Address& value,
                unsigned bits = kWholeAddress) {
    constexpr unsigned kWord = 32;
    std::memcpy(&address, value.bytes().data(), value.bytes().size());
    for (std::uint32_t& word : mask.all) {
        const unsigned ones = std::min(bits, kWord);
        word = ones == 0 ? 0 : htonl(~std::uint32_t{0} << (kWord - ones));
        bits -= ones;
    }
}

/// A flow is known by its conntrack entry, whatever the direction of the packet.
xt_conntrack_mtinfo3 flowsOf(const Rule& rule) {
    xt_conntrack_mtinfo3 flow{};
    flow.match_flags = XT_CONNTRACK_PROTO | XT_CONNTRACK_ORIGDST;
    flow.l4proto = static_cast<std::uint16_t>(rule.protocol);
    setAddress(flow.origdst_addr, flow.origdst_mask, std::get<Ipv6Address>(rule.internal.address));
    if (hasPorts(rule.protocol)) {
        flow.match_flags |= XT_CONNTRACK_ORIGDST_PORT;
        flow.origdst_port = rule.internal.port.value;
        flow.origdst_port_high = rule.internalPorts().last.value;
    }
    PeerFilter remote;
    if (rule.remote)
        remote = *rule.remote;
    else if (!rule.filters.empty())
        remote = rule.filters.front();
    if (remote.remote.length != 0) {
        flow.match_flags |= XT_CONNTRACK_ORIGSRC;
        setAddress(flow.origsrc_addr, flow.origsrc_mask, remote.remote.address,
                   remote.remote.length);
    }
    if (remote.port != Port{0}) {
        flow.match_flags |= XT_CONNTRACK_ORIGSRC_PORT;
        flow.origsrc_port = flow.origsrc_port_high = remote.port.value;
    }
    return flow;
}

}  // namespace

Entry pinholeAcceptEntry(const Rule& rule) {
    return EntryBuilder{}.match("conntrack", 3, flowsOf(rule)).jump("ACCEPT");
}

Entry pinholeMarkEntry(const Rule& rule, std::uint32_t bits) {
    EntryBuilder entry;
    return setMark(entry.match("conntrack", 3, flowsOf(rule)), bits, bits);
}

Entry clearPinholeMarkEntry(std::uint32_t bits) {
    EntryBuilder entry;
    return setMark(entry, 0, bits);
}

Entry pinholeJumpEntry(const std::optional<InterfaceName>& in,
                       const std::optional<InterfaceName>& out, const char* chain) {
    EntryBuilder entry;
    if (in) entry.in(*in);
    if (out) entry.out(*out);
    return entry.jump(chain);
}

}  // namespace igd::firewall
