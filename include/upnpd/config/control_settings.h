// SPDX-License-Identifier: GPL-2.0-or-later
// What other programs than the daemon need of its configuration.
#pragma once

#include "upnpd/net/interface_name.h"

#include <tl/expected.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace igd {

struct ControlSettings {
    /// `control_socket`; nullopt: none.
    std::optional<std::filesystem::path> socket;
    struct Service {
        InterfaceName external;
        std::vector<InterfaceName> internal;
        bool upnp = true;
        bool portControl = true;  ///< NAT-PMP or PCP
    };
    /// The error says why it is not known, with file and line.
    tl::expected<Service, std::string> service;
};

/// Reads the configuration as upnpd(8) does, from `file` or the default one. A file that cannot be
/// used leaves the defaults.
[[nodiscard]] ControlSettings loadControlSettings(const std::optional<std::string>& file);

}  // namespace igd
