// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/inspect/nft_decoder.h"

#include "nft_rule_decoder.h"
#include "nft_sets.h"
#include "nft_tables.h"

#include <algorithm>
#include <deque>
#include <utility>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

namespace igd::inspect {
namespace {

using Question = NftQuestion;

}  // namespace

class NftDecoder::Impl {
public:
    Impl(Ruleset& rules, NftNames own, NftScope scope)
        : rules_(rules), own_(std::move(own)), scope_(scope) {}

    std::optional<Question> next() {
        if (asked_) finish(*asked_);
        if (!asked_)
            asked_ = Question{Question::Kind::Tables, 0, {}, {}};
        else if (asked_->kind == Question::Kind::Tables)
            asked_ = Question{Question::Kind::Chains, 0, {}, {}};
        else if (!questions_.empty() || askForSets())
            ask();
        else
            return std::nullopt;
        return asked_;
    }

    void take(std::uint8_t type, Bytes octets) {
        const auto message = messageIn(octets);
        if (!message || !asked_ || type != answerTo(asked_->kind)) return;
        switch (asked_->kind) {
            case Question::Kind::Tables:
                return takeTable(*message);
            case Question::Kind::Chains:
                return takeChain(*message);
            case Question::Kind::Rules:
                return takeRule(*message);
            case Question::Kind::Sets:
            case Question::Kind::Set:
                return takeSet(*message);
            case Question::Kind::Elements:
                return takeElements(*message);
        }
    }

    [[nodiscard]] NftPlaces places() const {
        NftPlaces places;
        for (const auto& [place, chain] : read_) places.chains.push_back(place);
        places.sets = sets_.named();
        return places;
    }

    [[nodiscard]] std::map<std::string, std::vector<std::uint64_t>> ownHandles() const {
        auto sorted = handles_;
        for (auto& [table, handles] : sorted) std::ranges::sort(handles);
        return sorted;
    }

private:
    using TableName = std::pair<std::uint8_t, std::string>;
    struct Table {
        TableFacts facts;
        bool own = false;
        bool iptables = false;
    };
    static std::uint8_t answerTo(Question::Kind kind) {
        switch (kind) {
            case Question::Kind::Tables:
                return NFT_MSG_NEWTABLE;
            case Question::Kind::Chains:
                return NFT_MSG_NEWCHAIN;
            case Question::Kind::Rules:
                return NFT_MSG_NEWRULE;
            case Question::Kind::Sets:
            case Question::Kind::Set:
                return NFT_MSG_NEWSET;
            case Question::Kind::Elements:
                break;
        }
        return NFT_MSG_NEWSETELEM;
    }

    void ask() {
        asked_ = std::move(questions_.front());
        questions_.pop_front();
        if (asked_->kind != Question::Kind::Rules) return;
        askedChain_ = read_.at({asked_->family, asked_->table, asked_->name});
        decoder_.emplace(asked_->family, chainsOf(asked_->family, asked_->table));
    }

    void finish(const Question& question) {
        const NftPlace place{question.family, question.table, question.name};
        if (question.kind == Question::Kind::Chains) askForBases();
        if (question.kind == Question::Kind::Set && sets_.wantsElements(place))
            questions_.push_front(
                {Question::Kind::Elements, place.family, place.table, place.name});
        if (question.kind == Question::Kind::Elements)
            sets_.fill(place, rules_, chainsOf(place.family, place.table));
    }

    void takeTable(const NftMessage& message) {
        Table table{.facts = tableIn(message)};
        table.own = table.facts.name == own_.table &&
                    (message.family == NFPROTO_INET || message.family == NFPROTO_IPV6);
        if (table.own) remember(message.family, table.facts.name, table.facts.handle);
        tables_.insert_or_assign({message.family, table.facts.name}, std::move(table));
    }

    void remember(std::uint8_t family, const std::string& table, std::uint64_t handle) {
        handles_[std::string{familyName(family)} + " " + table].push_back(handle);
    }

    void takeChain(const NftMessage& message) {
        ChainFacts chain = chainIn(message);
        const auto table = tables_.find({message.family, chain.table});
        if (table == tables_.end() || table->second.facts.dormant) return;
        if (table->second.own) remember(message.family, chain.table, chain.handle);
        if (isOfIptables(message, chain)) table->second.iptables = true;
        chains_.insert_or_assign(NftPlace{message.family, chain.table, chain.name},
                                 std::move(chain));
    }

    /// Packets on their way through the router never meet chains for those that it sends.
    [[nodiscard]] bool isInScope(Hook hook) const {
        return hook != Hook::Output && (hook != Hook::Input || scope_ == NftScope::All);
    }

    void askForBases() {
        for (const auto& [place, chain] : chains_) {
            const bool passed = chain.base && isInScope(chain.base->hook);
            if (passed || tables_.at({place.family, place.table}).own) (void)idOf(place);
        }
        for (const auto& [name, table] : tables_)
            if (table.own)
                questions_.push_back({Question::Kind::Sets, name.first, name.second, {}});
    }

