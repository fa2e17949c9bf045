// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/nft_message.h"

#include "nft/nft_writer.h"

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <algorithm>
#include <array>
#include <string>

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

namespace igd::firewall {
namespace {

/// A table as text is its family and its name.
std::uint8_t familyOf(std::string_view table) {
    return table.starts_with("ip6 ") ? NFPROTO_IPV6 : NFPROTO_INET;
}

std::string nameOf(std::string_view table) {
    return std::string{table.substr(table.find(' ') + 1)};
}

std::uint64_t millisecondsOf(Seconds time) {
    return static_cast<std::uint64_t>(std::chrono::milliseconds{time}.count());
}

constexpr std::size_t kPadding = 4;      // fields of a concatenation
constexpr std::uint32_t kPortType = 13;  // nft's number of inet_service: that it lists the set well

enum class End : bool { First, Last };  ///< of the keys of an element with prefixes

template <std::size_t Size>
std::array<std::uint8_t, Size> endOf(std::array<std::uint8_t, Size> address, std::size_t length,
                                     End end) {
    for (std::size_t i = 0; i < Size; ++i) {
        const std::size_t kept = std::min<std::size_t>(length - std::min(length, i * 8), 8);
        const auto host = static_cast<std::uint8_t>(0xffU >> kept);
        address[i] =
            static_cast<std::uint8_t>(end == End::First ? address[i] & ~host : address[i] | host);
    }
    return address;
}

/// Appends a field in network order.
struct FieldOctets {
    std::vector<std::uint8_t>& octets;
    End end;

