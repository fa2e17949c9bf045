// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/nft_pinholes.h"

#include "iptables/ip6t_entry.h"
#include "names.h"
#include "nft/nft_trial.h"
#include "nft/pinhole_table.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

namespace igd::firewall {

NftPinholes::NftPinholes(FirewallConfig config, std::unique_ptr<PinholeKernel> kernel)
    : config_(std::move(config)),
      kernel_(std::move(kernel)),
      forward_(config_, kernel_->nft, kernel_->legacy),
      renewsInPlace_(firewall::renewsInPlace(kernel_->nft)) {}

bool NftPinholes::run(const std::string& script) {
    if (kernel_->nft.run(script)) return true;
    log::error("firewall: nftables refused the change of a pinhole, nothing was changed: {}",
               igd::quoted(kernel_->nft.error(), 200));
    return false;
}

Result<void> NftPinholes::apply(const PinholeDelta& delta) {
    if (!run(pinholeChangeScript(delta, renewsInPlace_))) return fail(MappingError::Backend);
    return {};
}

/// The legacy filter table holds one rule at most of this back end; what a killed daemon left goes.
bool NftPinholes::settleLegacy(bool open) {
    const auto lock = kernel_->legacy.lock();
    if (!lock) return false;
    for (const char* const name : {"mangle", "filter"}) {
        if (!kernel_->legacy.present(name)) continue;
        const bool opens = open && std::string_view{name} == "filter";
        const auto change = [&](LegacyTable6& table) {
            return table.removeOurs() &&
                   (!opens || (config_.forwardRulesAppend
                                   ? table.append(config_.forwardChain6, pinholeOpeningEntry())
                                   : table.insert(config_.forwardChain6, pinholeOpeningEntry())));
        };
        const auto table = LegacyTable6::read(name);
        if (!table) {
            log::warning("firewall: the legacy IPv6 table {} cannot be read (CAP_NET_RAW?)", name);
            continue;
        }
        if ((opens || table->holdsOurs()) && !kernel_->legacy.edit(name, change)) return false;
    }
    return true;
}

bool NftPinholes::legacyIsOpen() const {
    const auto table = LegacyTable6::read("filter");
    return table && table->holds(config_.forwardChain6, pinholeOpeningEntry());
}

Result<void> NftPinholes::replaceAll(std::span<const PinholeRule> rules) {
    const auto view = forward_.look();
    if (!view) return fail(MappingError::Backend);
    if (!run(pinholeTableScript(config_.external, view->nft.markPriority) +
             pinholeFillScript(rules) + forward_.openScript(*view)) ||
        !settleLegacy(view->legacy))
        return fail(MappingError::Backend);
    const auto after = forward_.look();
    laid_ = Laid{after ? after->ownHandles : std::vector<std::uint64_t>{}, view->nft.markPriority,
                 view->legacy};
    return {};
}

Result<std::uint64_t> NftPinholes::packets(const PinholeRule& rule) {
    const auto answer = kernel_->nft.answerTo(pinholeQuery(rule));
    const auto packets = answer ? packetsIn(*answer) : std::nullopt;
    if (!packets) return fail(MappingError::Backend);
    return *packets;
}

std::optional<std::string> NftPinholes::damage() {
    if (!laid_) return std::nullopt;
    const auto view = forward_.look();
    if (!view) return "a chain that is to be opened is missing";
    if (view->ownHandles.empty()) return fmt::format("table {} was gone", kPinholeTable);
    if (view->ownHandles != laid_->handles)
        return fmt::format("table {} was changed", kPinholeTable);
    if (auto chain = ForwardPath::wrongChain(*view))
        return fmt::format("chain {} was not as pinholes need it", *chain);
    if (view->legacy != laid_->legacy || (view->legacy && !legacyIsOpen()))
        return fmt::format("legacy ip6tables chain {} was not as pinholes need it",
                           config_.forwardChain6);
    if (view->nft.markPriority != laid_->markPriority) return "forward chains had another order";
    return std::nullopt;
}

bool NftPinholes::looksTouched() {
    return laid_ && laid_->legacy && kernel_->legacy.looksTouched("filter");
}

Result<void> NftPinholes::removeAll() {
    FirewallConfig anywhere = config_;
    anywhere.insertForwardRules =
        InsertForwardRules::No;  // a chain that is missing now is no obstacle
    const ForwardPath path{anywhere, kernel_->nft, kernel_->legacy};
    const auto view = path.look();
    if (!view || !run(deletePinholeTableScript() + path.closeScript(*view)) || !settleLegacy(false))
        return fail(MappingError::Backend);
    laid_.reset();
    return {};
}

}  // namespace igd::firewall
