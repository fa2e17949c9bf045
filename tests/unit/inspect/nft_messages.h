// SPDX-License-Identifier: GPL-2.0-or-later
// Messages of nftables by hand, and a kernel that answers with them.
#pragma once

#include "upnpd/inspect/nft_decoder.h"

#include <bit>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

namespace igd::inspect::test::nft {

using Octets = std::string;

/// A number in network order.
template <class Number>
Octets big(Number value) {
    Octets octets(sizeof value, '\0');
    for (std::size_t i = 0; i < sizeof value; ++i)
        octets[sizeof value - 1 - i] = static_cast<char>(value >> (8 * i));
    return octets;
}
inline Octets big32(std::uint64_t value) {
    return big(static_cast<std::uint32_t>(value));
}
/// A number as this machine has it in its registers.
inline Octets host32(std::uint32_t value) {
    Octets octets = big(value);
    if (std::endian::native == std::endian::little) octets = {octets.rbegin(), octets.rend()};
    return octets;
}
inline Octets text(std::string_view words) {
    return Octets{words} + '\0';
}
inline Octets name(std::string_view words) {
    Octets octets{words};
    octets.resize(NFT_REG_SIZE, '\0');
    return octets;
}
inline Octets ip(std::string_view address) {
    return big(parseIpv4Address(address).value().value());
}
inline Octets port(std::uint16_t value) {
    return big(value);
}

inline Octets attribute(int type, const Octets& payload) {
    const auto length = static_cast<std::uint16_t>(payload.size() + 4);
    const auto kind = static_cast<std::uint16_t>(type);
    Octets octets(reinterpret_cast<const char*>(&length), 2);
    octets.append(reinterpret_cast<const char*>(&kind), 2);
    octets += payload;
    octets.resize((octets.size() + 3) / 4 * 4, '\0');
    return octets;
}
inline Octets value(int type, const Octets& octets) {
    return attribute(type, attribute(NFTA_DATA_VALUE, octets));
}
inline Octets number(int type, auto value) {
    return attribute(type, big32(static_cast<std::uint32_t>(value)));
}

inline Octets expression(std::string_view name, const Octets& data) {
    return attribute(NFTA_LIST_ELEM,
                     attribute(NFTA_EXPR_NAME, text(name)) + attribute(NFTA_EXPR_DATA, data));
}

constexpr int kReg = NFT_REG_1;
/// The register of four octets that many behind the first.
constexpr int slot(int index) {
    return NFT_REG32_00 + index;
}

inline Octets meta(int key, int reg = kReg) {
    return expression("meta", number(NFTA_META_KEY, key) + number(NFTA_META_DREG, reg));
}
inline Octets setMeta(int key, int reg = kReg) {
    return expression("meta", number(NFTA_META_KEY, key) + number(NFTA_META_SREG, reg));
}
inline Octets flow(int key, int reg = kReg) {
    return expression("ct", number(NFTA_CT_KEY, key) + number(NFTA_CT_DREG, reg));
}
inline Octets flow(int key, std::uint8_t direction, int reg) {
    return expression("ct", number(NFTA_CT_KEY, key) + number(NFTA_CT_DREG, reg) +
                                attribute(NFTA_CT_DIRECTION, big(direction)));
}
inline Octets payload(int base, int offset, int size, int reg = kReg) {
    return expression("payload", number(NFTA_PAYLOAD_DREG, reg) + number(NFTA_PAYLOAD_BASE, base) +
                                     number(NFTA_PAYLOAD_OFFSET, offset) +
                                     number(NFTA_PAYLOAD_LEN, size));
}
inline Octets network(int offset, int size, int reg = kReg) {
    return payload(NFT_PAYLOAD_NETWORK_HEADER, offset, size, reg);
}
inline Octets transport(int offset, int size, int reg = kReg) {
    return payload(NFT_PAYLOAD_TRANSPORT_HEADER, offset, size, reg);
}
inline Octets cmp(const Octets& octets, int op = NFT_CMP_EQ, int reg = kReg) {
    return expression(
        "cmp", number(NFTA_CMP_SREG, reg) + number(NFTA_CMP_OP, op) + value(NFTA_CMP_DATA, octets));
}
inline Octets range(const Octets& first, const Octets& last, int op = NFT_RANGE_EQ) {
    return expression("range", number(NFTA_RANGE_SREG, kReg) + number(NFTA_RANGE_OP, op) +
                                   value(NFTA_RANGE_FROM_DATA, first) +
                                   value(NFTA_RANGE_TO_DATA, last));
}
inline Octets bits(const Octets& mask, const Octets& flip, int reg = kReg) {
    return expression("bitwise", number(NFTA_BITWISE_SREG, reg) + number(NFTA_BITWISE_DREG, reg) +
                                     number(NFTA_BITWISE_LEN, mask.size()) +
                                     value(NFTA_BITWISE_MASK, mask) +
                                     value(NFTA_BITWISE_XOR, flip));
}
inline Octets shift(int op, std::uint32_t count) {
    return expression("bitwise", number(NFTA_BITWISE_SREG, kReg) + number(NFTA_BITWISE_DREG, kReg) +
                                     number(NFTA_BITWISE_LEN, 4) + number(NFTA_BITWISE_OP, op) +
                                     value(NFTA_BITWISE_DATA, host32(count)));
}
inline Octets toNetworkOrder(int size) {
    return expression("byteorder",
                      number(NFTA_BYTEORDER_SREG, kReg) + number(NFTA_BYTEORDER_DREG, kReg) +
                          number(NFTA_BYTEORDER_OP, NFT_BYTEORDER_HTON) +
                          number(NFTA_BYTEORDER_LEN, size) + number(NFTA_BYTEORDER_SIZE, size));
}
inline Octets route(int result, int flags) {
    return expression("fib", number(NFTA_FIB_DREG, kReg) + number(NFTA_FIB_RESULT, result) +
                                 number(NFTA_FIB_FLAGS, flags));
}
inline Octets lookup(std::string_view set, int reg = kReg, std::optional<int> target = {},
                     int flags = 0) {
    return expression("lookup", attribute(NFTA_LOOKUP_SET, text(set)) +
                                    number(NFTA_LOOKUP_SREG, reg) +
                                    (target ? number(NFTA_LOOKUP_DREG, *target) : "") +
                                    number(NFTA_LOOKUP_FLAGS, flags));
}
inline Octets verdictData(int code, std::string_view chain = {}) {
    return attribute(NFTA_DATA_VERDICT,
                     number(NFTA_VERDICT_CODE, static_cast<std::uint32_t>(code)) +
                         (chain.empty() ? "" : attribute(NFTA_VERDICT_CHAIN, text(chain))));
}
inline Octets verdict(int code, std::string_view chain = {}) {
    return expression("immediate", number(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT) +
                                       attribute(NFTA_IMMEDIATE_DATA, verdictData(code, chain)));
}
inline Octets constant(const Octets& octets, int reg = kReg) {
    return expression("immediate",
                      number(NFTA_IMMEDIATE_DREG, reg) + value(NFTA_IMMEDIATE_DATA, octets));
}
inline const Octets kAccept = verdict(NF_ACCEPT), kDrop = verdict(NF_DROP);
inline const Octets kIpv4 = meta(NFT_META_NFPROTO) + cmp(big(std::uint8_t{NFPROTO_IPV4}));
inline const Octets kTcp = meta(NFT_META_L4PROTO) + cmp(big(std::uint8_t{6}));

/// An element of a set or map.
inline Octets element(const Octets& key, int flags = 0, const Octets& data = {},
                      const Octets& end = {}) {
    return attribute(NFTA_LIST_ELEM, (key.empty() ? "" : value(NFTA_SET_ELEM_KEY, key)) +
                                         (flags == 0 ? "" : number(NFTA_SET_ELEM_FLAGS, flags)) +
                                         (data.empty() ? "" : attribute(NFTA_SET_ELEM_DATA, data)) +
                                         (end.empty() ? "" : value(NFTA_SET_ELEM_KEY_END, end)));
}

/// The comment of a rule, as nft keeps it.
inline Octets comment(std::string_view words) {
    return big(std::uint8_t{0}) + big(static_cast<std::uint8_t>(words.size() + 1)) + text(words);
}

struct Hooked {
    int hook = NF_INET_FORWARD;
    int priority = 0;
    bool drop = false;
    std::string_view type = "filter";
    std::vector<std::string> devices{};
};

/// Answers questions with what it was told, everything of a kind at once.
class Kernel {
public:
    Kernel& table(int family, std::string_view name, int flags = 0) {
        return add(NFT_MSG_NEWTABLE, family,
                   attribute(NFTA_TABLE_NAME, text(name)) + number(NFTA_TABLE_FLAGS, flags) +
                       attribute(NFTA_TABLE_HANDLE, handle()));
    }
    Kernel& chain(int family, std::string_view table, std::string_view name,
                  const std::optional<Hooked>& base = {}) {
        Octets octets = attribute(NFTA_CHAIN_TABLE, text(table)) +
                        attribute(NFTA_CHAIN_HANDLE, handle()) +
                        attribute(NFTA_CHAIN_NAME, text(name));
        if (base) octets += hook(*base);
        return add(NFT_MSG_NEWCHAIN, family, octets);
    }
    Kernel& rule(int family, std::string_view table, std::string_view chain,
                 const Octets& expressions, const Octets& userdata = {}) {
        return add(NFT_MSG_NEWRULE, family,
                   attribute(NFTA_RULE_TABLE, text(table)) +
                       attribute(NFTA_RULE_CHAIN, text(chain)) +
                       attribute(NFTA_RULE_HANDLE, handle()) +
                       attribute(NFTA_RULE_EXPRESSIONS, expressions) +
                       (userdata.empty() ? "" : attribute(NFTA_RULE_USERDATA, userdata)));
    }
    Kernel& set(int family, std::string_view table, std::string_view name, int flags,
                std::size_t keySize, const Octets& elements = {}) {
        add(NFT_MSG_NEWSET, family,
            attribute(NFTA_SET_TABLE, text(table)) + attribute(NFTA_SET_NAME, text(name)) +
                attribute(NFTA_SET_HANDLE, handle()) + number(NFTA_SET_FLAGS, flags) +
                number(NFTA_SET_KEY_LEN, keySize));
        return add(NFT_MSG_NEWSETELEM, family,
                   attribute(NFTA_SET_ELEM_LIST_TABLE, text(table)) +
                       attribute(NFTA_SET_ELEM_LIST_SET, text(name)) +
                       attribute(NFTA_SET_ELEM_LIST_ELEMENTS, elements));
    }