    /// Returns the chain's place in the ruleset, and has its rules read if it is there.
    ChainId idOf(const NftPlace& place) {
        const auto known = read_.find(place);
        if (known != read_.end()) return known->second;
        const Table& table = tables_.at({place.family, place.table});
        const ChainId id = rules_.idOf(table.iptables ? Kind::IptablesNft : Kind::Nft,
                                       familyName(place.family), place.table, place.name);
        const auto facts = chains_.find(place);
        if (facts == chains_.end()) return id;
        Chain& chain = rules_.chains[id];
        chain.own = table.own;
        chain.writable = !table.facts.owned;
        chain.handle = facts->second.handle;
        chain.base = facts->second.base;
        read_.emplace(place, id);
        questions_.push_back({Question::Kind::Rules, place.family, place.table, place.name});
        return id;
    }

    void takeRule(const NftMessage& message) {
        const Bytes& all = message.attributes;
        if (message.family != asked_->family || textIn(all, NFTA_RULE_TABLE) != asked_->table ||
            textIn(all, NFTA_RULE_CHAIN) != asked_->name)
            return;
        const auto handle = numberIn<std::uint64_t>(all, NFTA_RULE_HANDLE).value_or(0);
        if (rules_.chains[askedChain_].own) return remember(message.family, asked_->table, handle);
        DecodedRule rule = decoder_->decode(nested(all, NFTA_RULE_EXPRESSIONS));
        auto comment = commentIn(nested(all, NFTA_RULE_USERDATA));
        if (!comment) comment = std::move(rule.comment);
        if (comment && !isOurs(*comment)) comment.reset();
        Chain& chain = rules_.chains[askedChain_];
        const std::size_t firstStep = chain.steps.size();
        chain.add(handle, rule.steps, std::move(comment));
        for (Lookup& lookup : rule.lookups) {
            const NftPlace set{message.family, asked_->table, lookup.set};
            sets_.want(set, {askedChain_, firstStep, std::move(lookup)});
        }
    }

    [[nodiscard]] ElementList::ChainOf chainsOf(std::uint8_t family, const std::string& table) {
        return [this, family, table](std::string_view chain) {
            return idOf({family, table, std::string{chain}});
        };
    }

    [[nodiscard]] bool isOurs(std::string_view comment) const {
        if (!comment.starts_with(own_.tag)) return false;
        comment.remove_prefix(own_.tag.size());
        return comment.empty() || comment.front() == ':' || comment.front() == ' ';
    }

    /// Asks for the next set that may be read; one that is not is not known.
    bool askForSets() {
        const auto place = sets_.next();
        if (place)
            questions_.push_back({Question::Kind::Set, place->family, place->table, place->name});
        return place.has_value();
    }

    void takeSet(const NftMessage& message) {
        const FoundSet set = setIn(message);
        if (message.family != asked_->family || set.table != asked_->table) return;
        if (asked_->kind == Question::Kind::Sets)
            return remember(message.family, set.table, set.handle);
        if (set.name == asked_->name) sets_.take({message.family, set.table, set.name}, set);
    }

    void takeElements(const NftMessage& message) {
        const Bytes& all = message.attributes;
        if (message.family == asked_->family &&
            textIn(all, NFTA_SET_ELEM_LIST_TABLE) == asked_->table &&
            textIn(all, NFTA_SET_ELEM_LIST_SET) == asked_->name)
            sets_.takeElements(nested(all, NFTA_SET_ELEM_LIST_ELEMENTS));
    }

    Ruleset& rules_;
    const NftNames own_;
    const NftScope scope_;
    std::optional<Question> asked_;
    ChainId askedChain_ = kNoChain;
    std::optional<NftRuleDecoder> decoder_;  ///< of the chain whose rules were asked for
    std::deque<Question> questions_;
    std::map<TableName, Table> tables_;
    std::map<NftPlace, ChainFacts> chains_;
    std::map<NftPlace, ChainId> read_;
    NftSets sets_;
    std::map<std::string, std::vector<std::uint64_t>> handles_;
};

NftDecoder::NftDecoder(Ruleset& rules, NftNames own, NftScope scope)
    : impl_(std::make_unique<Impl>(rules, std::move(own), scope)) {}

NftDecoder::~NftDecoder() = default;

std::optional<NftQuestion> NftDecoder::next() {
    return impl_->next();
}

void NftDecoder::take(std::uint8_t type, std::span<const std::byte> message) {
    impl_->take(type, message);
}

NftPlaces NftDecoder::places() const {
    return impl_->places();
}

std::map<std::string, std::vector<std::uint64_t>> NftDecoder::ownHandles() const {
    return impl_->ownHandles();
}

}  // namespace igd::inspect
