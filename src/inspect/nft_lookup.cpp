// SPDX-License-Identifier: GPL-2.0-or-later
// An interval set of one field lists where each interval begins and, as an element with a flag,
// the first key behind it:
//
//     0 (end), 10.0.0.0, 10.0.1.0 (end), 224.0.0.0
//
// The last interval has no end where it goes up to the last key. Sets of several fields name the
// first and the last key in one element.
#include "nft_lookup.h"

#include "nft_compare.h"

#include <algorithm>
#include <numeric>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

namespace igd::inspect {
namespace {

Bytes bytesOf(const Constant& octets) {
    return std::as_bytes(std::span{octets});
}

Constant constantOf(Bytes octets) {
    Constant constant(octets.size());
    std::ranges::transform(octets, constant.begin(),
                           [](std::byte octet) { return std::to_integer<std::uint8_t>(octet); });
    return constant;
}

Constant valueIn(Bytes element, int type) {
    return constantOf(nested(nested(element, type), NFTA_DATA_VALUE));
}

/// Returns the key before `key`.
Constant before(Constant key) {
    for (auto octet = key.rbegin(); octet != key.rend(); ++octet)
        if ((*octet)-- != 0) break;
    return key;
}

std::optional<IpAddress> addressIn(const Constant& data, std::uint8_t at, std::uint8_t size) {
    if (std::size_t{at} + size > data.size()) return std::nullopt;
    if (size == sizeof(in_addr)) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < size; ++i) value = value << 8 | data[at + i];
        return Ipv4Address{value};
    }
    Ipv6Address::Bytes bytes{};
    if (size != bytes.size()) return std::nullopt;
    std::copy_n(data.begin() + at, bytes.size(), bytes.begin());
    return Ipv6Address{bytes};
}

std::optional<Port> portIn(const Constant& data, std::uint8_t at, std::uint8_t size) {
    if (size != sizeof(std::uint16_t) || std::size_t{at} + size > data.size()) return std::nullopt;
    return Port{static_cast<std::uint16_t>(data[at] << 8 | data[at + 1])};
}

}  // namespace

std::vector<Operand> operandsOf(const Lookup& lookup) {
    std::vector<Operand> operands;
    for (const KeyPart& part : lookup.key)
        operands.push_back({part.field.field, comparedMask(part.field)});
    return operands;
}

std::vector<Operand> firstOperandOf(const Lookup& lookup) {
    std::vector<Operand> operands = operandsOf(lookup);
    operands.resize(1, Operand{Field::NotKnown});
    return operands;
}

bool cutKey(Lookup& lookup, std::size_t size) {
    std::erase_if(lookup.key, [&](const KeyPart& part) { return part.offset >= size; });
    if (lookup.key.empty()) return false;
    const KeyPart& last = lookup.key.back();
    constexpr std::size_t kSlot = NFT_REG32_SIZE;
    const std::size_t end = (last.offset + last.size + kSlot - 1) / kSlot * kSlot;
    return last.offset + std::size_t{last.size} <= size && size <= end &&
           std::ranges::none_of(lookup.key, [](const KeyPart& part) {
               return part.field.field == Field::NotKnown ||
                      part.field.field == Field::OfOtherPackets;
           });
}

bool isSmall(const Lookup& lookup) {
    return !lookup.key.empty() && std::ranges::all_of(lookup.key, [](const KeyPart& part) {
        switch (part.field.field) {
            case Field::InInterface:
            case Field::OutInterface:
            case Field::InIndex:
            case Field::OutIndex:
            case Field::Family:
            case Field::TransportProtocol:
            case Field::FlowState:
            case Field::FlowStatus:
            case Field::FlowDirection:
            case Field::PacketType:
            case Field::DestinationType:
                return true;
            default:
                return false;
        }
    });
}

bool leadsElsewhere(const Lookup& lookup) {
    return std::ranges::any_of(lookup.uses, [](const LookupUse& use) {
        return use.target.addressSize != 0 || use.target.portSize != 0;
    });
}

bool ElementList::isEnd(const Element& element) {
    return (element.flags & NFT_SET_ELEM_INTERVAL_END) != 0;
}
bool ElementList::isCatchall(const Element& element) {
    return (element.flags & NFT_SET_ELEM_CATCHALL) != 0;
}
bool ElementList::goesOn(const Element& element) {
    return element.code == NFT_CONTINUE;
}
bool ElementList::isKey(const Element& element) {
    return !isCatchall(element) && !goesOn(element);
}

void ElementList::clear(std::size_t most) {
    most_ = most;
    elements_.clear();
    order_.clear();
    complete_ = true;
}

void ElementList::take(Bytes elements) {
    Attributes all{elements};
    while (const auto attribute = all.next())
        if (attribute->type == NFTA_LIST_ELEM) take(*attribute);
}

