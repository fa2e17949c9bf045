// SPDX-License-Identifier: GPL-2.0-or-later
// The rules of a host as a model that can be asked what becomes of a packet: chains of nftables and
// of both kinds of iptables side by side, each rule as steps that look at a packet, change it or
// decide. What a reader does not understand becomes a step whose answer is not known. IPv4, TCP and
// UDP. Pure.
#pragma once

#include "upnpd/net/address.h"
#include "upnpd/net/port.h"

#include <tl/expected.hpp>

#include <bitset>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace igd::inspect {

/// A number, a name, or (monostate) nothing that could be known beforehand.
using Value = std::variant<std::monostate, std::uint64_t, std::string>;

enum class Truth : std::uint8_t { No, Yes, Unknown };

/// The kind of an address by the router's routing tables.
enum class DestinationType : std::uint8_t { Unicast, Local, Multicast };

/// A packet on its way, with what connection tracking knows of its flow.
struct Packet {
    std::string in;
    std::string out;  ///< empty before routing and for the router itself
    Protocol protocol{};
    Endpoint source;
    Endpoint destination;          ///< as translated so far
    Endpoint originalDestination;  ///< as the sender wrote it
    DestinationType destinationType = DestinationType::Unicast;
    bool translated = false;  ///< the destination was
    bool assumed = false;  ///< translated by a mapping that is not made yet: our chains let it pass
    Value mark = std::uint64_t{0};
    Value connectionMark = std::uint64_t{0};
    std::bitset<128> labels{};  ///< of its flow (connlabel)
};

enum class Ending : std::uint8_t {
    Accept,      ///< this base chain is done with the packet
    Drop,        ///< or rejected
    Return,      ///< to the chain that called, or to the policy
    Jump,        ///< to `chain`, and back
    Goto,        ///< to `chain`, and from its end to where this chain's end leads
    Translate,   ///< another destination: `target`
    Redirect,    ///< to the router itself
    Masquerade,  ///< another source
    Unknown,     ///< the packet may end here, or go on
};

struct Verdict {
    Ending ending{};
    std::string chain;  ///< key of Ruleset::chains
    /// The destination of Translate; nullopt: the rule does not apply after all (a map without such
    /// an element).
    std::function<std::optional<Endpoint>(const Packet&)> target;
};

using Condition = std::function<Truth(const Packet&)>;
using Effect = std::function<void(Packet&)>;
/// A verdict map; nullopt: no element fits, the rule does not apply.
using Choice = std::function<std::optional<Verdict>(const Packet&)>;
using Step = std::variant<Condition, Effect, Verdict, Choice>;

struct Rule {
    std::vector<Step> steps;
    std::string place;  ///< "rule 7", "handle 12"
    std::string text;   ///< as its owner would recognise it
};

enum class Hook : std::uint8_t { Ingress, Prerouting, Input, Forward, Output, Postrouting };

struct Base {
    Hook hook{};
    int priority = 0;
    bool translates = false;  ///< type nat: sees the first packet of a flow only
    bool policyDrop = false;
};

struct Chain {
    std::string name;  ///< "inet filter forward", "legacy filter FORWARD"
    std::optional<Base> base;
    std::vector<Rule> rules;
};

enum class IptablesKind : std::uint8_t { Nft, Legacy };

struct Ruleset {
    std::map<std::string, Chain> chains;  ///< by name

    /// Reads what `nft -j list ruleset` prints (libnftables-json(5)), elements of sets included,
    /// and takes the rules' texts from `nft -a list ruleset`, if that is given. The error says what
    /// is wrong with `json`.
    [[nodiscard]] static tl::expected<Ruleset, std::string> fromNft(std::string_view json,
                                                                    std::string_view text);

    /// Reads what iptables-save prints. With Nft it replaces the tables of the same names, whose
    /// rules nft itself cannot spell out. The error names the line that is none of iptables-save's.
    [[nodiscard]] tl::expected<void, std::string> addIptables(std::string_view save,
                                                              IptablesKind kind);
};

}  // namespace igd::inspect
