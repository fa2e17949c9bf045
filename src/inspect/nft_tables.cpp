// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft_tables.h"

#include <algorithm>
#include <array>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

namespace igd::inspect {
namespace {

constexpr std::uint8_t kCommentType = 0;  // NFTNL_UDATA_RULE_COMMENT of libnftnl

std::optional<Hook> hookOf(std::uint8_t family, std::uint32_t number) {
    constexpr std::array kInet{Hook::Prerouting, Hook::Input,       Hook::Forward,
                               Hook::Output,     Hook::Postrouting, Hook::Ingress};
    constexpr std::array kNetdev{Hook::Ingress, Hook::Egress};
    if (family == NFPROTO_NETDEV)
        return number < kNetdev.size() ? std::optional{kNetdev[number]} : std::nullopt;
    return number < kInet.size() ? std::optional{kInet[number]} : std::nullopt;
}

std::vector<std::string> devicesIn(Bytes hook) {
    std::vector<std::string> devices;
    Attributes all{nested(hook, NFTA_HOOK_DEVS)};
    while (const auto attribute = all.next()) {
        const std::string_view name{reinterpret_cast<const char*>(attribute->payload.data()),
                                    attribute->payload.size()};
        if (attribute->type == NFTA_DEVICE_NAME)
            devices.emplace_back(name.substr(0, name.find('\0')));
    }
    const std::string_view single = textIn(hook, NFTA_HOOK_DEV);
    if (devices.empty() && !single.empty()) devices.emplace_back(single);
    return devices;
}

std::optional<Base> baseIn(const NftMessage& message) {
    const auto hook = find(message.attributes, NFTA_CHAIN_HOOK);
    if (!hook) return std::nullopt;
    const auto number = numberIn<std::uint32_t>(*hook, NFTA_HOOK_HOOKNUM);
    const auto priority = numberIn<std::int32_t>(*hook, NFTA_HOOK_PRIORITY);
    const auto place = number ? hookOf(message.family, *number) : std::nullopt;
    if (!place || !priority) return std::nullopt;
    Base base{.hook = *place, .priority = *priority};
    base.translates = textIn(message.attributes, NFTA_CHAIN_TYPE) == "nat";
    base.policyDrop =
        numberIn<std::uint32_t>(message.attributes, NFTA_CHAIN_POLICY) == std::uint32_t{NF_DROP};
    base.devices = devicesIn(*hook);
    if (message.family == NFPROTO_NETDEV && base.devices.empty()) return std::nullopt;
    return base;
}

}  // namespace

std::optional<NftMessage> messageIn(Bytes octets) {
    if (octets.size() < sizeof(nfgenmsg)) return std::nullopt;
    const NftMessage message{std::to_integer<std::uint8_t>(octets[0]),
                             octets.subspan(sizeof(nfgenmsg))};
    if (familyName(message.family).empty()) return std::nullopt;
    return message;
}

TableFacts tableIn(const NftMessage& message) {
    const Bytes& all = message.attributes;
    const auto flags = numberIn<std::uint32_t>(all, NFTA_TABLE_FLAGS).value_or(0);
    return {.name = std::string{textIn(all, NFTA_TABLE_NAME)},
            .handle = numberIn<std::uint64_t>(all, NFTA_TABLE_HANDLE).value_or(0),
            .dormant = (flags & NFT_TABLE_F_DORMANT) != 0,
            .owned = (flags & NFT_TABLE_F_OWNER) != 0};
}

ChainFacts chainIn(const NftMessage& message) {
    const Bytes& all = message.attributes;
    return {.table = std::string{textIn(all, NFTA_CHAIN_TABLE)},
            .name = std::string{textIn(all, NFTA_CHAIN_NAME)},
            .handle = numberIn<std::uint64_t>(all, NFTA_CHAIN_HANDLE).value_or(0),
            .base = baseIn(message)};
}

FoundSet setIn(const NftMessage& message) {
    const Bytes& all = message.attributes;
    return {.table = std::string{textIn(all, NFTA_SET_TABLE)},
            .name = std::string{textIn(all, NFTA_SET_NAME)},
            .handle = numberIn<std::uint64_t>(all, NFTA_SET_HANDLE).value_or(0),
            .flags = numberIn<std::uint32_t>(all, NFTA_SET_FLAGS).value_or(0),
            .keySize = numberIn<std::uint32_t>(all, NFTA_SET_KEY_LEN).value_or(0)};
}

std::optional<std::string> commentIn(Bytes userdata) {
    constexpr std::size_t kHeader = 2;
    while (userdata.size() >= kHeader) {
        const auto type = std::to_integer<std::uint8_t>(userdata[0]);
        const auto size = std::to_integer<std::size_t>(userdata[1]);
        if (kHeader + size > userdata.size()) break;
        const std::string_view text{reinterpret_cast<const char*>(userdata.data()) + kHeader, size};
        if (type == kCommentType) return std::string{text.substr(0, text.find('\0'))};
        userdata = userdata.subspan(kHeader + size);
    }
    return std::nullopt;
}

std::string_view familyName(std::uint8_t family) {
    switch (family) {
        case NFPROTO_INET:
            return "inet";
        case NFPROTO_IPV4:
            return "ip";
        case NFPROTO_IPV6:
            return "ip6";
        case NFPROTO_NETDEV:
            return "netdev";
        default:
            return {};
    }
}

bool isOfIptables(const NftMessage& message, const ChainFacts& chain) {
    struct BuiltIn {
        Hook hook;
        std::string_view name;
    };
    constexpr std::array kChains{BuiltIn{Hook::Prerouting, "PREROUTING"},
                                 BuiltIn{Hook::Input, "INPUT"}, BuiltIn{Hook::Forward, "FORWARD"},
                                 BuiltIn{Hook::Output, "OUTPUT"},
                                 BuiltIn{Hook::Postrouting, "POSTROUTING"}};
    constexpr std::array<std::string_view, 5> kTables{"filter", "nat", "mangle", "raw", "security"};
    const bool family = message.family == NFPROTO_IPV4 || message.family == NFPROTO_IPV6;
    return family && chain.base && std::ranges::find(kTables, chain.table) != kTables.end() &&
           std::ranges::any_of(kChains, [&](const BuiltIn& builtIn) {
               return builtIn.hook == chain.base->hook && builtIn.name == chain.name;
           });
}

}  // namespace igd::inspect
