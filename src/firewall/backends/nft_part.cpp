// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/nft_part.h"

#include "names.h"
#include "nft/nft_table.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

namespace igd::firewall {

bool NftPart::refused(std::string_view reason) {
    log::error("firewall: nftables refused the change of {}, nothing was changed: {}",
               forward_.family().openings, igd::quoted(reason, 200));
    return false;
}

bool NftPart::run(const std::string& script) {
    return kernel_.nft.run(script) || refused(kernel_.nft.error());
}

bool NftPart::commit(NftBatch batch) {
    const auto refusal = kernel_.elements.commit(batch);
    return !refusal || refused(sentenceOf(*refusal));
}

bool NftPart::change(const ElementSteps& steps) {
    NftBatch batch = batchOf(steps, Removal::OfPresent);
    const auto refusal = kernel_.elements.commit(batch);
    if (!refusal) return true;
    if (refusal->error != ENOENT || steps.remove.empty()) return refused(sentenceOf(*refusal));
    return commit(batchOf(steps, Removal::OfAny));
}

bool NftPart::change(const RuleDelta& delta) {
    if (!change(stepsOf({delta, renewsInPlace(delta)}))) return false;
    noteEnded(delta);
    return true;
}

/// By itself: the set has room for so many, and a change does not fail for that.
void NftPart::noteEnded(const RuleDelta& delta) {
    NftBatch batch;
    for (const NftElement& element : endedBy(delta)) batch.put(addMessage(element));
    if (const auto refusal = kernel_.elements.commit(batch))
        log::debug("firewall: a client may take up connections of openings that have ended: {}",
                   sentenceOf(*refusal));
}

bool NftPart::renewsInPlace(const RuleDelta& delta) {
    return !delta.remove.empty() && !delta.add.empty() && kernel_.renewsInPlace();
}

Result<void> NftPart::replaceAll(std::span<const Rule> rules, const RulesetJson& ruleset) {
    const auto view = forward_.look(ruleset);
    if (!view) return fail(MappingError::Backend);
    const std::optional<int> priority = markPriority(*view);
    const std::string openings = forward_.openScript(*view);
    if (!run(layScript(rules, priority) + openings) || !forward_.settleLegacy(view->legacy))
        return fail(MappingError::Backend);
    const Family& family = forward_.family();
    if (view->legacy)
        log::notice("firewall: legacy {} chain {} may drop forwarded packets: opened it for {}",
                    family.iptables, igd::quoted(forwardChainOf(config_, family)), family.openings);
    laid_ = Laid{{}, priority, view->legacy};
    return {};
}

void NftPart::replaced(const RulesetJson& ruleset) {
    const auto view = laid_ ? forward_.look(ruleset) : std::nullopt;
    if (view) laid_->handles = view->ownHandles;
}

std::optional<std::string> NftPart::damage(const RulesetJson& ruleset) {
    if (!laid_) return std::nullopt;
    const Family& family = forward_.family();
    const auto view = forward_.look(ruleset);
    if (!view) return "a chain that is to be opened is missing";
    if (view->ownHandles.empty()) return fmt::format("table {} was gone", family.table);
    if (view->ownHandles != laid_->handles)
        return fmt::format("table {} was changed", family.table);
    if (auto chain = ForwardPath::wrongChain(*view))
        return fmt::format("chain {} was not as {} need it", *chain, family.openings);
    if (view->legacy != laid_->legacy || (view->legacy && !forward_.legacyIsOpen()))
        return fmt::format("legacy {} chain {} was not as {} need it", family.iptables,
                           forwardChainOf(config_, family), family.openings);
    if (markPriority(*view) != laid_->markPriority) return "forward chains had another order";
    return std::nullopt;
}

SilentRules NftPart::lookAtSilentRules() {
    if (!laid_ || !laid_->legacy) return SilentRules::None;
    return forward_.legacyLooksTouched() ? SilentRules::Touched : SilentRules::AsLeft;
}

Result<void> NftPart::removeAll(const RulesetJson& ruleset) {
    const auto view = forward_.lookToClose(ruleset);
    if (!view || !run(deleteTableScript(forward_.family().table) + forward_.closeScript(*view)) ||
        !forward_.settleLegacy(false))
        return fail(MappingError::Backend);
    laid_.reset();
    return {};
}

}  // namespace igd::firewall
