// SPDX-License-Identifier: GPL-2.0-or-later
// Built where iptables is left out: legacy tables are read and judged, and never changed.
#include "iptables/legacy_iptables.h"

#include "upnpd/util/build_parts.h"

namespace igd::firewall {
namespace {

class NoOpenings final : public LegacyOpenings {
public:
    [[nodiscard]] std::optional<std::string> rewrite(
        const std::string& /*table*/, const std::string& /*chain*/,
        std::span<const inspect::Opening> /*openings*/) override {
        return builtWithout(BuildPart::Iptables);
    }
    [[nodiscard]] bool removeOwnChains() override { return true; }
    [[nodiscard]] std::uint32_t markBits() const override { return 0; }
    [[nodiscard]] SilentRules look() const override { return SilentRules::None; }
};

class NoIptables final : public LegacyIptables {
public:
    [[nodiscard]] const char* firstUsed() const override { return nullptr; }
    [[nodiscard]] bool isThere() const override { return false; }
    [[nodiscard]] std::unique_ptr<FirewallPart> part(const FirewallConfig& /*config*/,
                                                     NftSocket& /*nft*/) const override {
        return nullptr;
    }
    [[nodiscard]] std::unique_ptr<LegacyOpenings> openings(
        const OpeningForm& /*form*/) const override {
        return std::make_unique<NoOpenings>();
    }
};

}  // namespace

std::unique_ptr<LegacyIptables> openLegacyIptables() {
    return std::make_unique<NoIptables>();
}

std::unique_ptr<LegacyIptables> openLegacyIptables6() {
    return std::make_unique<NoIptables>();
}

}  // namespace igd::firewall
