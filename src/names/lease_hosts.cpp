// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/names/lease_hosts.h"

#include "lease_formats.h"

#include "upnpd/util/text.h"

#include <algorithm>
#include <map>

namespace igd {
namespace {

class Table final : public leases::Collector {
public:
    void lease(const IpAddress& address, std::optional<MacAddress> mac,
               std::string_view name) override {
        NamedHost host{address, mac, cleanHostName(name)};
        if (host.name.empty() && !host.mac) return ended(address);
        if (hosts_.size() < kMaxNamedHosts || hosts_.contains(address))
            hosts_.insert_or_assign(address, std::move(host));
    }
    void ended(const IpAddress& address) override { hosts_.erase(address); }

    [[nodiscard]] std::vector<NamedHost> take() {
        std::vector<NamedHost> all;
        all.reserve(hosts_.size());
        for (auto& [address, host] : hosts_) all.push_back(std::move(host));
        return all;
    }

private:
    std::map<IpAddress, NamedHost> hosts_;
};

bool hasStatements(std::string_view file) {
    return file.starts_with("lease ") || file.find("\nlease ") != std::string_view::npos;
}

}  // namespace

std::vector<NamedHost> hostsIn(std::string_view file) {
    file = file.substr(0, kMaxLeaseFile);
    Table table;
    if (trimmed(file).starts_with('{'))
        leases::readJson(file, table);
    else if (file.starts_with("address,"))
        leases::readTable(file, table);
    else if (hasStatements(file))
        leases::readStatements(file, table);
    else
        leases::forEachLine(file, [&](std::string_view line) { leases::readLine(line, table); });
    return table.take();
}

}  // namespace igd
