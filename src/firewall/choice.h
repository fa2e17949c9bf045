// SPDX-License-Identifier: GPL-2.0-or-later
// Chooses the back end by what the host has. Pure.
#pragma once

#include "upnpd/firewall/factory.h"
#include "upnpd/util/build_parts.h"

#include <tl/expected.hpp>

#include <optional>
#include <string>

namespace igd::firewall {

/// The host, as far as it was looked at.
struct HostFirewall {
    /// A legacy table in which somebody keeps rules, as "nat". It does not decide: the kernel asks
    /// legacy and nftables' translations in one order of priorities, and where legacy chains drop,
    /// one rule lets mapped packets pass.
    std::optional<std::string> usedLegacyTable;
    /// Why the kernel would not take the table of the nftables back end; nullopt: it would. An old
    /// kernel refuses: sets of concatenated intervals came with Linux 5.6.
    std::optional<std::string> nftablesRefusal;
    /// The legacy table nat can be read: so the kernel has it and we may change it.
    bool legacyIptables = false;
    /// The back end that this build has not; nullopt: it has both.
    std::optional<BuildPart> leftOut{};
};

struct Choice {
    BackendChoice backend;  ///< never Auto
    std::string why;        ///< for the log
};

/// The error is a sentence for the administrator: what he wished for is not to be had.
[[nodiscard]] tl::expected<Choice, std::string> choose(BackendChoice wish,
                                                       const HostFirewall& host);

}  // namespace igd::firewall
