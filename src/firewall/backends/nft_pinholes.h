// SPDX-License-Identifier: GPL-2.0-or-later
// Pinholes as elements of sets in a table of our own; the chains of others that drop are opened for
// them.
#pragma once

#include "backends/pinhole_kernel.h"
#include "forward/forward_path.h"

#include "upnpd/firewall/factory.h"

#include <memory>

namespace igd::firewall {

class NftPinholes final : public PinholeFirewall {
public:
    NftPinholes(FirewallConfig config, std::unique_ptr<PinholeKernel> kernel);

    Result<void> apply(const PinholeDelta& delta) override;
    Result<void> replaceAll(std::span<const PinholeRule> rules) override;
    Result<std::uint64_t> packets(const PinholeRule& rule) override;
    Result<void> removeAll() override;
    [[nodiscard]] std::optional<std::string> damage() override;
    [[nodiscard]] bool looksTouched() override;

private:
    [[nodiscard]] bool run(const std::string& script);
    [[nodiscard]] bool settleLegacy(bool open);
    [[nodiscard]] bool legacyIsOpen() const;

    const FirewallConfig config_;
    std::unique_ptr<PinholeKernel> kernel_;
    ForwardPath forward_;
    const bool renewsInPlace_;
    /// As replaceAll() left it; nullopt: nothing is laid.
    struct Laid {
        std::vector<std::uint64_t> handles;
        int markPriority;
        bool legacy;
    };
    std::optional<Laid> laid_;
};

}  // namespace igd::firewall
