// SPDX-License-Identifier: GPL-2.0-or-later
// A lookup of a rule in a set or map of its table, and the set's elements in the words of the
// model.
#pragma once

#include "nft_registers.h"

#include "upnpd/inspect/ruleset.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace igd::inspect {

/// A field of the key: `size` octets from `offset` on.
struct KeyPart {
    FieldOctets field;
    std::uint8_t offset = 0;
    std::uint8_t size = 0;
};

/// The place of address and port of a translation in an element's data; size 0: there is none.
struct TargetLayout {
    std::uint8_t addressAt = 0, addressSize = 0;
    std::uint8_t portAt = 0, portSize = 0;
};

/// A step of the rule that needs the elements.
struct LookupUse {
    std::size_t step = 0;  ///< index in its rule
    TargetLayout target;   ///< for a Translation
};

struct Lookup {
    std::string set;
    /// Fields in the registers from the key's first octet on, and perhaps of more than the key.
    std::vector<KeyPart> key;
    std::vector<LookupUse> uses;
    bool narrow = false;  ///< the rule is for one address anyway
};

[[nodiscard]] std::vector<Operand> operandsOf(const Lookup& lookup);
/// Returns the operand that is part of the key, however long that is.
[[nodiscard]] std::vector<Operand> firstOperandOf(const Lookup& lookup);

/// Leaves the first `size` octets of the key. False: they are not all known.
[[nodiscard]] bool cutKey(Lookup& lookup, std::size_t size);

/// Returns whether the key has few values: interfaces, states, protocols.
[[nodiscard]] bool isSmall(const Lookup& lookup);

/// Returns whether the target of a translation is looked up.
[[nodiscard]] bool leadsElsewhere(const Lookup& lookup);

/// Elements as the kernel lists them: they are collected, and then decoded for each lookup.
class ElementList {
public:
    static constexpr std::size_t kMost = 65'536;

    /// Forgets all. With more than `most` elements they cannot be told.
    void clear(std::size_t most = kMost);
    [[nodiscard]] bool isComplete() const { return complete_; }
    /// Takes the elements of one message (NFTA_SET_ELEM_LIST_ELEMENTS).
    void take(Bytes elements);

    using ChainOf = std::function<ChainId(std::string_view)>;
    /// Returns the keys in a set of those flags (NFT_SET_...). nullptr: they cannot be told.
    [[nodiscard]] std::shared_ptr<const Set> keys(const Lookup& lookup, std::uint32_t flags);
    /// Returns the verdict, or the target of a translation, for each of the keys.
    [[nodiscard]] std::shared_ptr<const std::vector<Verdict>> verdicts(
        const ChainOf& chainOf) const;
    [[nodiscard]] std::shared_ptr<const std::vector<Translation::Target>> targets(
        const TargetLayout& layout) const;

private:
    struct Element {
        Constant key, end;  ///< `end`: the last key, where one is named
        Constant data;
        std::uint32_t flags = 0;
        std::optional<std::int32_t> code;  ///< of its verdict
        std::string chain;
    };
    static bool isEnd(const Element& element);
    static bool isCatchall(const Element& element);
    static bool goesOn(const Element& element);
    static bool isKey(const Element& element);
    void take(const Attribute& element);
    [[nodiscard]] bool addKeys(Set& set, const Lookup& lookup, const Element& element,
                               const Constant& last) const;
    bool addIntervals(Set& set, const Lookup& lookup);

    std::size_t most_ = kMost;
    std::vector<Element> elements_;
    std::vector<std::size_t> order_;  ///< the elements that keys() has made keys of
    bool complete_ = true;
};

/// Returns the step for a verdict of the kernel (enum nft_verdicts, NF_ACCEPT ...).
[[nodiscard]] Verdict verdictOf(std::int32_t code, std::string_view chain,
                                const ElementList::ChainOf& chainOf);

}  // namespace igd::inspect
