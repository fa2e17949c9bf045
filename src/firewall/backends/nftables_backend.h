// SPDX-License-Identifier: GPL-2.0-or-later
// Mappings as elements of maps and sets in our own table: each change is one nftables transaction
// and costs the same whatever is there already.
#pragma once

#include "backends/kernel.h"
#include "backends/outgoing_ports.h"
#include "forward/forward_path.h"
#include "nft/nft_table.h"

#include "upnpd/firewall/factory.h"

#include <memory>
#include <string>

namespace igd::firewall {

class NftablesBackend final : public FirewallBackend {
public:
    NftablesBackend(FirewallConfig config, std::unique_ptr<Kernel> kernel);

    /// A script with everything that this back end asks of the kernel, to be tried and not to be
    /// run.
    [[nodiscard]] static std::string trial(const FirewallConfig& config);

    Result<void> apply(const RuleDelta& delta) override;
    Result<void> replaceAll(std::span<const Rule> rules) override;
    Result<void> removeAll() override;
    [[nodiscard]] std::optional<std::string> damage() override;
    [[nodiscard]] bool looksTouched() override;
    Result<void> externalAddressChanged(std::span<const Ipv4Address> addresses) override;
    void internalInterfacesChanged(std::vector<InterfaceName> internal) override {
        config_.internal = std::move(internal);
    }
    [[nodiscard]] std::string_view name() const override { return "nftables"; }

private:
    [[nodiscard]] bool run(const std::string& script);
    [[nodiscard]] TableShape shape(std::optional<int> markPriority) const;
    [[nodiscard]] bool settleLegacy(bool open);
    [[nodiscard]] bool legacyIsOpen() const;
    [[nodiscard]] static std::optional<int> markPriority(const ForwardPath::View& view);

    FirewallConfig config_;
    std::unique_ptr<Kernel> kernel_;
    ForwardPath forward_;
    const bool renewsInPlace_;
    std::vector<Ipv4Address> externalAddresses_;
    OutgoingPorts outgoing_;
    /// As replaceAll() left it; nullopt: nothing is laid.
    struct Laid {
        std::vector<std::uint64_t> handles;
        std::optional<int> markPriority;
        bool legacy = false;
    };
    std::optional<Laid> laid_;
};

}  // namespace igd::firewall
