// SPDX-License-Identifier: GPL-2.0-or-later
// The rules of a host as a model that can be asked what becomes of a packet: chains of nftables and
// of both kinds of iptables side by side, each rule as steps that look at a packet, change it or
// decide. What a decoder does not understand becomes a step whose answer is not known. Pure.
#pragma once

#include "upnpd/inspect/packet.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace igd::inspect {

struct Interval {
    Word first;
    Word last;
};

/// (field & mask) is in [first, last], or is not.
struct Comparison {
    Field field{};
    bool inverted = false;
    Word mask = kAllOnes;
    Word first;
    Word last;
};

struct Operand {
    Field field{};
    Word mask = kAllOnes;
};

/// Elements of an anonymous set. One element is `width` intervals, one for each operand.
struct Set {
    std::size_t width = 1;
    std::vector<Interval> intervals;
};

/// The operands are one of the elements, or are not. nullptr: a set of somebody's that is not read.
struct Membership {
    std::vector<Operand> operands;
    std::shared_ptr<const Set> set;
    bool inverted = false;
};

/// The answer of a match that no packet alone decides: a rate, a count, a quota. Yes and No: as an
/// ordinary packet meets it ("limit rate over" is No).
struct Guess {
    Truth truth = Truth::Unknown;
};

/// mark = (mark & keep) ^ flip. nullopt: nobody knows what it is afterwards. `field` is Mark or
/// FlowMark.
struct MarkChange {
    Field field{};
    std::uint32_t keep = 0;
    std::optional<std::uint32_t> flip;
};

/// Connection tracking is told to leave the packet alone.
struct Untrack {};

using ChainId = std::uint32_t;  ///< index of Ruleset::chains
constexpr ChainId kNoChain = ~ChainId{0};

enum class Ending : std::uint8_t {
    Accept,   ///< this base chain is done with the packet
    Drop,     ///< or rejected
    Return,   ///< to the chain that called, or to the policy
    Jump,     ///< to `chain`, and back
    Goto,     ///< to `chain`, and from its end to where this chain's end leads
    Unknown,  ///< the packet may end here, or go on
};

struct Verdict {
    Ending ending{};
    ChainId chain = kNoChain;
};

/// Keys and for each the verdict. Without a fitting key the rule goes on.
struct VerdictMap {
    std::vector<Operand> operands;
    std::shared_ptr<const Set> keys;  ///< nullptr: not known
    std::shared_ptr<const std::vector<Verdict>> verdicts;
};

enum class Translating : std::uint8_t {
    Destination,  ///< dnat
    Redirect,     ///< to the router itself
    Source,       ///< snat
    Masquerade,   ///< another source, of the outgoing interface
};

/// Ends the chain. `address`, `port`: as they were, where there is none. With a map: only where the
/// operands are among its keys, and the target is at the key's place.
struct Translation {
    Translating kind{};
    bool unknownTarget = false;  ///< led elsewhere, nobody knows where
    std::optional<Port> port{};
    std::optional<IpAddress> address{};
    struct Target {
        std::optional<IpAddress> address;
        std::optional<Port> port;
    };
    struct Map {
        std::vector<Operand> operands;
        std::shared_ptr<const Set> keys{};  ///< nullptr: not known
        std::shared_ptr<const std::vector<Target>> targets{};
    };
    std::shared_ptr<const Map> map{};  ///< apart, for a ruleset has many steps and few maps
};

using Step = std::variant<Comparison, Membership, Guess, MarkChange, Untrack, Verdict, VerdictMap,
                          Translation>;

struct Rule {
    std::uint64_t handle = 0;  ///< of nftables; in legacy tables 0
    std::uint32_t number = 0;  ///< 1: the first of its chain
    std::uint32_t firstStep = 0;
    std::uint32_t steps = 0;
    std::int32_t opening = -1;  ///< index of Chain::openings, for a rule of ours in this chain
};

enum class Hook : std::uint8_t { Ingress, Prerouting, Input, Forward, Output, Postrouting, Egress };

struct Base {
    Hook hook{};
    int priority = 0;
    bool translates = false;  ///< type nat: sees the first packet of a flow only
    bool policyDrop = false;
    std::vector<std::string> devices{};  ///< of Ingress and Egress in family netdev
};

enum class Kind : std::uint8_t {
    Nft,          ///< nftables itself
    IptablesNft,  ///< managed by iptables-nft: ip or ip6, tables and chains by iptables' names
    Legacy,       ///< ip_tables, ip6_tables
};

struct Chain {
    std::string family;  ///< "ip", "ip6", "inet", "netdev"; in legacy tables "ip", "ip6"
    std::string table;
    std::string name;
    Kind kind = Kind::Nft;
    bool own = false;      ///< in a table of ours, or a chain of ours in a legacy table
    bool writable = true;  ///< false: its table is somebody's alone (flags owner)
    std::uint64_t handle = 0;
    std::optional<Base> base{};
    std::vector<Rule> rules{};
    std::vector<Step> steps{};            ///< of all rules
    std::vector<std::string> openings{};  ///< comments of our rules in this chain of somebody else

    [[nodiscard]] std::span<const Step> stepsOf(const Rule& rule) const {
        return std::span{steps}.subspan(rule.firstStep, rule.steps);
    }
    /// Puts a rule at the end. `comment` is that of a rule of ours; nullopt: somebody else's.
    void add(std::uint64_t ruleHandle, std::span<const Step> its,
             std::optional<std::string> comment = std::nullopt);
};

/// Returns "inet filter forward", "legacy filter FORWARD", "legacy ip6 filter FORWARD".
[[nodiscard]] std::string nameOf(const Chain& chain);

/// A rule, or the policy of a base chain.
struct Place {
    ChainId chain = kNoChain;
    std::optional<std::uint32_t> rule;  ///< index; nullopt: the policy, or the chain's end
    auto operator<=>(const Place&) const = default;
};

struct Ruleset {
    std::deque<Chain> chains;

    /// Returns the chain of that name, which is empty until it is read.
    ChainId idOf(Kind kind, std::string_view family, std::string_view table, std::string_view name);
    [[nodiscard]] std::optional<ChainId> find(Kind kind, std::string_view family,
                                              std::string_view table, std::string_view name) const;

    /// Returns the base chains at `hook` that packets of that family pass, in the kernel's order.
    [[nodiscard]] std::vector<ChainId> basesAt(Hook hook, bool ipv6) const;

    /// Returns "inet filter forward rule 12", "legacy filter FORWARD policy".
    [[nodiscard]] std::string describe(const Place& place) const;

private:
    std::map<std::string, ChainId, std::less<>> ids_;
};

}  // namespace igd::inspect
