// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/nft_events.h"

#include "names.h"
#include "nft/sender_filter.h"

#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <algorithm>
#include <string>
#include <system_error>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

namespace igd::firewall {
namespace {

constexpr int kBuffer = 1 << 20;  // as far as rmem_max allows: the events of a whole ruleset
constexpr int kTableAttribute =
    NFTA_TABLE_NAME;  // 1, as the table is in the messages of chains, rules and sets

static_assert(NFTA_CHAIN_TABLE == kTableAttribute && NFTA_RULE_TABLE == kTableAttribute &&
              NFTA_SET_TABLE == kTableAttribute && NFTA_SET_ELEM_LIST_TABLE == kTableAttribute);

void check(int result) {
    if (result < 0)
        throw std::system_error(
            EIO, std::generic_category(),
            std::string{"firewall: changes by others cannot be watched: "} + ::nl_geterror(result));
}

std::string_view tableIn(nlmsghdr* header) {
    const nlattr* const attribute = ::nlmsg_find_attr(header, sizeof(nfgenmsg), kTableAttribute);
    if (attribute == nullptr) return {};
    const std::string_view text{static_cast<const char*>(::nla_data(attribute)),
                                static_cast<std::size_t>(::nla_len(attribute))};
    return text.substr(0, text.find('\0'));
}

}  // namespace

Change changeOf(int message, std::string_view table) {
    switch (message) {
        case NFT_MSG_NEWTABLE:
        case NFT_MSG_DELTABLE:
        case NFT_MSG_NEWCHAIN:
        case NFT_MSG_DELCHAIN:
        case NFT_MSG_NEWRULE:
        case NFT_MSG_DELRULE:
            return Change::Rules;
        case NFT_MSG_NEWSET:
        case NFT_MSG_DELSET:
        case NFT_MSG_NEWSETELEM:
        case NFT_MSG_DELSETELEM:
            return table == kNftTableName ? Change::OurElements : Change::None;
        default:
            return Change::None;
    }
}

void NftEvents::Free::operator()(nl_sock* socket) const noexcept {
    ::nl_socket_free(socket);
}

NftEvents::NftEvents() : socket_(::nl_socket_alloc()) {
    if (!socket_) throw std::bad_alloc{};
    ::nl_socket_disable_seq_check(socket_.get());
    check(::nl_connect(socket_.get(), NETLINK_NETFILTER));
    dropMessagesFrom(portsOfThisProcess(), ::nl_socket_get_fd(socket_.get()));
    check(::nl_socket_add_membership(socket_.get(), NFNLGRP_NFTABLES));
    check(::nl_socket_set_nonblocking(socket_.get()));
    check(::nl_socket_set_buffer_size(socket_.get(), kBuffer, 0));
    check(::nl_socket_modify_cb(socket_.get(), NL_CB_VALID, NL_CB_CUSTOM, taken, this));
}

int NftEvents::descriptor() const {
    return ::nl_socket_get_fd(socket_.get());
}

int NftEvents::taken(nl_msg* message, void* self) noexcept {
    auto& events = *static_cast<NftEvents*>(self);
    nlmsghdr* const header = ::nlmsg_hdr(message);
    if (NFNL_SUBSYS_ID(header->nlmsg_type) != NFNL_SUBSYS_NFTABLES) return NL_OK;
    const Change change = changeOf(NFNL_MSG_TYPE(header->nlmsg_type), tableIn(header));
    events.drained_ = std::max(events.drained_, change);
    return NL_OK;
}

Change NftEvents::drain() {
    drained_ = Change::None;
    for (;;) {
        const int status = ::nl_recvmsgs_default(socket_.get());
        if (status == -NLE_AGAIN) return drained_;
        // Anything else is a loss (ENOBUFS): what was in the lost messages is not known.
        if (status < 0) drained_ = Change::OurElements;
    }
}

}  // namespace igd::firewall
