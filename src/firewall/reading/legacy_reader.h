// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the tables of legacy iptables out of the kernel: two system calls a table, no program, no
// lock.
#pragma once

#include "iptables/ip_tables.h"
#include "iptables/legacy_presence.h"

#include "upnpd/inspect/ruleset.h"
#include "upnpd/util/unique_fd.h"

#include <system_error>

namespace igd::firewall {

class LegacyReader {
public:
    /// Opens what it needs, which works without rights later.
    LegacyReader();

    /// Adds the tables that are there, of IPv4 and IPv6. The error is the kernel's for the first
    /// table that could not be read: EAGAIN when somebody changes it all the time, EPERM without
    /// CAP_NET_ADMIN, EBADMSG for octets that are no table.
    [[nodiscard]] std::error_code addTo(inspect::Ruleset& rules) const;

private:
    template <class Ip>
    struct Side {
        Side();
        [[nodiscard]] int addTo(inspect::Ruleset& rules) const;
        [[nodiscard]] int add(inspect::Ruleset& rules, const char* table) const;

        LegacyPresence<Ip> presence;
        UniqueFd socket;  ///< any of the family answers questions about tables
    };

    Side<IpTables> ipv4_;
    Side<Ip6Tables> ipv6_;
};

}  // namespace igd::firewall
