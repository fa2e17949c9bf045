// SPDX-License-Identifier: GPL-2.0-or-later
// The watch of the host's rules asks these questions of whoever has laid some.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace igd {

/// How rules of ours are whose changes the kernel announces to nobody: legacy iptables has such.
enum class SilentRules { None, AsLeft, Touched };

/// The kernel has announced changes by others: none that matter, of rules, or of elements of ours.
enum class Announced : std::uint8_t { Nothing, Rules, OurElements };

/// A chain of somebody else that does not take the rule which our packets need, and why.
struct ChainRefusal {
    std::string chain;  ///< "inet filter forward"
    std::string why;
    bool operator==(const ChainRefusal&) const = default;
};

class FirewallHealth {
public:
    virtual ~FirewallHealth() = default;

    /// Reads the host's rules on for the next damage(), for about `budget`, so that a look at many
    /// rules has pauses. Returns whether all is read.
    [[nodiscard]] virtual bool readOn(std::chrono::microseconds budget) = 0;

    /// Returns what somebody else has done to our rules, in words for the log: they are not as they
    /// were left, or a forward chain that would drop has none of ours. nullopt: all is well. Reads
    /// the host's rules where readOn() has not, but no elements of others' sets.
    [[nodiscard]] virtual std::optional<std::string> damage() = 0;

    /// Returns whether the last look or repair met somebody who was changing rules, and has to be
    /// made again.
    [[nodiscard]] virtual bool isToLookAgain() const = 0;

    /// Returns the chains that keep our packets closed since the last look or repair, sorted.
    [[nodiscard]] virtual std::vector<ChainRefusal> refusals() const = 0;

    /// Returns descriptors, one of which is readable when changes were announced. They belong to
    /// the firewall, and are the same as long as it lives.
    [[nodiscard]] virtual std::vector<int> announcements() const = 0;
    /// Takes all announcements that have come.
    [[nodiscard]] virtual Announced heard() = 0;

    /// Takes a cheap look: Touched when some seem not to be as they were left.
    [[nodiscard]] virtual SilentRules lookAtSilentRules() = 0;

    /// Nothing has changed for a while: forgets what is kept to be fast.
    virtual void rest() = 0;
};

}  // namespace igd
