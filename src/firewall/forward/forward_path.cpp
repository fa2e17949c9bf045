// SPDX-License-Identifier: GPL-2.0-or-later
#include "forward/forward_path.h"

#include "iptables/iptables_nft.h"
#include "names.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>

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
std::string closeForIptables(const NftChain& chain, const Family& family) {
    if (!belongsToIptables(chain) || !holdsXtOpening(chain) ||
        iptables_nft::close(chain.name, family))
        return {};
    std::string script;
    for (const NftRule& rule : chain.rules)
        if (rule.xtCertain)
            script += fmt::format("delete rule {} handle {}\n", toString(chain), rule.handle);
    return script;
}

}  // namespace

ForwardPath::ForwardPath(const FirewallConfig& config, NftContext& nft, const LegacyTables& legacy)
    : config_(config),
      nft_(nft),
      family_(kMappingFamily),
      legacyWants_([this, &legacy] { return legacyWants(legacy); }) {}

ForwardPath::ForwardPath(const FirewallConfig& config, NftContext& nft, const LegacyTables6& legacy)
    : config_(config),
      nft_(nft),
      family_(kPinholeFamily),
      legacyWants_([this, &legacy] { return legacyWants(legacy); }) {}

template <class Tables>
bool ForwardPath::legacyWants(const Tables& tables) const {
    if (config_.insertForwardRules == InsertForwardRules::No || !tables.present("filter"))
        return false;
    const std::string& chain = forwardChainOf(config_, family_);
    const auto filter = Tables::Table::read("filter");
    if (!filter || !filter->hasChain(chain)) return false;
    return config_.insertForwardRules == InsertForwardRules::Yes ||
           namesForwardChain(config_, family_) || filter->mayDrop(chain);
}

bool ForwardPath::namedChainIsMissing(const View& view) const {
    return config_.insertForwardRules != InsertForwardRules::No &&
           namesForwardChain(config_, family_) && !view.legacy && view.nft.open.empty();
}

std::optional<ForwardPath::View> ForwardPath::look() const {
    View view;
    if (const auto json = nft_.rulesetJson()) {
        const auto chains = parseRuleset(*json, family_);
        auto handles = ownHandles(*json, family_.table);
        if (!chains || !handles) {
            complain(fmt::format("what nftables says of its ruleset makes no sense: {}",
                                 igd::quoted(*json, 200)));
            return std::nullopt;
        }
        view.nft = planForward(*chains, config_, family_);
        view.ownHandles = std::move(*handles);
        view.nftPresent = true;
    }
    view.legacy = legacyWants_();
    if (namedChainIsMissing(view)) {
        complain(fmt::format("no chain is called {}: see {}",
                             igd::quoted(forwardChainOf(config_, family_)),
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
                family_.translates ? "mapped ports" : "pinholes");
    if (belongsToIptables(chain) && iptables_nft::open(chain.name, place, family_)) return {};
    return igd::firewall::openScript(chain, config_, family_);
}

std::string ForwardPath::openScript(const View& view) const {
    std::string script;
    for (const NftChain& chain : view.nft.holdingOpenings) {
        script += igd::firewall::closeScript(chain);
        if (!isAmong(chain, view.nft.open)) script += closeForIptables(chain, family_);
    }
    for (const NftChain& chain : view.nft.open) script += openOne(chain);
    return script;
}

std::string ForwardPath::closeScript(const View& view) const {
    std::string script;
    for (const NftChain& chain : view.nft.holdingOpenings) {
        script += igd::firewall::closeScript(chain);
        script += closeForIptables(chain, family_);
    }
    return script;
}

}  // namespace igd::firewall
