// SPDX-License-Identifier: GPL-2.0-or-later
// The expressions of one rule of nftables as steps. The kernel runs them on registers; they are run
// here on what the registers stand for. An expression that cannot be told becomes a step whose
// answer is not known.
#pragma once

#include "nft_fields.h"
#include "nft_lookup.h"
#include "nft_registers.h"

#include "upnpd/inspect/ruleset.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace igd::inspect {

struct DecodedRule {
    std::vector<Step> steps;
    std::vector<Lookup> lookups;
    std::optional<std::string> comment;  ///< of a match of x_tables
};

class NftRuleDecoder {
public:
    /// `family` is that of the table (NFPROTO_*). `chainOf` returns the chain of that name.
    NftRuleDecoder(std::uint8_t family, ElementList::ChainOf chainOf)
        : family_(family), chainOf_(std::move(chainOf)) {}

    /// Decodes NFTA_RULE_EXPRESSIONS.
    [[nodiscard]] DecodedRule decode(Bytes expressions);

private:
    using Handler = void (NftRuleDecoder::*)(Bytes);
    struct Entry {
        std::string_view name;
        Handler handler;
    };
    static constexpr std::size_t kEntries = 37;
    static const std::array<Entry, kEntries> kHandlers;  ///< sorted by name
    [[nodiscard]] static Handler handlerOf(std::string_view expression);

    void expression(Bytes attributes);
    // These load a register.
    void payload(Bytes data);
    void meta(Bytes data);
    void flow(Bytes data);
    void route(Bytes data);
    void immediate(Bytes data);
    void bitwise(Bytes data);
    void byteorder(Bytes data);
    void exthdr(Bytes data);
    void loadAt1(Bytes data);
    void loadAt2(Bytes data);
    // These ask.
    void compare(Bytes data);
    void range(Bytes data);
    void lookup(Bytes data);
    void limit(Bytes data);
    void connlimit(Bytes data);
    void quota(Bytes data);
    void dynset(Bytes data);
    void inSet(Bytes attributes);
    void objref(Bytes data);
    void match(Bytes data);
    // These act.
    void target(Bytes data);
    void nat(Bytes data);
    void masquerade(Bytes data);
    void redirect(Bytes data);
    void drop(Bytes data);
    void untrack(Bytes data);
    void mayEnd(Bytes data);
    void goesOn(Bytes data);
    void unknown(Bytes data);

    void load(std::optional<std::uint32_t> reg, std::size_t size, Content content);
    void loadUnknown(Bytes data, int attribute);
    void changeMark(Field mark, std::optional<std::uint32_t> reg);
    void learn(const Comparison& comparison);
    [[nodiscard]] std::vector<KeyPart> keyAt(std::size_t at) const;
    void guess(bool yes) { add(Guess{yes ? Truth::Yes : Truth::No}); }
    void add(Step step);

    /// A register that a translation names, as a constant or as a part of a map's data.
    struct Argument {
        Constant octets;
        std::optional<MapOctets> map;
        bool there = false;
    };
    [[nodiscard]] Argument argument(Bytes data, int attribute, std::size_t size) const;
    void translate(Translating kind, const Argument& address, const Argument& port, bool certain);

    std::uint8_t family_;
    ElementList::ChainOf chainOf_;
    Registers registers_;
    Headers headers_;
    DecodedRule rule_;
    bool narrow_ = false;
};

}  // namespace igd::inspect
