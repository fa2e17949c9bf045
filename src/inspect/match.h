// SPDX-License-Identifier: GPL-2.0-or-later
// The answers of single steps for a packet.
#pragma once

#include "upnpd/inspect/ruleset.h"

#include <cstddef>
#include <optional>
#include <span>

namespace igd::inspect {

[[nodiscard]] inline Truth negated(Truth truth) {
    if (truth == Truth::Unknown) return truth;
    return truth == Truth::Yes ? Truth::No : Truth::Yes;
}

/// Returns whether the packet meets the condition; Yes for a step that is none.
[[nodiscard]] Truth matches(const Packet& packet, const Step& step);

/// Where the packet's operands are in a set: the index of the element. `known` is Unknown when
/// there may be one, and No when there is none.
struct Found {
    Truth known{};
    std::size_t index = 0;
};
[[nodiscard]] Found find(const Packet& packet, std::span<const Operand> operands, const Set* set);

/// Carries out what a step changes in the packet, if it does.
void change(Packet& packet, const Step& step);

/// Returns whether a step is a condition.
[[nodiscard]] bool isCondition(const Step& step);

}  // namespace igd::inspect
