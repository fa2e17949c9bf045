// SPDX-License-Identifier: GPL-2.0-or-later
// One packet's way through chains, as the kernel walks it. Example: "tcp dport 22 drop" in forward,
// for a packet to port 3074. runBase() runs the chain, the step "tcp dport 22" is false, so the
// rule does not apply and the policy decides. For a step that cannot be judged the walk asks the
// oracle, but only if the rule does something: a counter alone does not.
#pragma once

#include "oracle.h"

#include "upnpd/inspect/judge.h"

#include <optional>

namespace igd::inspect {

enum class Course : std::uint8_t { On, Accepted, Dropped, Translated, Returned };

class Walk {
public:
    /// All three must outlive this.
    Walk(const Ruleset& rules, Oracle& oracle, Packet& packet)
        : rules_(rules), oracle_(oracle), packet_(packet) {}

    /// Runs all base chains at `hook` but those of type nat; false when one of them drops.
    [[nodiscard]] bool pass(Hook hook);
    /// Runs those of type nat too, where the first that translates decides.
    [[nodiscard]] bool passWithNat(Hook hook);
    /// Runs one; On: at its end the packet goes on.
    Course runBase(ChainId id);

    /// The rule that dropped or translated last.
    [[nodiscard]] const std::optional<Place>& place() const { return place_; }
    [[nodiscard]] const std::optional<Translation>& translation() const { return translation_; }
    /// The hook whose chain was run last.
    [[nodiscard]] Hook hook() const { return hook_; }
    /// The packet as it is now.
    [[nodiscard]] const Packet& packet() const { return packet_; }

private:
    Course run(ChainId id, int depth);
    const Step* apply(ChainId id, std::uint32_t index);
    [[nodiscard]] Truth truthOf(const Rule& rule, const Step& step) const;
    Course carryOut(const Step& end, ChainId id, std::uint32_t index, int depth);
    Course follow(const Verdict& verdict, ChainId id, std::uint32_t index, int depth);
    Course translate(const Translation& translation, ChainId id, std::uint32_t index);
    [[nodiscard]] bool concerns(const Base& base) const;

    const Ruleset& rules_;
    Oracle& oracle_;
    Packet& packet_;
    Hook hook_ = Hook::Ingress;
    bool natChain_ = false;  ///< the base chain that is run is of type nat
    std::optional<Place> place_;
    std::optional<Translation> translation_;
};

}  // namespace igd::inspect
