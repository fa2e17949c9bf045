// SPDX-License-Identifier: GPL-2.0-or-later
// The one back end: a part for mappings, a part for pinholes and the flows of PEER. A change is
// split among them; when one refuses, those before it are put back. What connection tracking has to
// know follows the change.
#pragma once

#include "backends/family_side.h"
#include "conntrack/kernel_flows.h"
#include "conntrack/lent_ports.h"
#include "conntrack/peer_flows.h"
#include "firewalld/firewalld_policy.h"
#include "foreign_forwards.h"
#include "kernel.h"
#include "nft/nft_events.h"
#include "reading/host_reader.h"

#include "upnpd/firewall/factory.h"

#include <memory>
#include <vector>

namespace igd::firewall {

/// The tables for one family; None: there is no part for it.
enum class Tables : std::uint8_t { None, Nftables, Iptables };

class Firewall final : public FirewallBackend {
public:
    /// `mappings` is never None. Without `firewalld`, what only it can open stays closed.
    Firewall(FirewallConfig config, std::unique_ptr<Kernel> kernel, Tables mappings,
             Tables pinholes, std::unique_ptr<FirewalldBus> firewalld);

    [[nodiscard]] Result<bool> prepare(const RuleDelta& delta) override;
    Result<void> apply(const RuleDelta& delta) override;
    [[nodiscard]] bool isBusy() const override;
    Result<void> replaceAll(std::span<const Rule> rules) override;
    [[nodiscard]] std::optional<OutgoingFlow> findFlow(const FlowKey& key) override;
    Result<std::uint64_t> packets(const Rule& rule) override;
    [[nodiscard]] Result<std::vector<std::optional<Traffic>>> traffic(
        std::span<const Rule> rules) override;
    [[nodiscard]] std::optional<std::string> foreignForward(Protocol protocol, Port port) override;
    [[nodiscard]] std::optional<std::string> stops(Protocol protocol, Port external,
                                                   const IpEndpoint& internal) override;
    Result<void> externalAddressChanged(std::span<const Ipv4Address> addresses) override;
    void sidesChanged(Sides sides) override;
    void openNatChanged(std::vector<OpenNat> openNat) override;
    [[nodiscard]] bool servesOpenNat() const override;
    Result<void> removeAll(FlowsThen flows) override;
    [[nodiscard]] std::string_view name() const override;
    [[nodiscard]] bool readOn(std::chrono::microseconds budget) override;
    [[nodiscard]] std::optional<std::string> damage() override;
    [[nodiscard]] bool isToLookAgain() const override { return lookAgain_; }
    [[nodiscard]] std::vector<ChainRefusal> refusals() const override;
    [[nodiscard]] std::vector<int> announcements() const override;
    [[nodiscard]] Announced heard() override;
    [[nodiscard]] SilentRules lookAtSilentRules() override;
    void rest() override;

private:
    [[nodiscard]] FirewallPart* pinholePart();
    [[nodiscard]] FirewallPart* partOf(const Rule& rule);
    void judgeForwards(const HostLook& look);
    [[nodiscard]] HostLook look();
    [[nodiscard]] HostLook taken(HostLook look);
    [[nodiscard]] std::unique_ptr<FirewalldPolicy> makePolicy(std::unique_ptr<FirewalldBus> bus);
    [[nodiscard]] bool isByPolicy(const Rule& rule) const;
    [[nodiscard]] std::vector<Rule> byPolicy(std::span<const Rule> rules) const;
    [[nodiscard]] std::optional<std::string> policyDamage() const;

    FirewallConfig config_;
    std::unique_ptr<Kernel> kernel_;
    std::string_view name_;
    std::unique_ptr<NftEvents> events_;  ///< nullptr: the kernel announces nothing
    HostReader reader_;
    std::optional<HostLook> ahead_;            ///< read in stretches, for damage()
    std::unique_ptr<FirewalldPolicy> policy_;  ///< nullptr: firewalld cannot be asked
    std::unique_ptr<FamilySide> mappings_;
    std::unique_ptr<FamilySide> pinholes_;  ///< nullptr: rules of IPv6 are refused
    KernelFlows kernelFlows_;
    PeerFlows flows_{kernelFlows_};
    LentPorts lentPorts_{kernelFlows_};
    ForeignForwards forwards_;
    std::vector<Ipv4Address> externalAddresses_;
    /// The families whose rules firewalld had to hold when all were laid.
    struct ByPolicy {
        bool mappings = false;
        bool pinholes = false;
        bool operator==(const ByPolicy&) const = default;
    };
    [[nodiscard]] ByPolicy neededPolicies() const;
    ByPolicy laidPolicies_;
    bool laid_ = false;
    bool lookAgain_ = false;
};

}  // namespace igd::firewall
