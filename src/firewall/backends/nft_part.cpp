// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/nft_part.h"

#include "names.h"
#include "nft/nft_counters.h"
#include "nft/nft_table.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

namespace igd::firewall {

bool NftPart::refused(std::string_view reason) {
    log::error("firewall: nftables refused the change of {}, nothing was changed: {}",
               family_.openings, igd::quoted(reason, 200));
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

Result<void> NftPart::replaceAll(std::span<const Rule> rules, const HostView& view) {
    const std::optional<int> priority = markPriority(view);
    if (!run(layScript(rules, priority))) return fail(MappingError::Backend);
    laid_ = Laid{{}, priority};
    return {};
}

void NftPart::replaced(const HostView& view) {
    if (laid_) laid_->handles = view.ownHandles;
}

std::optional<std::string> NftPart::damage(const HostView& view) {
    if (!laid_) return std::nullopt;
    if (view.ownHandles.empty()) return fmt::format("table {} was gone", family_.table);
    if (view.ownHandles != laid_->handles)
        return fmt::format("table {} was changed", family_.table);
    if (markPriority(view) != laid_->markPriority) return "forward chains had another order";
    return std::nullopt;
}

Result<std::vector<std::optional<Traffic>>> NftPart::traffic(std::span<const Rule> rules) {
    NftCounters counters;
    if (isLaid()) counters.read(kernel_.elements, rules);
    std::vector<std::optional<Traffic>> all;
    all.reserve(rules.size());
    for (const Rule& rule : rules) all.push_back(counters.of(rule));
    return all;
}

Result<void> NftPart::removeAll() {
    if (!run(deleteTableScript(family_.table))) return fail(MappingError::Backend);
    laid_.reset();
    return {};
}

}  // namespace igd::firewall
