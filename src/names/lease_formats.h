// SPDX-License-Identifier: GPL-2.0-or-later
// The forms of lease files. Each function takes the hosts of a file of its form, in its order; a
// later lease of an address takes the place of an earlier one, and one that has ended takes it away
// (the collector does that).
#pragma once

#include "upnpd/names/named_host.h"

#include <functional>
#include <string_view>

namespace igd::leases {

/// Gets a host, with its name as the file has it; `ended`: the address is nobody's now.
struct Collector {
    virtual ~Collector() = default;
    virtual void lease(const IpAddress& address, std::optional<MacAddress> mac,
                       std::string_view name) = 0;
    virtual void ended(const IpAddress& address) = 0;
};

/// Calls `take` for each line of `text`, without its end.
void forEachLine(std::string_view text, const std::function<void(std::string_view)>& take);

/// A line of dnsmasq, of odhcpd or of a file of hosts:
///   1764422400 02:00:00:00:00:01 192.168.1.10 nas 01:02:00:00:00:00:01
///   # br-lan 020000000001 ipv4 nas 1764422400 c0a8010a 32 192.168.1.10/32
///   192.168.1.10 nas.lan nas
void readLine(std::string_view line, Collector& to);

/// Kea's memfile: a header names the columns ("address,hwaddr,...,hostname,state,...").
void readTable(std::string_view file, Collector& to);

/// systemd-networkd: {"Leases": [{"Address": [192, 168, 1, 10], "Hostname": "nas", ...}, ...]}
void readJson(std::string_view file, Collector& to);

/// ISC dhcpd: lease 192.168.1.10 { hardware ethernet 02:00:00:00:00:01; client-hostname "nas"; }
void readStatements(std::string_view file, Collector& to);

}  // namespace igd::leases
