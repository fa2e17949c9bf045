// SPDX-License-Identifier: GPL-2.0-or-later
// The watch of the host's rules asks these questions of whoever has laid some.
#pragma once

#include <optional>
#include <string>

namespace igd {

/// How rules of ours are whose changes the kernel announces to nobody: legacy iptables has such.
enum class SilentRules { None, AsLeft, Touched };

class FirewallHealth {
public:
    virtual ~FirewallHealth() = default;

    /// Returns what somebody else has done to our rules, in words for the log: they are not as they
    /// were left, or a forward chain that would drop has none of ours. nullopt: all is well. Reads
    /// the host's rules, but no elements of sets.
    [[nodiscard]] virtual std::optional<std::string> damage() = 0;

    /// Takes a cheap look: Touched when some seem not to be as they were left.
    [[nodiscard]] virtual SilentRules lookAtSilentRules() = 0;

    /// Nothing has changed for a while: forgets what is kept to be fast.
    virtual void rest() = 0;
};

}  // namespace igd
