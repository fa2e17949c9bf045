// SPDX-License-Identifier: GPL-2.0-or-later
// Sets of ports, and the ports that conditions of rules name.
#pragma once

#include "upnpd/inspect/ruleset.h"

#include <bitset>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace igd::inspect {

using PortSet = std::bitset<65536>;

/// Returns the ports between two numbers.
[[nodiscard]] PortSet portsBetween(std::uint64_t first, std::uint64_t last);

/// Returns whether a packet that nobody has translated yet has its destination port in `field`.
[[nodiscard]] bool isDestinationPort(Field field);

/// Returns whether it depends on the port of `packet` whether the condition holds.
[[nodiscard]] bool asksForPort(const Step& condition);

/// Returns the ports with which `packet`, whatever port it has, meets the condition; none where
/// that depends on what is not known.
[[nodiscard]] PortSet portsThatMeet(const Packet& packet, const Step& condition);

/// Calls `found` for each element of `set` that `packet` may be, with the element's index and the
/// ports that it is for.
void forEachElement(const Packet& packet, std::span<const Operand> operands, const Set& set,
                    const std::function<void(std::size_t, const PortSet&)>& found);

}  // namespace igd::inspect
