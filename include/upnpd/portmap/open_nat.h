// SPDX-License-Identifier: GPL-2.0-or-later
// Hosts whose NAT is open (the key open_nat): an external port by which a flow of theirs over UDP
// leaves is theirs for all remotes, though they ask for nothing.
#pragma once

#include "upnpd/net/address.h"
#include "upnpd/net/mac_address.h"
#include "upnpd/net/port.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace igd {

struct PolicyConfig;

/// One entry of the key: an address, a network, or a hardware address.
using OpenNatHost = std::variant<Ipv4Prefix, MacAddress>;

/// So many entries may be written.
constexpr std::size_t kMostOpenNatHosts = 64;

struct OpenNat {
    OpenNatHost host;
    /// The ports, internal and external, that may be held for it: sorted, none touching another.
    std::vector<PortRange> ports;
    bool operator==(const OpenNat&) const = default;
};

/// Returns the hosts of `config` with the ports that its lines permit and that are not reserved: a
/// port counts as permitted when it is, as external and internal port, to each host that the entry
/// may mean. Lines that name a hardware address count for an entry with that one alone; an entry
/// with a hardware address may have any address that a line names.
[[nodiscard]] std::vector<OpenNat> openNatOf(const PolicyConfig& config);

/// Returns "192.168.1.0/24", "192.168.1.40" or "mac:00:11:22:33:44:55", as upnpd.conf has them.
[[nodiscard]] std::string toString(const OpenNatHost& host);
/// Returns "1024-1899, 1901-65535"; "none" when there are none.
[[nodiscard]] std::string portsText(const std::vector<PortRange>& ports);

}  // namespace igd
