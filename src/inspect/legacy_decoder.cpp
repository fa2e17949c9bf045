// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/inspect/legacy_decoder.h"

#include "legacy_entry.h"

#include "upnpd/inspect/xt_decoder.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>

#include <linux/netfilter/x_tables.h>

namespace igd::inspect {
namespace {

constexpr std::string_view kOwnChains = "UPNPD";

struct BuiltIn {
    std::string_view chain;
    Hook hook;
};
/// By the kernel's numbers of hooks.
constexpr std::array<BuiltIn, LegacyFrame::kHooks> kBuiltIn{{{"PREROUTING", Hook::Prerouting},
                                                             {"INPUT", Hook::Input},
                                                             {"FORWARD", Hook::Forward},
                                                             {"OUTPUT", Hook::Output},
                                                             {"POSTROUTING", Hook::Postrouting}}};

/// Returns where the kernel hangs a table's chain (linux/netfilter_ipv4.h, linux/netfilter_ipv6.h).
int priorityOf(std::string_view table, Hook hook) {
    if (table == "raw") return -300;
    if (table == "mangle") return -150;
    if (table == "security") return 50;
    if (table != "nat") return 0;
    return hook == Hook::Prerouting || hook == Hook::Output ? -100 : 100;
}

/// Where a chain stands in the octets: its first entry, and the first that is not its own.
struct Extent {
    std::string name;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::optional<Base> base{};
};

class TableDecoder {
public:
    TableDecoder(std::string_view table, bool ipv6, const LegacyFrame& frame,
                 std::span<const std::byte> octets, std::string_view tag)
        : table_(table), ipv6_(ipv6), frame_(frame), octets_(octets), tag_(tag) {}

    /// Finds entries and chains; false: there is no such table in the octets.
    bool prepare() {
        for (std::size_t at = 0; at < octets_.size();) {
            const auto entry = xt::LegacyEntry::at(octets_.subspan(at), ipv6_);
            if (!entry) return false;
            offsets_.push_back(at);
            at += entry->size();
        }
        return findBuiltIns() && findOthers() &&
               std::ranges::all_of(offsets_, [this](std::size_t at) { return leadsSomewhere(at); });
    }

    void addTo(Ruleset& rules) {
        for (auto& [begin, extent] : extents_) {
            const ChainId id = rules.idOf(Kind::Legacy, ipv6_ ? "ip6" : "ip", table_, extent.name);
            ids_[begin] = id;
            rules.chains[id].base = extent.base;
            rules.chains[id].own = extent.name.starts_with(kOwnChains);
        }
        for (const auto& [begin, extent] : extents_) addRules(rules.chains[ids_[begin]], extent);
    }

private:
    /// Returns the entry that prepare() found there.
    [[nodiscard]] xt::LegacyEntry entryAt(std::size_t offset) const {
        return xt::LegacyEntry::at(octets_.subspan(offset), ipv6_).value();
    }
    [[nodiscard]] bool isEntry(std::size_t offset) const {
        return std::ranges::binary_search(offsets_, offset);
    }

    bool findBuiltIns() {
        for (std::size_t hook = 0; hook < LegacyFrame::kHooks; ++hook) {
            if ((frame_.validHooks >> hook & 1U) == 0) continue;
            const std::size_t begin = frame_.hookEntry[hook];
            const std::size_t policy = frame_.underflow[hook];
            if (begin > policy || !isEntry(begin) || !isEntry(policy)) return false;
            const auto verdict = entryAt(policy).standardVerdict();
            const auto& [name, where] = kBuiltIn[hook];
            Base base{.hook = where,
                      .priority = priorityOf(table_, where),
                      .translates = table_ == "nat",
                      .policyDrop = verdict == -NF_DROP - 1};
            if (!verdict || !add({std::string{name}, begin, policy, std::move(base)})) return false;
        }
        return true;
    }

    bool add(const Extent& extent) {
        return names_.insert(extent.name).second &&
               extents_.try_emplace(extent.begin, extent).second;
    }

    /// A chain that is not built in reaches from its mark to the next mark; the table ends with a
    /// mark of its own.
    bool findOthers() {
        std::optional<Extent> open;
        for (const std::size_t at : offsets_) {
            const xt::LegacyEntry entry = entryAt(at);
            const auto name = entry.chainName();
            if (!name) continue;
            if (open) {
                open->end = withoutReturn(open->begin, at);
                if (!add(*open)) return false;
            }
            open = Extent{std::string{*name}, at + entry.size(), 0};
        }
        return !open || open->begin == octets_.size();
    }

