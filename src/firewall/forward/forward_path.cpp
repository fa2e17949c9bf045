// SPDX-License-Identifier: GPL-2.0-or-later
#include "forward/forward_path.h"

#include "iptables/iptables_nft.h"
#include "names.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace igd::firewall {
namespace {

bool holdsXtOpening(const NftChain& chain) {
    return std::any_of(chain.rules.begin(), chain.rules.end(),
                       [](const NftRule& r) { return r.xtOpening; });
}

/// Others may write a rule like ours for iptables-nft; such a one is no reason to act.
bool holdsCertainOpening(const NftChain& chain) {
    return std::any_of(chain.rules.begin(), chain.rules.end(),
                       [](const NftRule& rule) { return rule.opening || rule.xtCertain; });
}

bool isAmong(const NftChain& chain, const std::vector<NftChain>& chains) {
    return std::any_of(chains.begin(), chains.end(),
                       [&](const NftChain& other) { return toString(other) == toString(chain); });
}

/// iptables-nft compares the whole rule. Without it what cannot be another's goes by its handle.
std::string closeForIptables(const NftChain& chain, const iptables_nft::Opening& opening) {
    if (!belongsToIptables(chain) || !holdsXtOpening(chain) ||
        iptables_nft::close(chain.name, opening))
        return {};
    std::string script;
    for (const NftRule& rule : chain.rules)
        if (rule.xtCertain)
            script += fmt::format("delete rule {} handle {}\n", toString(chain), rule.handle);
    return script;
}

}  // namespace

template <class Tables>
class ForwardPath::LegacySideOf final : public LegacySide {
public:
    LegacySideOf(const FirewallConfig& config, const Family& family, const Tables& tables)
        : config_(config), family_(family), tables_(tables) {}

    [[nodiscard]] bool wants(const FirewallConfig& config) const override {
        if (config.insertForwardRules == InsertForwardRules::No || !tables_.present("filter"))
            return false;
        const auto filter = Tables::Table::read("filter");
        if (!filter || !filter->hasChain(chain())) return false;
        return config.insertForwardRules == InsertForwardRules::Yes ||
               namesForwardChain(config, family_) || filter->mayDrop(chain());
    }

    [[nodiscard]] bool settle(bool open) const override {
        if (!open && !mayHoldOurs()) return true;
        const bool again = std::exchange(opened_, open) && open;
        const auto lock = tables_.lock(again ? Tables::Patience::Moment : Tables::Patience::Long);
        return lock && std::ranges::all_of(kTables, [&](std::string_view table) {
                   return settle(table.data(), open && table == "filter");
               });
    }

    [[nodiscard]] bool isOpen() const override {
        const auto table = Tables::Table::read("filter");
        return table && table->isOpen(chain(), config_.markBits);
    }

    [[nodiscard]] bool looksTouched() const override { return tables_.looksTouched("filter"); }

private:
    static constexpr std::array<std::string_view, 3> kTables{"nat", "mangle", "filter"};

    [[nodiscard]] const std::string& chain() const { return forwardChainOf(config_, family_); }

    [[nodiscard]] bool settle(const char* name, bool open) const {
        if (!tables_.present(name)) return true;
        const auto table = Tables::Table::read(name);
        if (!table) {
            log::warning(
                "firewall: the legacy {} table {} cannot be read (CAP_NET_RAW?): what it drops "
                "stays closed",
                family_.iptables, name);
            return true;
        }
        if (!open && !table->holdsOurs()) return true;
        return tables_.edit(name, [&](typename Tables::Table& edited) {
            return edited.removeOurs() &&
                   (!open || edited.open(chain(), config_.forwardRulesAppend, config_.markBits));
        });
    }

    /// Without anything to take out there is no need of the lock.
    [[nodiscard]] bool mayHoldOurs() const {
        return std::ranges::any_of(kTables, [this](std::string_view name) {
            if (!tables_.present(name.data())) return false;
            const auto table = Tables::Table::read(name.data());
            return !table || table->holdsOurs();
        });
    }

