// SPDX-License-Identifier: GPL-2.0-or-later
// LocalPorts says whether the router itself listens on a port.
#pragma once

#include "upnpd/portmap/mapping.h"

#include <memory>

namespace igd {

/// It asks the kernel's socket tables through sock_diag: one look-up for a port, whatever the
/// number of sockets, and without binding anything.
class LocalPorts {
public:
    /// Throws std::system_error when there is no sock_diag.
    LocalPorts();
    ~LocalPorts();

    /// Returns whether a packet of that protocol to `address`:port would find a socket of the
    /// router, bound to that address or to any. A kernel that does not answer counts as no, and is
    /// logged.
    [[nodiscard]] bool inUse(const MappingKey& key, Ipv4Address address) const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace igd
