// SPDX-License-Identifier: GPL-2.0-or-later
// Mappings as rules in chains of our own in the legacy tables: nat always, filter where the legacy
// forward chain would drop, mangle (packet mark) where a chain of nftables would.
#pragma once

#include "backends/kernel.h"
#include "forward/forward_path.h"

#include "upnpd/firewall/factory.h"

#include <array>
#include <memory>
#include <vector>

namespace igd::firewall {

class IptablesBackend final : public FirewallBackend {
public:
    IptablesBackend(FirewallConfig config, std::unique_ptr<Kernel> kernel);

    Result<void> apply(const RuleDelta& delta) override;
    Result<void> replaceAll(std::span<const Rule> rules) override;
    Result<void> removeAll() override;
    [[nodiscard]] std::optional<std::string> damage() override;
    [[nodiscard]] bool looksTouched() override;
    Result<void> externalAddressChanged(std::span<const Ipv4Address> addresses) override;
    void internalInterfacesChanged(std::vector<InterfaceName> internal) override {
        config_.internal = std::move(internal);
    }
    [[nodiscard]] std::string_view name() const override { return "iptables"; }

private:
    /// What a chain of ours has a rule for.
    enum class Per : std::uint8_t { Mapping, MovedPort, Peer };
    /// A chain of ours in a table.
    struct Part {
        const char* chain;
        Entry (*entry)(const Rule&);  ///< for each mapping; nullptr: nothing
        Per per;  ///< or only for those whose two ports differ, or one for each filter
        std::vector<Entry> fixed;  ///< what it holds whatever is mapped
    };
    /// How packets come to our chains from one of somebody else's.
    struct Jumps {
        std::string parent;
        bool atEnd;
        std::vector<Entry> entries;
    };
    struct Role {
        const char* table;
        std::vector<Part> parts;
        std::vector<Jumps> jumps;
    };
    [[nodiscard]] static std::size_t numberOf(Per per, const Rule& rule);
    [[nodiscard]] static std::vector<Entry> entriesOf(const Part& part, const Rule& rule);
    [[nodiscard]] std::vector<Role> rolesFor(const ForwardPath::View& view) const;
    [[nodiscard]] Role natRole() const;
    [[nodiscard]] std::vector<Entry> forwardJumps() const;
    [[nodiscard]] bool layJumps(const Role& role, LegacyTable& table) const;
    [[nodiscard]] bool lay(const Role& role, std::span<const Rule> rules) const;
    [[nodiscard]] bool change(const Role& role, const RuleDelta& delta) const;
    void count(const RuleDelta& delta);
    [[nodiscard]] bool isWhole(const Role& role) const;
    [[nodiscard]] bool clean(const char* table) const;
    [[nodiscard]] bool settleNft(const ForwardPath::View& view, const std::string& script) const;
    [[nodiscard]] bool layAll(std::span<const Rule> rules);

    FirewallConfig config_;
    std::unique_ptr<Kernel> kernel_;
    ForwardPath forward_;
    std::vector<Ipv4Address> externalAddresses_;
    ForwardPath::View view_;              ///< what `roles_` were made from
    std::array<std::size_t, 3> count_{};  ///< rules that there are, by Per
    std::vector<Role> roles_;             ///< in the order in which they are committed
};

}  // namespace igd::firewall