    /// Answers until there is no question.
    void answer(NftDecoder& decoder) {
        while (const auto question = decoder.next()) {
            questions.push_back(*question);
            for (const auto& [type, octets] : messages)
                decoder.take(type, std::as_bytes(std::span{octets}));
        }
    }
    Ruleset read() {
        Ruleset rules;
        NftDecoder decoder{rules, {}};
        answer(decoder);
        places = decoder.places();
        handles = decoder.ownHandles();
        return rules;
    }

    std::vector<std::pair<std::uint8_t, Octets>> messages;
    std::vector<NftQuestion> questions;
    NftPlaces places;
    std::map<std::string, std::vector<std::uint64_t>> handles;

private:
    Kernel& add(int type, int family, const Octets& attributes) {
        messages.emplace_back(static_cast<std::uint8_t>(type),
                              Octets{static_cast<char>(family), 0, 0, 0} + attributes);
        return *this;
    }
    Octets handle() { return big(++handle_); }
    static Octets hook(const Hooked& base) {
        Octets devices;
        for (const std::string& device : base.devices)
            devices += attribute(NFTA_DEVICE_NAME, text(device));
        return attribute(NFTA_CHAIN_HOOK,
                         number(NFTA_HOOK_HOOKNUM, static_cast<std::uint32_t>(base.hook)) +
                             number(NFTA_HOOK_PRIORITY, static_cast<std::uint32_t>(base.priority)) +
                             attribute(NFTA_HOOK_DEVS, devices)) +
               number(NFTA_CHAIN_POLICY, base.drop ? NF_DROP : NF_ACCEPT) +
               attribute(NFTA_CHAIN_TYPE, text(base.type));
    }

    std::uint64_t handle_ = 0;
};

}  // namespace igd::inspect::test::nft
