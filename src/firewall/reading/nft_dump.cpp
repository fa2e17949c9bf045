// SPDX-License-Identifier: GPL-2.0-or-later
#include "reading/nft_dump.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace igd::firewall {
namespace {

using Kind = inspect::NftQuestion::Kind;

constexpr std::size_t kBuffer = 1 << 16;  // the kernel makes datagrams of half of it
constexpr timeval kPatience{1, 0};

int messageFor(Kind kind) {
    switch (kind) {
        case Kind::Tables:
            return NFT_MSG_GETTABLE;
        case Kind::Chains:
            return NFT_MSG_GETCHAIN;
        case Kind::Rules:
            return NFT_MSG_GETRULE;
        case Kind::Sets:
        case Kind::Set:
            return NFT_MSG_GETSET;
        case Kind::Elements:
            break;
    }
    return NFT_MSG_GETSETELEM;
}

/// Puts an attribute of text behind the message; none where there is no text.
void put(std::string& message, std::uint16_t type, const std::string& text) {
    if (text.empty()) return;
    const nlattr header{static_cast<std::uint16_t>(NLA_HDRLEN + text.size() + 1), type};
    message.append(reinterpret_cast<const char*>(&header), sizeof header);
    message.append(text.c_str(), text.size() + 1);
    message.resize(NLMSG_ALIGN(message.size()));
}

/// All of these messages have the table's name as attribute 1, and the other one as the second.
static_assert(NFTA_RULE_TABLE == 1 && NFTA_SET_TABLE == 1 && NFTA_SET_ELEM_LIST_TABLE == 1);
static_assert(NFTA_RULE_CHAIN == 2 && NFTA_SET_NAME == 2 && NFTA_SET_ELEM_LIST_SET == 2);

std::string messageOf(const inspect::NftQuestion& question, std::uint32_t sequence) {
    std::string message(NLMSG_HDRLEN + sizeof(nfgenmsg), '\0');
    put(message, 1, question.table);
    put(message, 2, question.name);
    nlmsghdr header{};
    header.nlmsg_len = static_cast<std::uint32_t>(message.size());
    header.nlmsg_type =
        static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | messageFor(question.kind));
    header.nlmsg_flags = NLM_F_REQUEST | (question.kind == Kind::Set ? 0 : NLM_F_DUMP);
    header.nlmsg_seq = sequence;
    nfgenmsg family{};
    family.nfgen_family = question.family;
    std::memcpy(message.data(), &header, sizeof header);
    std::memcpy(message.data() + NLMSG_HDRLEN, &family, sizeof family);
    return message;
}

ReadError errorOf(int number) {
    switch (number) {
        case EPERM:
            return ReadError::NotPermitted;
        case EPROTONOSUPPORT:
        case EAFNOSUPPORT:
        case EOPNOTSUPP:
        case EINVAL:
            return ReadError::NoNftables;
        case EINTR:
        case EAGAIN:
        case EBUSY:
        case ENOBUFS:
        case ENOMEM:
            return ReadError::Interrupted;
        default:
            return ReadError::Failed;
    }
}

tl::unexpected<ReadError> failed(int number) {
    return tl::unexpected{errorOf(number)};
}

}  // namespace

NftDump::NftDump()
    : socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER)), buffer_(kBuffer) {
    if (!socket_) return;
    (void)::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
}

tl::expected<void, ReadError> NftDump::ask(const inspect::NftQuestion& question) {
    if (!socket_) return failed(EPROTONOSUPPORT);
    const std::string message = messageOf(question, ++sequence_);
    dump_ = question.kind != Kind::Set;
    if (::send(socket_.get(), message.data(), message.size(), 0) < 0) return failed(errno);
    return {};
}

tl::expected<bool, ReadError> NftDump::receive(const Take& take) {
    ssize_t size = 0;
    do size = ::recv(socket_.get(), buffer_.data(), buffer_.size(), 0);
    while (size < 0 && errno == EINTR);
    if (size < 0) return failed(errno);
    return takeAll(static_cast<std::size_t>(size), take);
}

tl::expected<bool, ReadError> NftDump::takeAll(std::size_t size, const Take& take) {
    std::span<const std::byte> rest = std::span{buffer_}.first(size);
    while (rest.size() >= NLMSG_HDRLEN) {
        nlmsghdr header{};
        std::memcpy(&header, rest.data(), sizeof header);
        if (header.nlmsg_len < NLMSG_HDRLEN || header.nlmsg_len > rest.size()) break;
        const auto payload = rest.subspan(NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN);
        rest = rest.subspan(std::min<std::size_t>(rest.size(), NLMSG_ALIGN(header.nlmsg_len)));
        if (header.nlmsg_seq != sequence_) continue;
        if ((header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) interrupted_ = true;
        int error = 0;
        if (header.nlmsg_type == NLMSG_ERROR || header.nlmsg_type == NLMSG_DONE) {
            if (payload.size() >= sizeof error) std::memcpy(&error, payload.data(), sizeof error);
            if (error < 0 && error != -ENOENT) return failed(-error);
            return true;
        }
        take(static_cast<std::uint8_t>(NFNL_MSG_TYPE(header.nlmsg_type)), payload);
        if (!dump_) return true;
    }
    return false;
}

}  // namespace igd::firewall
