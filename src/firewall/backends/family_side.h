// SPDX-License-Identifier: GPL-2.0-or-later
// All that concerns openings of one family: our own tables, our rules in chains of others, and the
// rules of the host that stop some packets in spite of these.
#pragma once

#include "backends/firewall_part.h"
#include "forward/foreign_chains.h"
#include "names.h"
#include "reading/host_reader.h"

#include "upnpd/firewall/factory.h"
#include "upnpd/inspect/residue.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace igd::firewall {

class FamilySide {
public:
    /// `config`, `family` and `nft` must outlive this. `asksFirewalld`: it can be asked for rules.
    FamilySide(const FirewallConfig& config, const Family& family, NftSocket& nft,
               std::unique_ptr<FirewallPart> part, std::unique_ptr<LegacyOpenings> legacy,
               bool asksFirewalld);

    [[nodiscard]] FirewallPart& part() { return *part_; }

    /// Lays our tables with `rules` as the host needs them. Errors: Backend.
    Result<void> lay(std::span<const Rule> rules, const HostLook& look);
    /// Opens the chains of others for what was laid, as far as they take it, and judges the rest.
    void settle(const HostLook& look);
    /// Returns what FirewallHealth::damage() does, and judges the host's rules anew.
    [[nodiscard]] std::optional<std::string> damage(const HostLook& look);
    [[nodiscard]] SilentRules lookAtSilentRules() const;
    /// Returns why chains of others refuse our rules, by their names.
    [[nodiscard]] const std::map<std::string, ForeignChains::Refusal>& refusals() const {
        return foreign_.refusals();
    }
    /// Returns whether packets pass by rules that firewalld holds for us, as of the last look.
    [[nodiscard]] bool needsPolicy() const { return needsPolicy_; }
    /// Takes everything of ours out. Errors: Backend.
    Result<void> remove(const HostLook& look);

    /// Takes note of the external interface's addresses. Errors: Backend.
    Result<void> externalAddressChanged(std::span<const Ipv4Address> addresses);

    /// Returns what FirewallBackend::stops() does.
    [[nodiscard]] std::optional<std::string> stops(Protocol protocol, Port external,
                                                   const IpEndpoint& internal) const;

private:
    [[nodiscard]] HostView viewOf(const HostLook& look) const;
    void judge(const HostLook& look, const inspect::Plan& plan);
    void complain(const inspect::Ruleset& rules, const inspect::Plan& plan);
    [[nodiscard]] std::string whyClosed(const inspect::Ruleset& rules,
                                        const inspect::Place& place) const;
    [[nodiscard]] bool namedChainIsMissing(const inspect::Ruleset& rules) const;

    const FirewallConfig& config_;
    const Family& family_;
    std::unique_ptr<FirewallPart> part_;
    std::unique_ptr<LegacyOpenings> legacy_;
    ForeignChains foreign_;
    /// One external interface: what the host's rules do with its packets.
    struct Outside {
        inspect::Residue residue;
        IpAddress address;  ///< where mapped ports are found
    };
    std::vector<Outside> outside_;
    bool asksFirewalld_;
    bool needsPolicy_ = false;
    std::vector<Ipv4Address> externalAddresses_;
    std::set<std::string> complaints_;  ///< those of the last time: none is repeated
};

}  // namespace igd::firewall
