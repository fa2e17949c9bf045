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
#include <utility>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

namespace igd::firewall {
namespace {

constexpr int kBuffer = 1 << 20;  // as far as rmem_max allows: the events of a whole ruleset

void check(int result) {
    if (result < 0)
        throw std::system_error(
            EIO, std::generic_category(),
            std::string{"firewall: changes by others cannot be watched: "} + ::nl_geterror(result));
}

std::string_view textIn(nlmsghdr* header, int type) {
    const nlattr* const attribute = ::nlmsg_find_attr(header, sizeof(nfgenmsg), type);
    if (attribute == nullptr) return {};
    const std::string_view text{static_cast<const char*>(::nla_data(attribute)),
                                static_cast<std::size_t>(::nla_len(attribute))};
    return text.substr(0, text.find('\0'));
}

// The table is attribute 1 of each message, a rule's chain and a set attribute 2.
static_assert(NFTA_TABLE_NAME == 1 && NFTA_CHAIN_TABLE == 1 && NFTA_RULE_TABLE == 1 &&
              NFTA_SET_TABLE == 1 && NFTA_SET_ELEM_LIST_TABLE == 1);
static_assert(NFTA_RULE_CHAIN == 2 && NFTA_SET_NAME == 2 && NFTA_SET_ELEM_LIST_SET == 2);

NftNews newsIn(nlmsghdr* header) {
    const int message = NFNL_MSG_TYPE(header->nlmsg_type);
    const bool chain = message == NFT_MSG_NEWCHAIN || message == NFT_MSG_DELCHAIN;
    const auto* const family = static_cast<const nfgenmsg*>(::nlmsg_data(header));
    return {
        .message = message,
        .family = family->nfgen_family,
        .table = textIn(header, NFTA_RULE_TABLE),
        .name = textIn(header, chain ? int{NFTA_CHAIN_NAME} : int{NFTA_RULE_CHAIN}),
        .base = chain && ::nlmsg_find_attr(header, sizeof(nfgenmsg), NFTA_CHAIN_HOOK) != nullptr};
}

}  // namespace

void NftEvents::Free::operator()(nl_sock* socket) const noexcept {
    ::nl_socket_free(socket);
}

NftEvents::NftEvents()
    : socket_(::nl_socket_alloc()), tables_{std::string{kNftTableName}}, interest_(kNftTableName) {
    if (!socket_) throw std::bad_alloc{};
    ::nl_socket_disable_seq_check(socket_.get());
    check(::nl_connect(socket_.get(), NETLINK_NETFILTER));
    ownPorts_ = portsOfThisProcess();
    dropMessagesFrom(ownPorts_, descriptor(), tables_);
    check(::nl_socket_add_membership(socket_.get(), NFNLGRP_NFTABLES));
    check(::nl_socket_set_nonblocking(socket_.get()));
    check(::nl_socket_set_buffer_size(socket_.get(), kBuffer, 0));
    check(::nl_socket_modify_cb(socket_.get(), NL_CB_VALID, NL_CB_CUSTOM, taken, this));
}

void NftEvents::watch(inspect::NftPlaces places) {
    std::set<std::string> tables{std::string{kNftTableName}};
    for (const inspect::NftPlace& set : places.sets) tables.insert(set.table);
    if (tables != tables_) dropMessagesFrom(ownPorts_, descriptor(), tables);
    tables_ = std::move(tables);
    interest_.watch(std::move(places));
}

int NftEvents::descriptor() const {
    return ::nl_socket_get_fd(socket_.get());
}

int NftEvents::taken(nl_msg* message, void* self) noexcept {
    auto& events = *static_cast<NftEvents*>(self);
    nlmsghdr* const header = ::nlmsg_hdr(message);
    if (NFNL_SUBSYS_ID(header->nlmsg_type) == NFNL_SUBSYS_NFTABLES &&
        ::nlmsg_valid_hdr(header, sizeof(nfgenmsg)) != 0)
        events.drained_ = std::max(events.drained_, events.interest_.announcedBy(newsIn(header)));
    return NL_OK;
}

Announced NftEvents::drain() {
    drained_ = Announced::Nothing;
    for (;;) {
        const int status = ::nl_recvmsgs_default(socket_.get());
        if (status == -NLE_AGAIN) return drained_;
        // Anything else is a loss (ENOBUFS): a look will tell what was in the lost messages.
        if (status < 0) drained_ = std::max(drained_, Announced::Rules);
    }
}

}  // namespace igd::firewall
