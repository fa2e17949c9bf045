// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipt_entry.h"

#include "names.h"
#include "nft_elements.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_MARK.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_comment.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ip_tables.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

namespace igd::firewall {
namespace {

constexpr std::uint16_t kAnyPort = 0xffff;
constexpr std::uint32_t kWholeAddress = 0xffffffff;

constexpr std::size_t aligned(std::size_t size) {
    constexpr std::size_t kAlign = alignof(_xt_align);
    return (size + kAlign - 1) / kAlign * kAlign;
}

template <std::size_t N>
void setName(char (&field)[N], std::string_view name) {
    std::copy_n(name.data(), std::min(name.size(), N - 1), field);
}

/// The bytes of T that its members fill. Rules are compared byte by byte, by libiptc too, and the padding
/// behind the last member is whatever the compiler leaves there; none of these structures has any between
/// members.
template <class T>
constexpr std::size_t kFilled = sizeof(T);
template <>
constexpr std::size_t kFilled<xt_udp> = offsetof(xt_udp, invflags) + sizeof(xt_udp::invflags);
template <>
constexpr std::size_t kFilled<xt_mark_mtinfo1> = offsetof(xt_mark_mtinfo1, invert) +
                                                 sizeof(xt_mark_mtinfo1::invert);
template <>
constexpr std::size_t kFilled<nf_nat_range2> = offsetof(nf_nat_range2, base_proto) +
                                               sizeof(nf_nat_range2::base_proto);
template <>
constexpr std::size_t kFilled<xt_conntrack_mtinfo3> = offsetof(xt_conntrack_mtinfo3, replsrc_port_high) +
                                                      2 * sizeof(xt_conntrack_mtinfo3::replsrc_port_high);

template <class T>
void put(Entry& entry, std::size_t offset, const T& value) {
    entry.resize(std::max(entry.size(), offset + aligned(sizeof(T))));
    std::memcpy(entry.data() + offset, &value, kFilled<T>);
}

void setSize(xt_entry_match& frame, std::size_t size) {
    frame.u.user.match_size = static_cast<std::uint16_t>(size);
}
void setSize(xt_entry_target& frame, std::size_t size) {
    frame.u.user.target_size = static_cast<std::uint16_t>(size);
}

class EntryBuilder {
public:
    EntryBuilder& in(const InterfaceName& name) {
        setName(ip_.iniface, name.text());
        // The mask covers the ending NUL: this interface, not all whose name begins so.
        std::fill_n(ip_.iniface_mask, name.text().size() + 1, std::uint8_t{0xff});
        return *this;
    }
    EntryBuilder& out(const InterfaceName& name) {
        setName(ip_.outiface, name.text());
        std::fill_n(ip_.outiface_mask, name.text().size() + 1, std::uint8_t{0xff});
        return *this;
    }
    EntryBuilder& source(Ipv4Address address) {
        ip_.src.s_addr = htonl(address.value());
        ip_.smsk.s_addr = kWholeAddress;
        return *this;
    }
    EntryBuilder& destination(Ipv4Address address) {
        ip_.dst.s_addr = htonl(address.value());
        ip_.dmsk.s_addr = kWholeAddress;
        return *this;
    }
    EntryBuilder& protocol(Protocol protocol) {
        ip_.proto = static_cast<std::uint8_t>(protocol);
        return *this;
    }
    template <class T>
    EntryBuilder& match(std::string_view name, std::uint8_t revision, const T& data) {
        append<xt_entry_match>(name, revision, data);
        return *this;
    }
    template <class T>
    [[nodiscard]] Entry target(std::string_view name, std::uint8_t revision, const T& data) {
        const std::size_t matchesEnd = body_.size();
        append<xt_entry_target>(name, revision, data);
        return whole(matchesEnd);
    }
    /// A chain, or a verdict: libiptc finds out which by the name.
    [[nodiscard]] Entry jump(std::string_view label) { return target(label, 0, int{0}); }

private:
    static constexpr std::size_t kHeader = aligned(sizeof(ipt_entry));