    const FirewallConfig& config_;
    const Family& family_;
    const Tables& tables_;
    mutable bool opened_ = false;
};

ForwardPath::ForwardPath(const FirewallConfig& config, const LegacyTables& legacy)
    : config_(config),
      family_(kMappingFamily),
      legacy_(std::make_unique<LegacySideOf<LegacyTables>>(config, family_, legacy)) {}

ForwardPath::ForwardPath(const FirewallConfig& config, const LegacyTables6& legacy)
    : config_(config),
      family_(kPinholeFamily),
      legacy_(std::make_unique<LegacySideOf<LegacyTables6>>(config, family_, legacy)) {}

bool ForwardPath::namedChainIsMissing(const View& view, const FirewallConfig& config) const {
    return config.insertForwardRules != InsertForwardRules::No &&
           namesForwardChain(config, family_) && !view.legacy && view.nft.open.empty();
}

std::optional<ForwardPath::View> ForwardPath::lookToClose(
    const std::optional<std::string>& ruleset) const {
    FirewallConfig opensNothing = config_;
    opensNothing.insertForwardRules = InsertForwardRules::No;
    return look(ruleset, opensNothing);
}

std::optional<ForwardPath::View> ForwardPath::look(const std::optional<std::string>& ruleset,
                                                   const FirewallConfig& config) const {
    View view;
    if (ruleset) {
        const auto chains = parseRuleset(*ruleset, family_);
        auto handles = ownHandles(*ruleset, family_.table);
        if (!chains || !handles) {
            complain(fmt::format("what nftables says of its ruleset makes no sense: {}",
                                 igd::quoted(*ruleset, 200)));
            return std::nullopt;
        }
        view.nft = planForward(*chains, config, family_);
        view.ownHandles = std::move(*handles);
        view.nftPresent = true;
    }
    view.legacy = legacy_->wants(config);
    if (namedChainIsMissing(view, config)) {
        complain(fmt::format("no chain is called {}: see {}",
                             igd::quoted(forwardChainOf(config, family_)),
                             family_.translates ? "forward_chain_name" : "ipv6forward_chain_name"));
        return std::nullopt;
    }
    complaint_.clear();
    return view;
}

void ForwardPath::complain(const std::string& text) const {
    if (text != complaint_) log::error("firewall: {}", text);
    complaint_ = text;
}

std::optional<std::string> ForwardPath::wrongChain(const View& view) {
    for (const NftChain& chain : view.nft.open)
        if (!isAmong(chain, view.nft.holdingOpenings)) return toString(chain);
    for (const NftChain& chain : view.nft.holdingOpenings)
        if (!isAmong(chain, view.nft.open) && holdsCertainOpening(chain)) return toString(chain);
    return std::nullopt;
}

std::string ForwardPath::openOne(const NftChain& chain) const {
    const auto place =
        config_.forwardRulesAppend ? iptables_nft::Place::End : iptables_nft::Place::Top;
    log::notice("firewall: {} may drop forwarded packets: opened it for {}", toString(chain),
                family_.openings);
    if (belongsToIptables(chain) &&
        iptables_nft::open(chain.name, place, {family_, config_.markBits}))
        return {};
    return igd::firewall::openScript(chain, config_, family_);
}

std::string ForwardPath::openScript(const View& view) const {
    std::string script;
    for (const NftChain& chain : view.nft.holdingOpenings) {
        script += igd::firewall::closeScript(chain);
        if (!isAmong(chain, view.nft.open))
            script += closeForIptables(chain, {family_, config_.markBits});
    }
    for (const NftChain& chain : view.nft.open) script += openOne(chain);
    return script;
}

std::string ForwardPath::closeScript(const View& view) const {
    std::string script;
    for (const NftChain& chain : view.nft.holdingOpenings) {
        script += igd::firewall::closeScript(chain);
        script += closeForIptables(chain, {family_, config_.markBits});
    }
    return script;
}

}  // namespace igd::firewall
