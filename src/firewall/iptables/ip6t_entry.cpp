// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables/ip6t_entry.h"

#include "iptables/entry_builder.h"
#include "names.h"

#include <cstring>

#include <linux/netfilter_ipv6/ip6_tables.h>

namespace igd::firewall {
namespace {

struct Ip6 {
    using Rule = ip6t_entry;
    using Header = ip6t_ip6;
};
using EntryBuilder = BasicEntryBuilder<Ip6>;

void setAddress(nf_inet_addr& address, nf_inet_addr& mask, const Ipv6Address& value) {
    std::memcpy(&address, value.bytes().data(), value.bytes().size());
    std::memset(&mask, 0xff, sizeof mask);
}

void setLength(nf_inet_addr& mask, unsigned bits) {
    constexpr unsigned kWord = 32;
    for (std::uint32_t& word : mask.all) {
        const unsigned ones = std::min(bits, kWord);
        word = ones == 0 ? 0 : htonl(~std::uint32_t{0} << (kWord - ones));
        bits -= ones;
    }
}

/// By the conntrack entry, whatever the direction of the packet.
xt_conntrack_mtinfo3 flowsOf(const PinholeKey& pinhole) {
    xt_conntrack_mtinfo3 flow{};
    flow.match_flags = XT_CONNTRACK_PROTO | XT_CONNTRACK_ORIGDST;
    flow.l4proto = static_cast<std::uint16_t>(pinhole.protocol);
    setAddress(flow.origdst_addr, flow.origdst_mask, pinhole.client);
    if (hasPorts(pinhole.protocol)) {
        flow.match_flags |= XT_CONNTRACK_ORIGDST_PORT;
        flow.origdst_port = flow.origdst_port_high = pinhole.internalPort.value;
    }
    if (pinhole.remoteHost) {
        flow.match_flags |= XT_CONNTRACK_ORIGSRC;
        setAddress(flow.origsrc_addr, flow.origsrc_mask, *pinhole.remoteHost);
        if (pinhole.mappedBits) setLength(flow.origsrc_mask, *pinhole.mappedBits);
    }
    if (pinhole.remotePort) {
        flow.match_flags |= XT_CONNTRACK_ORIGSRC_PORT;
        flow.origsrc_port = flow.origsrc_port_high = pinhole.remotePort->value;
    }
    return flow;
}

}  // namespace

Entry pinholeAcceptEntry(const PinholeKey& pinhole) {
    EntryBuilder entry;
    return matchComment(entry.match("conntrack", 3, flowsOf(pinhole)), kPinholeFamily.tag)
        .jump("ACCEPT");
}

Entry pinholeMarkEntry(const PinholeKey& pinhole) {
    EntryBuilder entry;
    return setMark(entry.match("conntrack", 3, flowsOf(pinhole)), kPacketMark, kPacketMark);
}

Entry pinholeJumpEntry(const std::optional<InterfaceName>& in,
                       const std::optional<InterfaceName>& out) {
    EntryBuilder entry;
    if (in) entry.in(*in);
    if (out) entry.out(*out);
    return entry.jump(kLegacyChain);
}

Entry pinholeOpeningEntry() {
    EntryBuilder entry;
    return matchComment(matchMark(entry, kPacketMark), kPinholeFamily.tag).jump("ACCEPT");
}

}  // namespace igd::firewall
