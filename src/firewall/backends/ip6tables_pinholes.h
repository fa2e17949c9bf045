// SPDX-License-Identifier: GPL-2.0-or-later
// Pinholes as rules in a chain of our own in the legacy tables of IPv6: filter always, mangle
// (packet mark) where a chain of nftables would drop.
#pragma once

#include "backends/pinhole_kernel.h"
#include "forward/forward_path.h"

#include "upnpd/firewall/factory.h"

#include <memory>
#include <vector>

namespace igd::firewall {

class Ip6tablesPinholes final : public PinholeFirewall {
public:
    Ip6tablesPinholes(FirewallConfig config, std::unique_ptr<PinholeKernel> kernel);

    Result<void> apply(const PinholeDelta& delta) override;
    Result<void> replaceAll(std::span<const PinholeRule> rules) override;
    Result<std::uint64_t> packets(const PinholeRule& rule) override;
    Result<void> removeAll() override;
    [[nodiscard]] std::optional<std::string> damage() override;
    [[nodiscard]] bool looksTouched() override;

private:
    /// Our chain in a table: what it does with a pinhole's packets, and from where it is called.
    struct Role {
        const char* table;
        Entry (*entry)(const PinholeKey&);
        std::string parent;
        bool atEnd;
    };
    [[nodiscard]] std::vector<Role> rolesFor(const ForwardPath::View& view) const;
    [[nodiscard]] std::vector<Entry> jumps() const;
    [[nodiscard]] bool lay(const Role& role, std::span<const PinholeRule> rules) const;
    [[nodiscard]] bool change(const Role& role, const PinholeDelta& delta) const;
    [[nodiscard]] bool isWhole(const Role& role) const;
    [[nodiscard]] bool settleNft(const std::string& script) const;

    const FirewallConfig config_;
    std::unique_ptr<PinholeKernel> kernel_;
    ForwardPath forward_;
    ForwardPath::View view_;   ///< what `roles_` were made from
    std::vector<Role> roles_;  ///< empty: nothing is laid
    std::size_t count_ = 0;    ///< of pinholes
};

}  // namespace igd::firewall
