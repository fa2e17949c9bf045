// SPDX-License-Identifier: GPL-2.0-or-later
// Which tables of legacy iptables are there. A table comes into being when somebody asks the kernel
// for it, so this is found out without asking.
#pragma once

#include "upnpd/util/unique_fd.h"

#include <string_view>

namespace igd::firewall {

/// `Ip` is IpTables or Ip6Tables.
template <class Ip>
class LegacyPresence {
public:
    /// Opens the kernel's list of tables, and keeps it.
    LegacyPresence();

    /// Returns whether the kernel has `table` for this network namespace, or, where its list of
    /// them is root's alone to read, for any; looking loads no module.
    [[nodiscard]] bool has(std::string_view table) const;

private:
    [[nodiscard]] static bool isLoaded(std::string_view table);

    UniqueFd names_;
    bool hidden_;  ///< the names are root's to read
};

}  // namespace igd::firewall
