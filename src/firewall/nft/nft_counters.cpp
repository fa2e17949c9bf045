// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/nft_counters.h"

#include "nft/nft_message.h"

#include <netlink/attr.h>

#include <string>
#include <vector>

#include <endian.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

namespace igd::firewall {
namespace {

const nlattr* inside(const nlattr* outer, int type) {
    return outer == nullptr
               ? nullptr
               : ::nla_find(static_cast<const nlattr*>(::nla_data(outer)), ::nla_len(outer), type);
}

void appendData(std::string& octets, const nlattr* data) {
    if (const nlattr* const value = inside(data, NFTA_DATA_VALUE))
        octets.append(static_cast<const char*>(::nla_data(value)),
                      static_cast<std::size_t>(::nla_len(value)));
}

std::uint64_t numberIn(const nlattr* attribute) {
    if (attribute == nullptr || ::nla_len(attribute) != sizeof(std::uint64_t)) return 0;
    return be64toh(::nla_get_u64(attribute));
}

std::string textOf(const std::vector<std::uint8_t>& octets) {
    return {octets.begin(), octets.end()};
}

/// One element and its counter; an element without one is left out.
void takeElement(const nlattr* element, std::unordered_map<std::string, Traffic>& counters) {
    const nlattr* const counter = inside(inside(element, NFTA_SET_ELEM_EXPR), NFTA_EXPR_DATA);
    if (counter == nullptr) return;
    std::string key;
    appendData(key, inside(element, NFTA_SET_ELEM_KEY));
    appendData(key, inside(element, NFTA_SET_ELEM_KEY_END));
    counters.insert_or_assign(std::move(key),
                              Traffic{numberIn(inside(counter, NFTA_COUNTER_PACKETS)),
                                      numberIn(inside(counter, NFTA_COUNTER_BYTES))});
}

}  // namespace

void NftCounters::take(const NftSet& set, std::span<const std::byte> message) {
    if (message.size() < sizeof(nfgenmsg)) return;
    const auto attributes = message.subspan(sizeof(nfgenmsg));
    const nlattr* const list =
        ::nla_find(reinterpret_cast<const nlattr*>(attributes.data()),
                   static_cast<int>(attributes.size()), NFTA_SET_ELEM_LIST_ELEMENTS);
    if (list == nullptr) return;
    auto& counters = counters_[set.name];
    const auto* element = static_cast<const nlattr*>(::nla_data(list));
    for (int rest = ::nla_len(list); ::nla_ok(element, rest) != 0;
         element = ::nla_next(element, &rest))
        takeElement(element, counters);
}

void NftCounters::read(NftSocket& kernel, std::span<const Rule> rules) {
    for (const Rule& rule : rules)
        for (const NftElement& element : countedElements(rule))
            if (const auto answer = kernel.ask(element); answer && answer->size() > NLMSG_HDRLEN)
                take(element.set, std::as_bytes(std::span{*answer}).subspan(NLMSG_HDRLEN));
}

std::optional<Traffic> NftCounters::of(const NftElement& element) const {
    const auto set = counters_.find(element.set.name);
    if (set == counters_.end()) return std::nullopt;
    const auto found = set->second.find(textOf(keyOctets(element)));
    return found != set->second.end() ? std::optional{found->second} : std::nullopt;
}

std::optional<Traffic> NftCounters::of(const Rule& rule) const {
    std::optional<Traffic> sum;
    for (const NftElement& element : countedElements(rule)) {
        const auto counted = of(element);
        if (!counted) return std::nullopt;
        sum = sum.value_or(Traffic{}) + *counted;
    }
    return sum;
}

}  // namespace igd::firewall