void ElementList::take(const Attribute& attribute) {
    if (elements_.size() >= most_) complete_ = false;
    if (!complete_) return;
    Element element;
    element.key = valueIn(attribute.payload, NFTA_SET_ELEM_KEY);
    element.end = valueIn(attribute.payload, NFTA_SET_ELEM_KEY_END);
    element.flags = numberIn<std::uint32_t>(attribute.payload, NFTA_SET_ELEM_FLAGS).value_or(0);
    const Bytes data = nested(attribute.payload, NFTA_SET_ELEM_DATA);
    element.data = constantOf(nested(data, NFTA_DATA_VALUE));
    const Bytes verdict = nested(data, NFTA_DATA_VERDICT);
    element.code = numberIn<std::int32_t>(verdict, NFTA_VERDICT_CODE);
    element.chain = textIn(verdict, NFTA_VERDICT_CHAIN);
    elements_.push_back(std::move(element));
}

bool ElementList::addKeys(Set& set, const Lookup& lookup, const Element& element,
                          const Constant& last) const {
    for (const KeyPart& part : lookup.key) {
        const std::size_t end = std::size_t{part.offset} + part.size;
        if (end > element.key.size() || end > last.size()) return false;
        const auto interval =
            intervalOf(part.field, bytesOf(element.key).subspan(part.offset, part.size),
                       bytesOf(last).subspan(part.offset, part.size));
        if (!interval) return false;
        set.intervals.push_back(*interval);
    }
    return true;
}

bool ElementList::addIntervals(Set& set, const Lookup& lookup) {
    std::vector<std::size_t> sorted(elements_.size());
    std::iota(sorted.begin(), sorted.end(), std::size_t{0});
    std::ranges::sort(sorted, [this](std::size_t a, std::size_t b) {
        const Element& left = elements_[a];
        const Element& right = elements_[b];
        if (left.key != right.key) return left.key < right.key;
        return isEnd(left) && !isEnd(right);
    });
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        const Element& element = elements_[sorted[i]];
        if (isEnd(element) || !isKey(element)) continue;
        const bool last = i + 1 == sorted.size();
        const Constant end =
            last ? Constant(element.key.size(), 0xff) : before(elements_[sorted[i + 1]].key);
        if (!addKeys(set, lookup, element, end)) return false;
        order_.push_back(sorted[i]);
    }
    return true;
}

std::shared_ptr<const Set> ElementList::keys(const Lookup& lookup, std::uint32_t flags) {
    order_.clear();
    if (!complete_ || lookup.key.empty()) return nullptr;
    Set set;
    set.width = lookup.key.size();
    const bool intervals =
        (flags & NFT_SET_INTERVAL) != 0 && lookup.key.size() == 1 &&
        std::ranges::all_of(elements_, [](const Element& e) { return e.end.empty(); });
    if (intervals && !addIntervals(set, lookup)) return nullptr;
    for (std::size_t i = 0; i < elements_.size() && !intervals; ++i) {
        const Element& element = elements_[i];
        if (!isKey(element)) continue;
        if (!addKeys(set, lookup, element, element.end.empty() ? element.key : element.end))
            return nullptr;
        order_.push_back(i);
    }
    // The element that fits when no other does.
    for (std::size_t i = 0; i < elements_.size(); ++i) {
        if (!isCatchall(elements_[i]) || goesOn(elements_[i])) continue;
        set.intervals.insert(set.intervals.end(), set.width, Interval{Word{}, kAllOnes});
        order_.push_back(i);
    }
    return std::make_shared<const Set>(std::move(set));
}

std::shared_ptr<const std::vector<Verdict>> ElementList::verdicts(const ChainOf& chainOf) const {
    std::vector<Verdict> verdicts;
    for (const std::size_t i : order_)
        verdicts.push_back(
            verdictOf(elements_[i].code.value_or(NF_QUEUE), elements_[i].chain, chainOf));
    return std::make_shared<const std::vector<Verdict>>(std::move(verdicts));
}

std::shared_ptr<const std::vector<Translation::Target>> ElementList::targets(
    const TargetLayout& layout) const {
    std::vector<Translation::Target> targets;
    for (const std::size_t i : order_) {
        const Constant& data = elements_[i].data;
        targets.push_back({addressIn(data, layout.addressAt, layout.addressSize),
                           portIn(data, layout.portAt, layout.portSize)});
    }
    return std::make_shared<const std::vector<Translation::Target>>(std::move(targets));
}

Verdict verdictOf(std::int32_t code, std::string_view chain, const ElementList::ChainOf& chainOf) {
    switch (code) {
        case NF_ACCEPT:
            return {Ending::Accept};
        case NF_DROP:
        case NF_STOLEN:
            return {Ending::Drop};
        case NFT_JUMP:
            return {Ending::Jump, chainOf(chain)};
        case NFT_GOTO:
            return {Ending::Goto, chainOf(chain)};
        case NFT_RETURN:
            return {Ending::Return};
        default:
            return {Ending::Unknown};
    }
}

}  // namespace igd::inspect