    void operator()(const Ipv4Prefix& prefix) const {
        const std::uint32_t value = prefix.address.value();
        std::array<std::uint8_t, 4> address{};
        for (std::size_t i = 0; i < address.size(); ++i)
            address[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
        append(endOf(address, prefix.length, end));
    }
    void operator()(const Ipv6Prefix& prefix) const {
        append(endOf(prefix.address.bytes(), prefix.length, end));
    }
    void operator()(Protocol protocol) const {
        octets.push_back(static_cast<std::uint8_t>(protocol));
    }
    void operator()(Port port) const {
        octets.push_back(static_cast<std::uint8_t>(port.value >> 8));
        octets.push_back(static_cast<std::uint8_t>(port.value));
    }
    void operator()(const PortRange& ports) const {
        (*this)(end == End::First ? ports.first : ports.last);
    }
    void append(const auto& bytes) const {
        octets.insert(octets.end(), bytes.begin(), bytes.end());
    }
};

std::vector<std::uint8_t> octetsOf(const std::vector<NftField>& fields, End end) {
    std::vector<std::uint8_t> octets;
    octets.reserve(fields.size() * sizeof(Ipv6Address));
    for (const NftField& field : fields) {
        std::visit(FieldOctets{octets, end}, field);
        if (fields.size() > 1) octets.resize((octets.size() + kPadding - 1) / kPadding * kPadding);
    }
    return octets;
}

void putData(NftWriter& writer, int type, const std::vector<std::uint8_t>& octets) {
    writer.nest(type, [&] { writer.octets(NFTA_DATA_VALUE, octets); });
}

void putKey(NftWriter& writer, const NftElement& element) {
    putData(writer, NFTA_SET_ELEM_KEY, octetsOf(element.key, End::First));
    if (element.set.intervals)
        putData(writer, NFTA_SET_ELEM_KEY_END, octetsOf(element.key, End::Last));
}

/// The last of a range stands behind the first.
void putValue(NftWriter& writer, const NftElement& element) {
    std::vector<std::uint8_t> octets = octetsOf(element.value, End::First);
    if (element.set.ranges) {
        const auto last = octetsOf(element.value, End::Last);
        octets.insert(octets.end(), last.begin(), last.end());
    }
    putData(writer, NFTA_SET_ELEM_DATA, octets);
}

NftWriter aboutSet(int message, int flags, const NftSet& set) {
    NftWriter writer{kindOf(message), flags, familyOf(set.table)};
    writer.text(NFTA_SET_ELEM_LIST_TABLE, nameOf(set.table));
    writer.text(NFTA_SET_ELEM_LIST_SET, set.name);
    return writer;
}

template <class Content>
NftMessage elementMessage(int message, int flags, const NftElement& element, Content content) {
    NftWriter writer = aboutSet(message, flags, element.set);
    writer.nest(NFTA_SET_ELEM_LIST_ELEMENTS, [&] {
        writer.nest(NFTA_LIST_ELEM, [&] {
            putKey(writer, element);
            content(writer);
        });
    });
    return writer.take();
}

NftMessage tableMessage(int message, int flags, std::string_view table) {
    return NftWriter{kindOf(message), flags, familyOf(table)}
        .text(NFTA_TABLE_NAME, nameOf(table))
        .take();
}

const nlattr* inside(const nlattr* outer, int type) {
    return outer == nullptr
               ? nullptr
               : ::nla_find(static_cast<const nlattr*>(::nla_data(outer)), ::nla_len(outer), type);
}

/// The first element in the kernel's answer; nullptr: there is none.
const nlattr* elementIn(std::span<const std::uint8_t> answer) {
    auto* const header = reinterpret_cast<nlmsghdr*>(const_cast<std::uint8_t*>(answer.data()));
    if (!::nlmsg_ok(header, static_cast<int>(answer.size())) ||
        header->nlmsg_type != kindOf(NFT_MSG_NEWSETELEM))
        return nullptr;
    return inside(::nlmsg_find_attr(header, sizeof(nfgenmsg), NFTA_SET_ELEM_LIST_ELEMENTS),
                  NFTA_LIST_ELEM);
}

std::optional<std::uint64_t> numberIn(const nlattr* attribute) {
    if (attribute == nullptr || ::nla_len(attribute) != sizeof(std::uint64_t)) return std::nullopt;
    return be64toh(::nla_get_u64(attribute));
}

}  // namespace

NftMessage addMessage(const NftElement& element) {
    return elementMessage(NFT_MSG_NEWSETELEM, NLM_F_CREATE, element, [&](NftWriter& writer) {
        if (!element.value.empty()) putValue(writer, element);
        if (element.timeout) writer.u64(NFTA_SET_ELEM_TIMEOUT, millisecondsOf(*element.timeout));
        if (element.expires) writer.u64(NFTA_SET_ELEM_EXPIRATION, millisecondsOf(*element.expires));
        if (!element.comment.empty()) writer.comment(NFTA_SET_ELEM_USERDATA, element.comment);
    });
}

NftMessage removeMessage(const NftElement& element) {
    return elementMessage(NFT_MSG_DELSETELEM, 0, element, [](NftWriter&) {});
}

NftMessage clearMessage(const NftSet& set) {
    return aboutSet(NFT_MSG_DELSETELEM, 0, set).take();
}

NftMessage questionMessage(const NftElement& element) {
    return elementMessage(NFT_MSG_GETSETELEM, 0, element, [](NftWriter&) {});
}

NftMessage addTableMessage(std::string_view table) {
    return tableMessage(NFT_MSG_NEWTABLE, NLM_F_CREATE, table);
}

NftMessage removeTableMessage(std::string_view table) {
    return tableMessage(NFT_MSG_DELTABLE, 0, table);
}

NftMessage addPortSetMessage(const NftSet& set) {
    return NftWriter{kindOf(NFT_MSG_NEWSET), NLM_F_CREATE, familyOf(set.table)}
        .text(NFTA_SET_TABLE, nameOf(set.table))
        .text(NFTA_SET_NAME, set.name)
        .u32(NFTA_SET_FLAGS, NFT_SET_TIMEOUT)
        .u32(NFTA_SET_KEY_TYPE, kPortType)
        .u32(NFTA_SET_KEY_LEN, sizeof(std::uint16_t))
        .u32(NFTA_SET_ID, 1)
        .take();
}

NftMessage beginMessage() {
    return NftWriter{NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES}.take();
}

NftMessage endMessage() {
    return NftWriter{NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES}.take();
}

std::vector<std::uint8_t> keyOctets(const NftElement& element) {
    std::vector<std::uint8_t> octets = octetsOf(element.key, End::First);
    if (element.set.intervals) {
        const auto last = octetsOf(element.key, End::Last);
        octets.insert(octets.end(), last.begin(), last.end());
    }
    return octets;
}

std::optional<std::uint64_t> packetsIn(std::span<const std::uint8_t> answer) {
    const nlattr* const expression = inside(elementIn(answer), NFTA_SET_ELEM_EXPR);
    return numberIn(inside(inside(expression, NFTA_EXPR_DATA), NFTA_COUNTER_PACKETS));
}

std::optional<std::chrono::milliseconds> timeLeftIn(std::span<const std::uint8_t> answer) {
    const auto left = numberIn(inside(elementIn(answer), NFTA_SET_ELEM_EXPIRATION));
    if (!left) return std::nullopt;
    return std::chrono::milliseconds{*left};
}

}  // namespace igd::firewall