    template <class Frame, class T>
    void append(std::string_view name, std::uint8_t revision, const T& data) {
        Frame frame{};
        const std::size_t start = body_.size();
        const std::size_t frameSize = aligned(sizeof(Frame));
        setSize(frame, frameSize + aligned(sizeof(T)));
        setName(frame.u.user.name, name);
        frame.u.user.revision = revision;
        put(body_, start, frame);
        put(body_, start + frameSize, data);
    }
    [[nodiscard]] Entry whole(std::size_t matchesEnd) const {
        ipt_entry header{};
        header.ip = ip_;
        header.target_offset = static_cast<std::uint16_t>(kHeader + matchesEnd);
        header.next_offset = static_cast<std::uint16_t>(kHeader + body_.size());
        Entry entry;
        put(entry, 0, header);
        entry.insert(entry.end(), body_.begin(), body_.end());
        return entry;
    }

    ipt_ip ip_{};
    Entry body_;
};

/// xt_tcp or xt_udp: first and last of the source ports and of the destination ports.
template <class Ports>
Ports portsOf(std::optional<Port> source, std::optional<Port> destination) {
    Ports ports{};
    ports.spts[0] = source.value_or(Port{0}).value;
    ports.spts[1] = source.value_or(Port{kAnyPort}).value;
    ports.dpts[0] = destination.value_or(Port{0}).value;
    ports.dpts[1] = destination.value_or(Port{kAnyPort}).value;
    return ports;
}

EntryBuilder& matchPorts(EntryBuilder& entry, Protocol protocol, std::optional<Port> source,
                         std::optional<Port> destination) {
    if (protocol == Protocol::Tcp) return entry.match("tcp", 0, portsOf<xt_tcp>(source, destination));
    return entry.match("udp", 0, portsOf<xt_udp>(source, destination));
}

EntryBuilder& matchMark(EntryBuilder& entry, std::uint32_t bit) {
    xt_mark_mtinfo1 mark{};
    mark.mark = mark.mask = bit;
    return entry.match("mark", 1, mark);
}

Entry setMark(EntryBuilder& entry, std::uint32_t value, std::uint32_t mask) {
    xt_mark_tginfo2 mark{};
    mark.mark = value;
    mark.mask = mask;
    return entry.target("MARK", 2, mark);
}

Entry masquerade(EntryBuilder& entry, std::optional<Port> port) {
    nf_nat_ipv4_multi_range_compat ranges{};
    ranges.rangesize = 1;
    if (port) {
        ranges.range[0].flags = NF_NAT_RANGE_PROTO_SPECIFIED;
        ranges.range[0].min.all = ranges.range[0].max.all = htons(port->value);
    }
    return entry.target("MASQUERADE", 0, ranges);
}

EntryBuilder& matchLocalDestination(EntryBuilder& entry) {
    xt_addrtype_info_v1 type{};
    type.dest = XT_ADDRTYPE_LOCAL;
    return entry.match("addrtype", 1, type);
}

EntryBuilder& matchComment(EntryBuilder& entry, std::string_view text) {
    if (text.empty()) return entry;
    xt_comment_info comment{};
    setName(comment.comment, text);
    return entry.match("comment", 0, comment);
}

EntryBuilder& matchIncoming(EntryBuilder& entry, const Rule& rule) {
    entry.protocol(rule.key.protocol);
    if (rule.remoteHost) entry.source(*rule.remoteHost);
    matchPorts(entry, rule.key.protocol, std::nullopt, rule.key.externalPort);
    return matchComment(entry, nftComment(rule.comment));
}

xt_conntrack_mtinfo3 translated() {
    xt_conntrack_mtinfo3 flow{};
    flow.match_flags = XT_CONNTRACK_STATE;
    flow.state_mask = XT_CONNTRACK_STATE_DNAT;
    return flow;
}

/// The flows of `rule` by their conntrack entry, whatever the direction of the packet; the ICMP errors that
/// belong to them carry the same entry.
xt_conntrack_mtinfo3 flowsOf(const Rule& rule) {
    xt_conntrack_mtinfo3 flow = translated();
    flow.match_flags |=
        XT_CONNTRACK_PROTO | XT_CONNTRACK_ORIGDST_PORT | XT_CONNTRACK_REPLSRC | XT_CONNTRACK_REPLSRC_PORT;
    flow.l4proto = static_cast<std::uint16_t>(rule.key.protocol);
    flow.origdst_port = flow.origdst_port_high = rule.key.externalPort.value;
    flow.replsrc_addr.ip = htonl(rule.internal.address.value());
    flow.replsrc_mask.ip = kWholeAddress;
    flow.replsrc_port = flow.replsrc_port_high = rule.internal.port.value;
    if (rule.remoteHost) {
        flow.match_flags |= XT_CONNTRACK_ORIGSRC;
        flow.origsrc_addr.ip = htonl(rule.remoteHost->value());
        flow.origsrc_mask.ip = kWholeAddress;
    }
    return flow;
}

}  // namespace

Entry dnatEntry(const Rule& rule) {
    nf_nat_range2 range{};
    range.flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED;
    range.min_addr.ip = range.max_addr.ip = htonl(rule.internal.address.value());
    range.min_proto.all = range.max_proto.all = htons(rule.internal.port.value);
    EntryBuilder entry;
    return matchIncoming(entry, rule).target("DNAT", 2, range);
}

Entry oldDnatEntry(const Rule& rule) {
    nf_nat_ipv4_multi_range_compat ranges{};
    ranges.rangesize = 1;
    auto& range = ranges.range[0];
    range.flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED;
    range.min_ip = range.max_ip = htonl(rule.internal.address.value());
    range.min.all = range.max.all = htons(rule.internal.port.value);
    EntryBuilder entry;
    return matchIncoming(entry, rule).target("DNAT", 0, ranges);
}

Entry outgoingEntry(const Rule& rule) {
    EntryBuilder entry;
    entry.source(rule.internal.address).protocol(rule.key.protocol);
    if (rule.remoteHost) entry.destination(*rule.remoteHost);
    matchPorts(entry, rule.key.protocol, rule.internal.port, std::nullopt);
    return masquerade(entry, rule.key.externalPort);
}

Entry acceptEntry(const Rule& rule) {
    return EntryBuilder{}.match("conntrack", 3, flowsOf(rule)).jump("ACCEPT");
}

Entry markEntry(const Rule& rule) {
    EntryBuilder entry;
    return setMark(entry.match("conntrack", 3, flowsOf(rule)), kPacketMark, kPacketMark);
}

Entry jumpEntry(const std::optional<InterfaceName>& in, const std::optional<InterfaceName>& out,
                const char* chain) {
    EntryBuilder entry;
    if (in) entry.in(*in);
    if (out) entry.out(*out);
    return entry.jump(chain);
}

Entry localJumpEntry(const InterfaceName& external) {
    EntryBuilder entry;
    entry.in(external);
    return matchLocalDestination(entry).jump(kLegacyChain);
}

Entry hairpinJumpEntry(const InterfaceName& internal, Ipv4Address externalAddress) {
    return EntryBuilder{}.in(internal).destination(externalAddress).jump(kLegacyHairpin);
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
    return matchMark(entry.out(internal), kHairpinMark).jump(kLegacyMasquerade);
}

Entry hairpinMarkEntry(bool on) {
    EntryBuilder entry;
    return setMark(entry, on ? kHairpinMark : 0, kHairpinMark);
}

Entry masqueradeEntry() {
    EntryBuilder entry;
    return masquerade(entry, std::nullopt);
}

Entry openingEntry() {
    EntryBuilder entry;
    matchMark(entry, kPacketMark).match("conntrack", 3, translated());
    return matchComment(entry, kTag).jump("ACCEPT");
}

}  // namespace igd::firewall
