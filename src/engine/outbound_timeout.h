// SPDX-License-Identifier: GPL-2.0-or-later
// How long the kernel remembers silent flows (IGD-6FC-29).
#pragma once

#include "upnpd/net/port.h"
#include "upnpd/util/time.h"

#include <filesystem>
#include <optional>

namespace igd {

/// Returns how long conntrack remembers a silent flow of TCP or UDP, both of whose hosts have
/// spoken; nullopt when the kernel does not say. `folder` has the kernel's settings.
[[nodiscard]] std::optional<Seconds> conntrackTimeout(
    Protocol protocol, const std::filesystem::path& folder = "/proc/sys/net/netfilter");

}  // namespace igd
