// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables/legacy_iptables.h"

#include "backends/iptables_mappings.h"
#include "backends/iptables_pinholes.h"
#include "iptables/table_openings.h"

namespace igd::firewall {
namespace {

template <class Ip, class Part>
class TablesOf final : public LegacyIptables {
public:
    /// `table` holds the openings.
    explicit TablesOf(const char* table) : table_(table) {}

    [[nodiscard]] const char* firstUsed() const override { return tables_.firstUsed(); }
    [[nodiscard]] bool isThere() const override {
        return BasicLegacyTable<Ip>::read(table_).has_value();
    }
    [[nodiscard]] std::unique_ptr<FirewallPart> part(const FirewallConfig& config,
                                                     NftSocket& nft) const override {
        return std::make_unique<Part>(config, nft, tables_);
    }
    [[nodiscard]] std::unique_ptr<LegacyOpenings> openings(const OpeningForm& form) const override {
        return std::make_unique<TableOpenings<Ip>>(tables_, form);
    }

private:
    const char* table_;
    BasicLegacyTables<Ip> tables_;
};

}  // namespace

std::unique_ptr<LegacyIptables> openLegacyIptables() {
    return std::make_unique<TablesOf<IpTables, IptablesMappings>>("nat");
}

std::unique_ptr<LegacyIptables> openLegacyIptables6() {
    return std::make_unique<TablesOf<Ip6Tables, IptablesPinholes>>("filter");
}

}  // namespace igd::firewall
