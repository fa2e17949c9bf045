// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables/ipt_entry.h"

#include "iptables/entry_builder.h"
#include "names.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_MARK.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_connlabel.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ip_tables.h>

namespace igd::firewall {
namespace {

constexpr PortRange kAnyPort{Port{0}, Port{0xffff}};
constexpr std::uint32_t kWholeAddress = 0xffffffff;

struct Ip {
    using Rule = ipt_entry;
    using Header = ipt_ip;
};

using EntryBuilder = BasicEntryBuilder<Ip>;

EntryBuilder& source(EntryBuilder& entry, Ipv4Address address) {
    return entry.header([&](ipt_ip& ip) {
        ip.src.s_addr = htonl(address.value());
        ip.smsk.s_addr = kWholeAddress;
    });
}

EntryBuilder& sourceNetwork(EntryBuilder& entry, const Ipv4Prefix& network) {
    return entry.header([&](ipt_ip& ip) {
        ip.src.s_addr = htonl(network.network().value());
        ip.smsk.s_addr = htonl(network.mask());
    });
}

EntryBuilder& destination(EntryBuilder& entry, Ipv4Address address) {
    return entry.header([&](ipt_ip& ip) {
        ip.dst.s_addr = htonl(address.value());
        ip.dmsk.s_addr = kWholeAddress;
    });
}

EntryBuilder& forProtocol(EntryBuilder& entry, Protocol protocol) {
    return entry.header([&](ipt_ip& ip) { ip.proto = static_cast<std::uint8_t>(protocol); });
}

/// xt_tcp or xt_udp: first and last of the source ports and of the destination ports.
template <class Ports>
Ports portsOf(const PortRange& source, const PortRange& destination) {
    Ports ports{};
    ports.spts[0] = source.first.value;
    ports.spts[1] = source.last.value;
    ports.dpts[0] = destination.first.value;
    ports.dpts[1] = destination.last.value;
    return ports;
}

constexpr PortRange only(Port port) {
    return {port, port};
}

EntryBuilder& matchPorts(EntryBuilder& entry, Protocol protocol, const PortRange& source,
                         const PortRange& destination) {
    if (protocol == Protocol::Tcp)
        return entry.match("tcp", 0, portsOf<xt_tcp>(source, destination));
    return entry.match("udp", 0, portsOf<xt_udp>(source, destination));
}

EntryBuilder& matchLocalDestination(EntryBuilder& entry) {
    xt_addrtype_info_v1 type{};
    type.dest = XT_ADDRTYPE_LOCAL;
    return entry.match("addrtype", 1, type);
}

Ipv4Address clientOf(const Rule& rule) {
    return std::get<Ipv4Address>(rule.internal.address);
}

std::optional<Ipv4Address> remoteHostOf(const Rule& rule) {
    const auto host = rule.remote ? ipv4Part(*rule.remote) : std::nullopt;
    return host ? std::optional{host->address} : std::nullopt;
}

EntryBuilder& matchIncoming(EntryBuilder& entry, const Rule& rule) {
    forProtocol(entry, rule.protocol);
    if (const auto host = remoteHostOf(rule)) source(entry, *host);
    const PeerFilter peer = rule.filters.empty() ? PeerFilter{} : rule.filters.front();
    if (const auto network = ipv4Part(peer)) sourceNetwork(entry, *network);
    return matchPorts(entry, rule.protocol, peer.port == Port{0} ? kAnyPort : only(peer.port),
                      rule.externalPorts());
}

xt_conntrack_mtinfo3 translated() {
    xt_conntrack_mtinfo3 flow{};
    flow.match_flags = XT_CONNTRACK_STATE;
    flow.state_mask = XT_CONNTRACK_STATE_DNAT;
    return flow;
}

/// The flows of `rule` by their conntrack entry, whatever the direction of the packet; the ICMP
/// errors that belong to them carry the same entry.
xt_conntrack_mtinfo3 flowsOf(const Rule& rule) {
    xt_conntrack_mtinfo3 flow = translated();
    flow.match_flags |= XT_CONNTRACK_PROTO | XT_CONNTRACK_ORIGDST_PORT | XT_CONNTRACK_REPLSRC |
                        XT_CONNTRACK_REPLSRC_PORT;
    flow.l4proto = static_cast<std::uint16_t>(rule.protocol);
    flow.origdst_port = rule.externalPort.value;
    flow.origdst_port_high = rule.externalPorts().last.value;
    flow.replsrc_addr.ip = htonl(clientOf(rule).value());
    flow.replsrc_mask.ip = kWholeAddress;
    flow.replsrc_port = rule.internal.port.value;
    flow.replsrc_port_high = rule.internalPorts().last.value;
    if (const auto host = remoteHostOf(rule)) {
        flow.match_flags |= XT_CONNTRACK_ORIGSRC;
        flow.origsrc_addr.ip = htonl(host->value());
        flow.origsrc_mask.ip = kWholeAddress;
    }
    return flow;
}

EntryBuilder& matchOurs(EntryBuilder& entry) {
    return matchLabel(matchLabel(entry, kEnteredLabel), kUntranslatedLabel, false);
}

/// The first match of `entry` as xt_tcp or xt_udp; both begin with the two pairs of ports.
struct PortMatch {
    Protocol protocol{};
    PortRange source;
    PortRange destination;
};

std::optional<PortMatch> portMatchOf(const Entry& entry) {
    constexpr std::size_t kData = sizeof(ipt_entry) + sizeof(xt_entry_match);
    if (entry.size() < kData + sizeof(xt_tcp)) return std::nullopt;
    ipt_entry header;
    std::memcpy(&header, entry.data(), sizeof header);
    if (header.target_offset < kData + sizeof(xt_udp)) return std::nullopt;
    const char* const name = reinterpret_cast<const char*>(entry.data()) + sizeof(ipt_entry) +
                             offsetof(xt_entry_match, u.user.name);
    const auto protocol = static_cast<Protocol>(header.ip.proto);
    if (std::string_view{name, 4} != std::string_view{protocol == Protocol::Tcp ? "tcp" : "udp", 4})
        return std::nullopt;
    std::array<std::uint16_t, 4> ports{};
    std::memcpy(ports.data(), entry.data() + kData, sizeof ports);
    return PortMatch{protocol, {Port{ports[0]}, Port{ports[1]}}, {Port{ports[2]}, Port{ports[3]}}};
}

}  // namespace

Entry dnatEntry(const Rule& rule) {
    nf_nat_range2 range{};
    range.flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED;
    range.min_addr.ip = range.max_addr.ip = htonl(clientOf(rule).value());
    range.min_proto.all = htons(rule.internal.port.value);
    range.max_proto.all = htons(rule.internalPorts().last.value);
    if (rule.isSet()) {
        range.flags |= NF_NAT_RANGE_PROTO_OFFSET;
        range.base_proto.all = htons(rule.externalPort.value);
    }
    EntryBuilder entry;
    return matchIncoming(entry, rule).target("DNAT", 2, range);
}

Entry oldDnatEntry(const Rule& rule) {
    nf_nat_ipv4_multi_range_compat ranges{};
    ranges.rangesize = 1;
    auto& range = ranges.range[0];
    range.flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED;
    range.min_ip = range.max_ip = htonl(clientOf(rule).value());
    range.min.all = range.max.all = htons(rule.internal.port.value);
    EntryBuilder entry;
    return matchIncoming(entry, rule).target("DNAT", 0, ranges);
}

std::vector<Rule> eachPeer(const Rule& rule) {
    std::vector<Rule> rules;
    for (const PeerFilter& filter : rule.filters) {
        rules.push_back(rule);
        rules.back().filters = {filter};
    }
    return rules.empty() ? std::vector{rule} : rules;
}

Entry acceptEntry(const Rule& rule) {
    return EntryBuilder{}.match("conntrack", 3, flowsOf(rule)).jump("ACCEPT");
}

Entry markEntry(const Rule& rule, std::uint32_t bits) {
    EntryBuilder entry;
    return setMark(entry.match("conntrack", 3, flowsOf(rule)), bits, bits);
}

Entry labelEntry(std::uint16_t label) {
    xt_connlabel_mtinfo data{};
    data.bit = label;
    data.options = XT_CONNLABEL_OP_SET;
    return EntryBuilder{}.match("connlabel", 0, data).jump("");
}

Entry acceptOursEntry() {
    EntryBuilder entry;
    return matchOurs(entry).jump("ACCEPT");
}

Entry markOursEntry(std::uint32_t bits) {
    EntryBuilder entry;
    return setMark(matchOurs(entry), bits, bits);
}

Entry answerEntry(Ipv4Address address, std::uint32_t mark, std::uint32_t bits) {
    xt_conntrack_mtinfo3 flow = translated();
    flow.match_flags |= XT_CONNTRACK_ORIGDST | XT_CONNTRACK_DIRECTION;
    flow.invert_flags = XT_CONNTRACK_DIRECTION;  // the other one than the first packet's
    flow.origdst_addr.ip = htonl(address.value());
    flow.origdst_mask.ip = kWholeAddress;
    EntryBuilder entry;
    matchLabel(matchOurs(entry), kHairpinLabel, false).match("conntrack", 3, flow);
    return setMark(entry, mark, bits);
}

Entry translatedJumpEntry() {
    return EntryBuilder{}.match("conntrack", 3, translated()).jump(kLegacyChain);
}

Entry clearMarkEntry(std::uint32_t bits) {
    EntryBuilder entry;
    return setMark(entry, 0, bits);
}

Entry toPortsEntry(Protocol protocol, const PortRange& ports, const char* chain) {
    EntryBuilder entry;
    return matchPorts(forProtocol(entry, protocol), protocol, kAnyPort, ports).jump(chain);
}

std::optional<MatchedPorts> toPortsOf(const Entry& entry) {
    const auto match = portMatchOf(entry);
    return match ? std::optional{MatchedPorts{match->protocol, match->destination}} : std::nullopt;
}

Entry jumpEntry(const std::optional<InterfaceName>& in, const std::optional<InterfaceName>& out,
                const char* chain) {
    EntryBuilder entry;
    if (in) entry.in(*in);
    if (out) entry.out(*out);
    return entry.jump(chain);
}

Entry localJumpEntry(const InterfaceName& external, Ipv4Address address) {
    EntryBuilder entry;
    destination(entry, address).in(external);
    return matchLocalDestination(entry).jump(kLegacyChain);
}

Entry hairpinJumpEntry(const InterfaceName& internal, Ipv4Address externalAddress) {
    EntryBuilder entry;
    return destination(entry, externalAddress).in(internal).jump(kLegacyHairpin);
}

Entry hairpinForwardJumpEntry(const InterfaceName& internal, Ipv4Address externalAddress) {
    xt_conntrack_mtinfo3 flow = translated();
    flow.match_flags |= XT_CONNTRACK_ORIGDST;
    flow.origdst_addr.ip = htonl(externalAddress.value());
    flow.origdst_mask.ip = kWholeAddress;
    return EntryBuilder{}.in(internal).match("conntrack", 3, flow).jump(kLegacyChain);
}

Entry hairpinOutJumpEntry(const InterfaceName& internal) {
    EntryBuilder entry;
    matchLabel(entry.out(internal), kHairpinLabel);
    return matchLabel(entry, kUntranslatedLabel, false).jump(kLegacyMasquerade);
}

Entry markedOutJumpEntry(const InterfaceName& internal) {
    EntryBuilder entry;
    return matchMark(entry.out(internal), kHairpinMark).jump(kLegacyMasquerade);
}

Entry hairpinMarkEntry(bool on) {
    EntryBuilder entry;
    return setMark(entry, on ? kHairpinMark : 0, kHairpinMark);
}

Entry masqueradeEntry() {
    nf_nat_ipv4_multi_range_compat ranges{};
    ranges.rangesize = 1;
    return EntryBuilder{}.target("MASQUERADE", 0, ranges);
}

}  // namespace igd::firewall
