// SPDX-License-Identifier: GPL-2.0-or-later
#include "match.h"

#include <algorithm>

namespace igd::inspect {
namespace {

bool isWithin(const Word& word, const Interval& interval) {
    return interval.first <= word && word <= interval.last;
}

/// A rule that asks for a field that the packet does not have ends there, inverted or not.
Truth compare(const Packet& packet, const Comparison& comparison) {
    const Reading reading = read(packet, comparison.field);
    if (reading.known != Truth::Yes) return reading.known;
    const bool within =
        isWithin(reading.word & comparison.mask, {comparison.first, comparison.last});
    return within != comparison.inverted ? Truth::Yes : Truth::No;
}

/// Does the element hold all operands? `readings` of what is not known hold everywhere, perhaps.
Truth holds(std::span<const Interval> element, std::span<const Reading> readings) {
    Truth truth = Truth::Yes;
    for (std::size_t i = 0; i < readings.size(); ++i) {
        if (readings[i].known == Truth::Unknown)
            truth = Truth::Unknown;
        else if (!isWithin(readings[i].word, element[i]))
            return Truth::No;
    }
    return truth;
}

}  // namespace

Found find(const Packet& packet, std::span<const Operand> operands, const Set* set) {
    std::vector<Reading> readings;
    readings.reserve(operands.size());
    for (const Operand& operand : operands) {
        Reading reading = read(packet, operand.field);
        if (reading.known == Truth::No) return {Truth::No};
        reading.word = reading.word & operand.mask;
        readings.push_back(reading);
    }
    if (set == nullptr || set->width != operands.size()) return {Truth::Unknown};
    Found found{Truth::No};
    for (std::size_t at = 0; at + set->width <= set->intervals.size(); at += set->width) {
        const Truth truth = holds(std::span{set->intervals}.subspan(at, set->width), readings);
        if (truth == Truth::Yes) return {Truth::Yes, at / set->width};
        if (truth == Truth::Unknown) found.known = Truth::Unknown;
    }
    return found;
}

Truth matches(const Packet& packet, const Step& step) {
    if (const auto* const comparison = std::get_if<Comparison>(&step))
        return compare(packet, *comparison);
    if (const auto* const guess = std::get_if<Guess>(&step)) return guess->truth;
    const auto* const membership = std::get_if<Membership>(&step);
    if (membership == nullptr) return Truth::Yes;
    const auto isThere = [&](const Operand& operand) {
        return read(packet, operand.field).known != Truth::No;
    };
    if (!std::ranges::all_of(membership->operands, isThere)) return Truth::No;
    const Truth truth = find(packet, membership->operands, membership->set.get()).known;
    return membership->inverted ? negated(truth) : truth;
}

void change(Packet& packet, const Step& step) {
    if (std::holds_alternative<Untrack>(step)) packet.untracked = true;
    const auto* const mark = std::get_if<MarkChange>(&step);
    if (mark == nullptr) return;
    std::optional<std::uint32_t>& value =
        mark->field == Field::Mark ? packet.mark : packet.flowMark;
    if (!mark->flip)
        value = std::nullopt;
    else if (value || mark->keep == 0)
        value = (value.value_or(0) & mark->keep) ^ *mark->flip;
}

bool isCondition(const Step& step) {
    return std::holds_alternative<Comparison>(step) || std::holds_alternative<Membership>(step) ||
           std::holds_alternative<Guess>(step);
}

}  // namespace igd::inspect
