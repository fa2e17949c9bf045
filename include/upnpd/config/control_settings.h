// SPDX-License-Identifier: GPL-2.0-or-later
// Other programs than the daemon read this part of its configuration.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/port.h"
#include "upnpd/portmap/firewall.h"

#include <tl/expected.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace igd {

struct ControlSettings {
    /// The key `control_socket`; nullopt: there is none. The error has the faults of the file, one
    /// a line.
    tl::expected<std::optional<std::filesystem::path>, std::string> socket;
    struct Service {
        InterfaceName external;  ///< none(): not known yet
        std::vector<InterfaceName> internal;
        bool upnp = true;
        bool portControl = true;                 ///< NAT-PMP or PCP
        std::uint16_t httpPort = 0;              ///< 0: the daemon takes one that is free
        bool pcp = true;                         ///< it alone is of IPv6, too
        std::vector<PortRange> externalPorts{};  ///< empty: all
        InterfaceName external6 = external;      ///< by which packets to pinholes come
        std::vector<UplinkSide> uplinks{};       ///< all that are named; marks where all are in use
        std::uint32_t markBits = 0;
    };
    /// The error says with file and line why it is not known.
    tl::expected<Service, std::string> service;
};

/// Reads the configuration as upnpd(8) does, from `file` or the default one, and returns what
/// upnpctl needs.
[[nodiscard]] ControlSettings loadControlSettings(const std::optional<std::string>& file);

}  // namespace igd
