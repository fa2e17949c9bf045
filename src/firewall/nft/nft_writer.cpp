// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/nft_writer.h"

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <new>
#include <string>

#include <arpa/inet.h>
#include <endian.h>

namespace igd::firewall {
namespace {

// The longest are a rule with a comment of iptables (256 octets) and two of its matches of flows
// (168 each), and an element with two keys of 44 octets and a comment of 128.
constexpr std::size_t kRoom = 2048;
constexpr std::uint8_t kComment = 0;  // libnftnl's NFTNL_UDATA_RULE_COMMENT, ..._SET_ELEM_COMMENT

}  // namespace

NftWriter::NftWriter(int kind, int flags, std::uint8_t family, std::uint16_t resource)
    : message_(::nlmsg_alloc_size(kRoom)) {
    if (!message_ || ::nlmsg_put(message_.get(), 0, 0, kind, 0, NLM_F_REQUEST | flags) == nullptr)
        throw std::bad_alloc{};
    const nfgenmsg head{family, NFNETLINK_V0, htons(resource)};
    ::nlmsg_append(message_.get(), const_cast<nfgenmsg*>(&head), sizeof head, NLMSG_ALIGNTO);
}

NftWriter& NftWriter::text(int type, std::string_view value) {
    ::nla_put_string(message_.get(), type, std::string{value}.c_str());
    return *this;
}

NftWriter& NftWriter::octets(int type, std::span<const std::uint8_t> value) {
    ::nla_put(message_.get(), type, static_cast<int>(value.size()), value.data());
    return *this;
}

NftWriter& NftWriter::u32(int type, std::uint32_t value) {
    ::nla_put_u32(message_.get(), type, htonl(value));
    return *this;
}

NftWriter& NftWriter::u64(int type, std::uint64_t value) {
    ::nla_put_u64(message_.get(), type, htobe64(value));
    return *this;
}

NftWriter& NftWriter::comment(int type, std::string_view text) {
    std::vector<std::uint8_t> value{kComment, static_cast<std::uint8_t>(text.size() + 1)};
    value.insert(value.end(), text.begin(), text.end());
    value.push_back(0);
    return octets(type, value);
}

nlattr* NftWriter::begin(int type) {
    return ::nla_nest_start(message_.get(), type);
}

void NftWriter::end(nlattr* nested) {
    ::nla_nest_end(message_.get(), nested);
}

NftMessage NftWriter::take() const {
    const nlmsghdr* const header = ::nlmsg_hdr(message_.get());
    const auto* const first = reinterpret_cast<const std::uint8_t*>(header);
    return {first, first + header->nlmsg_len};
}

}  // namespace igd::firewall