    /// The entry before `end` is what every such chain ends with.
    [[nodiscard]] std::size_t withoutReturn(std::size_t begin, std::size_t end) const {
        const auto next = std::ranges::lower_bound(offsets_, end);
        if (next == offsets_.begin()) return end;
        const std::size_t last = *std::prev(next);
        return last >= begin && entryAt(last).standardVerdict() == XT_RETURN ? last : end;
    }

    [[nodiscard]] bool leadsSomewhere(std::size_t at) const {
        const xt::LegacyEntry entry = entryAt(at);
        const auto verdict = entry.standardVerdict();
        if (!verdict || *verdict < 0) return true;
        const auto to = static_cast<std::size_t>(*verdict);
        return to == at + entry.size() || extents_.contains(to);
    }

    void addRules(Chain& chain, const Extent& extent) const {
        const auto first = std::ranges::lower_bound(offsets_, extent.begin);
        const auto last = std::ranges::lower_bound(offsets_, extent.end);
        std::vector<Step> steps;
        // Counted before, for thousands of them are copied when there is no room for one more.
        std::size_t all = 0;
        for (auto at = first; at < last; ++at) {
            decode(steps, entryAt(*at));
            all += steps.size();
        }
        chain.steps.reserve(all);
        chain.rules.reserve(static_cast<std::size_t>(std::max(last - first, std::ptrdiff_t{0})));
        for (auto at = first; at < last; ++at) {
            const xt::LegacyEntry entry = entryAt(*at);
            decode(steps, entry);
            chain.add(0, steps, chain.own ? std::nullopt : tagOf(entry));
        }
    }

    /// Returns the comment of a rule of ours; nullopt: it is somebody else's.
    [[nodiscard]] std::optional<std::string> tagOf(const xt::LegacyEntry& entry) const {
        for (const xt::Extension& match : entry.matches())
            if (auto text = xtComment(match.name, match.info); text && text->starts_with(tag_))
                return text;
        return std::nullopt;
    }

    /// Makes `steps` those of one rule.
    void decode(std::vector<Step>& steps, const xt::LegacyEntry& entry) const {
        steps.clear();
        entry.conditions({steps, ipv6_});
        for (const xt::Extension& match : entry.matches())
            decodeXtMatch(steps, match.name, match.revision, match.info, ipv6_);
        addTarget(steps, entry);
    }

    void addTarget(std::vector<Step>& steps, const xt::LegacyEntry& entry) const {
        const auto verdict = entry.standardVerdict();
        if (!verdict) {
            const xt::Extension& target = entry.target();
            return decodeXtTarget(steps, target.name, target.revision, target.info, ipv6_);
        }
        if (*verdict < 0) return steps.push_back(Verdict{endingOf(*verdict)});
        const auto to = static_cast<std::size_t>(*verdict);
        if (const auto id = ids_.find(to); id != ids_.end())
            steps.push_back(Verdict{entry.isGoto() ? Ending::Goto : Ending::Jump, id->second});
    }

    static Ending endingOf(std::int32_t verdict) {
        if (verdict == -NF_ACCEPT - 1) return Ending::Accept;
        if (verdict == -NF_DROP - 1) return Ending::Drop;
        return verdict == XT_RETURN ? Ending::Return : Ending::Unknown;
    }

    std::string_view table_;
    bool ipv6_;
    const LegacyFrame& frame_;
    std::span<const std::byte> octets_;
    std::string_view tag_;
    std::vector<std::size_t> offsets_;       ///< of all entries
    std::map<std::size_t, Extent> extents_;  ///< by the offset of the first entry
    std::set<std::string> names_;
    std::map<std::size_t, ChainId> ids_;  ///< as extents_
};

}  // namespace

bool addLegacyTable(Ruleset& rules, std::string_view table, bool ipv6, const LegacyFrame& frame,
                    std::span<const std::byte> entries, std::string_view tag) {
    TableDecoder decoder{table, ipv6, frame, entries, tag};
    if (!decoder.prepare()) return false;
    decoder.addTo(rules);
    return true;
}

}  // namespace igd::inspect
