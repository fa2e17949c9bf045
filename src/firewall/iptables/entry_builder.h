// SPDX-License-Identifier: GPL-2.0-or-later
// Lays a rule out as the kernel's ip_tables and ip6_tables do: header, matches, target.
#pragma once

#include "iptables/ipt_entry.h"
#include "xt_alignment.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include <arpa/inet.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_MARK.h>
#include <linux/netfilter/xt_comment.h>
#include <linux/netfilter/xt_connlabel.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_tcpudp.h>

namespace igd::firewall {

template <std::size_t N>
void setName(char (&field)[N], std::string_view name) {
    std::copy_n(name.data(), std::min(name.size(), N - 1), field);
}

/// The bytes of T that its members fill. Rules are compared byte by byte, by libiptc too, and the
/// padding behind the last member is whatever the compiler leaves there; none of these structures
/// has any between members.
template <class T>
constexpr std::size_t kFilled = sizeof(T);
template <>
inline constexpr std::size_t kFilled<xt_udp> = offsetof(xt_udp, invflags) +
                                               sizeof(xt_udp::invflags);
template <>
inline constexpr std::size_t kFilled<xt_mark_mtinfo1> = offsetof(xt_mark_mtinfo1, invert) +
                                                        sizeof(xt_mark_mtinfo1::invert);
template <>
inline constexpr std::size_t kFilled<nf_nat_range2> = offsetof(nf_nat_range2, base_proto) +
                                                      sizeof(nf_nat_range2::base_proto);
template <>
inline constexpr std::size_t kFilled<xt_conntrack_mtinfo3> =
    offsetof(xt_conntrack_mtinfo3, replsrc_port_high) +
    2 * sizeof(xt_conntrack_mtinfo3::replsrc_port_high);

template <class T>
void put(Entry& entry, std::size_t offset, const T& value) {
    entry.resize(std::max(entry.size(), offset + aligned(sizeof(T))));
    std::memcpy(entry.data() + offset, &value, kFilled<T>);
}

inline void setSize(xt_entry_match& frame, std::size_t size) {
    frame.u.user.match_size = static_cast<std::uint16_t>(size);
}
inline void setSize(xt_entry_target& frame, std::size_t size) {
    frame.u.user.target_size = static_cast<std::uint16_t>(size);
}

/// `Ip` names the structures of one family: Rule and Header.
template <class Ip>
class BasicEntryBuilder {
public:
    BasicEntryBuilder& in(const InterfaceName& name) {
        setName(ip_.iniface, name.text());
        // The mask covers the ending NUL: this interface, not all whose name begins so.
        std::fill_n(ip_.iniface_mask, name.text().size() + 1, std::uint8_t{0xff});
        return *this;
    }
    BasicEntryBuilder& out(const InterfaceName& name) {
        setName(ip_.outiface, name.text());
        std::fill_n(ip_.outiface_mask, name.text().size() + 1, std::uint8_t{0xff});
        return *this;
    }
    /// Addresses, protocol: whatever else stands in the header.
    template <class Set>
    BasicEntryBuilder& header(Set set) {
        set(ip_);
        return *this;
    }
    template <class T>
    BasicEntryBuilder& match(std::string_view name, std::uint8_t revision, const T& data) {
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
    static constexpr std::size_t kHeader = aligned(sizeof(typename Ip::Rule));

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
        typename Ip::Rule header;
        std::memset(&header, 0, sizeof header);
        std::memcpy(&header, &ip_, kFilled<typename Ip::Header>);  // it comes first
        header.target_offset = static_cast<std::uint16_t>(kHeader + matchesEnd);
        header.next_offset = static_cast<std::uint16_t>(kHeader + body_.size());
        Entry entry;
        put(entry, 0, header);
        entry.insert(entry.end(), body_.begin(), body_.end());
        return entry;
    }

    typename Ip::Header ip_{};
    Entry body_;
};

template <class Builder>
Builder& matchMark(Builder& entry, std::uint32_t bit) {
    xt_mark_mtinfo1 mark{};
    mark.mark = mark.mask = bit;
    return entry.match("mark", 1, mark);
}

/// The flow has that label; with `has` false: it has not.
template <class Builder>
Builder& matchLabel(Builder& entry, std::uint16_t label, bool has = true) {
    xt_connlabel_mtinfo data{};
    data.bit = label;
    data.options = has ? 0 : XT_CONNLABEL_OP_INVERT;
    return entry.match("connlabel", 0, data);
}

template <class Builder>
Entry setMark(Builder& entry, std::uint32_t value, std::uint32_t mask) {
    xt_mark_tginfo2 mark{};
    mark.mark = value;
    mark.mask = mask;
    return entry.target("MARK", 2, mark);
}

template <class Builder>
Builder& matchComment(Builder& entry, std::string_view text) {
    xt_comment_info comment{};
    setName(comment.comment, text);
    return entry.match("comment", 0, comment);
}

}  // namespace igd::firewall
