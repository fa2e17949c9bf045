// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/nftables_backend.h"

#include "names.h"
#include "nft/nft_elements.h"
#include "nft/nft_trial.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace igd::firewall {
namespace {

/// A transaction of thousands of elements takes tens of megabytes; the next as large may be a year
/// away.
void giveMemoryBack() {
#ifdef __GLIBC__
    ::malloc_trim(0);
#endif
}

}  // namespace

NftablesBackend::NftablesBackend(FirewallConfig config, std::unique_ptr<Kernel> kernel)
    : config_(std::move(config)),
      kernel_(std::move(kernel)),
      forward_(config_, kernel_->nft, kernel_->legacy),
      renewsInPlace_(firewall::renewsInPlace(kernel_->nft)) {}

std::string NftablesBackend::trial(const FirewallConfig& config) {
    constexpr int kMarkPriority = -5;
    const Rule rule{{Protocol::Tcp, Port{1024}},
                    std::nullopt,
                    {Ipv4Address{}, Port{1024}},
                    Seconds{60},
                    "trial"};
    const std::span<const Rule> rules{&rule, 1};
    return tableScript({config.external, config.internal, {Ipv4Address{}}, kMarkPriority}) +
           fillScript(rules, rules);
}

TableShape NftablesBackend::shape(std::optional<int> markPriority) const {
    return {config_.external, config_.hairpin ? config_.internal : std::vector<InterfaceName>{},
            externalAddresses_, markPriority};
}

bool NftablesBackend::run(const std::string& script) {
    if (kernel_->nft.run(script)) return true;
    log::error("firewall: nftables refused the change, nothing was changed: {}",
               igd::quoted(kernel_->nft.error(), 200));
    return false;
}

Result<void> NftablesBackend::apply(const RuleDelta& delta) {
    if (delta.empty()) return {};
    const OutgoingPorts::Plan outgoing = outgoing_.plan(delta);
    if (!run(changeScript({delta, outgoing.delta(), renewsInPlace_})))
        return fail(MappingError::Backend);
    outgoing_.commit(outgoing);
    kernel_->flows.applied(delta);
    return {};
}

/// Legacy tables hold one rule at most of this back end; what a killed daemon left of the other one
/// goes.
bool NftablesBackend::settleLegacy(bool open) {
    const auto lock = kernel_->legacy.lock();
    if (!lock) return false;
    for (const char* const name : {"nat", "mangle"}) {
        if (!kernel_->legacy.present(name)) continue;
        const auto table = LegacyTable::read(name);
        if (table && table->holdsOurs() && !kernel_->legacy.edit(name, &LegacyTable::removeOurs))
            return false;
    }
    if (!kernel_->legacy.present("filter")) return true;
    if (!LegacyTable::read("filter")) {
        log::warning(
            "firewall: the legacy filter table cannot be read (CAP_NET_RAW?): what it drops stays "
            "closed");
        return true;
    }
    return kernel_->legacy.edit("filter", [&](LegacyTable& table) {
        if (!table.removeOurs()) return false;
        if (!open) return true;
        return config_.forwardRulesAppend ? table.append(config_.forwardChain, openingEntry())
                                          : table.insert(config_.forwardChain, openingEntry());
    });
}

std::optional<int> NftablesBackend::markPriority(const ForwardPath::View& view) {
    const bool opens = view.legacy || !view.nft.open.empty();
    return opens ? std::optional{view.nft.markPriority} : std::nullopt;
}

Result<void> NftablesBackend::replaceAll(std::span<const Rule> rules) {
    const auto view = forward_.look();
    if (!view) return fail(MappingError::Backend);
    OutgoingPorts outgoing;
    const std::vector<Rule> lent = outgoing.reset(rules);
    const std::string openings = forward_.openScript(*view);
    if (!run(tableScript(shape(markPriority(*view))) + fillScript(rules, lent) + openings))
        return fail(MappingError::Backend);
    outgoing_ = std::move(outgoing);
    if (!settleLegacy(view->legacy)) return fail(MappingError::Backend);
    if (view->legacy)
        log::notice(
            "firewall: legacy iptables chain {} may drop forwarded packets: opened it for mapped "
            "ports",
            igd::quoted(config_.forwardChain));
    const auto after = forward_.look();
    laid_ = Laid{after ? after->ownHandles : std::vector<std::uint64_t>{}, markPriority(*view),
                 view->legacy};
    kernel_->flows.replaced(rules);
    giveMemoryBack();
    return {};
}

std::optional<std::string> NftablesBackend::damage() {
    if (!laid_) return std::nullopt;
    const auto view = forward_.look();
    if (!view) return "a chain that is to be opened is missing";
    if (view->ownHandles.empty()) return fmt::format("table {} was gone", kNftTable);
    if (view->ownHandles != laid_->handles) return fmt::format("table {} was changed", kNftTable);
    if (auto chain = ForwardPath::wrongChain(*view))
        return fmt::format("chain {} was not as mapped ports need it", *chain);
    if (view->legacy != laid_->legacy || (view->legacy && !legacyIsOpen()))
        return fmt::format("legacy iptables chain {} was not as mapped ports need it",
                           config_.forwardChain);
    if (markPriority(*view) != laid_->markPriority) return "forward chains had another order";
    return std::nullopt;
}

bool NftablesBackend::legacyIsOpen() const {
    const auto table = LegacyTable::read("filter");
    return table && table->holds(config_.forwardChain, openingEntry());
}

bool NftablesBackend::looksTouched() {
    return laid_ && laid_->legacy && kernel_->legacy.looksTouched("filter");
}

Result<void> NftablesBackend::externalAddressChanged(std::span<const Ipv4Address> addresses) {
    externalAddresses_.assign(addresses.begin(), addresses.end());
    if (laid_ && !run(externalAddressScript(addresses))) return fail(MappingError::Backend);
    return {};
}

Result<void> NftablesBackend::removeAll() {
    FirewallConfig anywhere = config_;
    anywhere.insertForwardRules =
        InsertForwardRules::No;  // a chain that is missing now is no obstacle
    const ForwardPath path{anywhere, kernel_->nft, kernel_->legacy};
    const auto view = path.look();
    if (!view || !run(deleteTableScript() + path.closeScript(*view)) || !settleLegacy(false))
        return fail(MappingError::Backend);
    laid_.reset();
    kernel_->flows.removed();
    return {};
}

}  // namespace igd::firewall
