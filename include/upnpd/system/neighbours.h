// SPDX-License-Identifier: GPL-2.0-or-later
// Asks the kernel's neighbour tables (ARP, neighbour discovery) once, without rights.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/ip_address.h"
#include "upnpd/portmap/host_keys.h"

#include <memory>
#include <optional>

namespace igd {

/// Asks about the neighbours on one interface, by one socket.
class NeighbourQuestions {
public:
    explicit NeighbourQuestions(InterfaceName interface);
    ~NeighbourQuestions();

    /// Returns what the kernel's table says at this moment, in some ten microseconds: Missing when
    /// it cannot be asked. A kernel before 5.0 has to list the whole table.
    [[nodiscard]] NeighbourEntry ask(const IpAddress& host);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// Returns whether two addresses of `interface` are of one host: both have one hardware address.
/// Returns nullopt when the one of `other` is not known, which the kernel is then made to look for;
/// it may know it a moment later. Does not block.
[[nodiscard]] std::optional<bool> isSameHost(const InterfaceName& interface, const IpAddress& one,
                                             const IpAddress& other);

}  // namespace igd
