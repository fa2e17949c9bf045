// SPDX-License-Identifier: GPL-2.0-or-later
// The one back end: a part for mappings, a part for pinholes and the flows of PEER. A change is
// split among them; when one refuses, those before it are put back. What connection tracking has to
// know follows the change.
#pragma once

#include "backends/family_side.h"
#include "conntrack/kernel_flows.h"
#include "conntrack/lent_ports.h"
#include "conntrack/peer_flows.h"
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
    /// `mappings` is never None.
    Firewall(FirewallConfig config, std::unique_ptr<Kernel> kernel, Tables mappings,
             Tables pinholes);

    Result<void> apply(const RuleDelta& delta) override;
    [[nodiscard]] bool isBusy() const override;
    Result<void> replaceAll(std::span<const Rule> rules) override;
    [[nodiscard]] std::optional<OutgoingFlow> findFlow(const FlowKey& key) override;
    Result<std::uint64_t> packets(const Rule& rule) override;
    [[nodiscard]] std::optional<std::string> foreignForward(Protocol protocol, Port port) override;
    [[nodiscard]] std::optional<std::string> stops(Protocol protocol, Port external,
                                                   const IpEndpoint& internal) override;
    Result<void> externalAddressChanged(std::span<const Ipv4Address> addresses) override;
    void internalInterfacesChanged(std::vector<InterfaceName> internal) override;
    Result<void> removeAll() override;
    [[nodiscard]] std::string_view name() const override;
    [[nodiscard]] std::optional<std::string> damage() override;
    [[nodiscard]] bool isToLookAgain() const override { return lookAgain_; }
    [[nodiscard]] std::vector<ChainRefusal> refusals() const override;
    [[nodiscard]] int announcements() const override;
    [[nodiscard]] Announced heard() override;
    [[nodiscard]] SilentRules lookAtSilentRules() override;
    void rest() override;

private:
    [[nodiscard]] FirewallPart* pinholePart();
    [[nodiscard]] std::uint32_t externalIndex() const;
    [[nodiscard]] HostLook look();

    FirewallConfig config_;
    std::unique_ptr<Kernel> kernel_;
    std::string_view name_;
    std::unique_ptr<NftEvents> events_;  ///< nullptr: the kernel announces nothing
    HostReader reader_;
    std::unique_ptr<FamilySide> mappings_;
    std::unique_ptr<FamilySide> pinholes_;  ///< nullptr: rules of IPv6 are refused
    KernelFlows kernelFlows_;
    PeerFlows flows_{kernelFlows_};
    LentPorts lentPorts_{kernelFlows_};
    ForeignForwards forwards_;
    std::vector<Ipv4Address> externalAddresses_;
    bool laid_ = false;
    bool lookAgain_ = false;
};

}  // namespace igd::firewall
