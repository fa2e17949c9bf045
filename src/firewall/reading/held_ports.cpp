// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/firewall/held_ports.h"

#include "names.h"
#include "nft/nft_open_nat.h"
#include "reading/nft_dump.h"

#include <netlink/attr.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

namespace igd {
namespace {

/// The value of a map's element: an address, and a port that is padded to its length.
struct ClientEnd {
    std::uint32_t address;
    std::uint16_t port;
    std::uint16_t padding;
};

const nlattr* insideOf(const nlattr* outer, int type) {
    if (outer == nullptr) return nullptr;
    return ::nla_find(static_cast<const nlattr*>(::nla_data(outer)), ::nla_len(outer), type);
}

/// Reads the octets of a key or value; nullopt: it has others than that.
template <class T>
std::optional<T> valueOf(const nlattr* element, int type) {
    const nlattr* const value = insideOf(insideOf(element, type), NFTA_DATA_VALUE);
    if (value == nullptr || ::nla_len(value) != static_cast<int>(sizeof(T))) return std::nullopt;
    T read{};
    std::memcpy(&read, ::nla_data(value), sizeof read);
    return read;
}

}  // namespace

std::vector<HeldPort> heldPortsIn(std::span<const std::byte> message) {
    std::vector<HeldPort> held;
    if (message.size() < sizeof(nfgenmsg)) return held;
    const auto attributes = message.subspan(sizeof(nfgenmsg));
    const nlattr* const list =
        ::nla_find(reinterpret_cast<const nlattr*>(attributes.data()),
                   static_cast<int>(attributes.size()), NFTA_SET_ELEM_LIST_ELEMENTS);
    if (list == nullptr) return held;
    int rest = ::nla_len(list);
    for (auto* element = static_cast<nlattr*>(::nla_data(list)); ::nla_ok(element, rest);
         element = ::nla_next(element, &rest)) {
        const auto port = valueOf<std::uint16_t>(element, NFTA_SET_ELEM_KEY);
        const auto client = valueOf<ClientEnd>(element, NFTA_SET_ELEM_DATA);
        if (port && client)
            held.push_back({Port{ntohs(*port)}, Ipv4Address{ntohl(client->address)},
                            Port{ntohs(client->port)}});
    }
    return held;
}

std::vector<HeldPort> heldPorts() {
    std::vector<HeldPort> held;
    firewall::NftDump dump;
    if (!dump.ask({inspect::NftQuestion::Kind::Elements, NFPROTO_INET,
                   std::string{firewall::kNftTableName}, std::string{firewall::kOpenMap}}))
        return held;
    for (;;) {
        const auto done = dump.receive([&](std::uint8_t, std::span<const std::byte> message) {
            std::ranges::copy(heldPortsIn(message), std::back_inserter(held));
        });
        if (!done || *done) break;
    }
    std::ranges::sort(held);
    return held;
}

}  // namespace igd
