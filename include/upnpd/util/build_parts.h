// SPDX-License-Identifier: GPL-2.0-or-later
// The parts that a build may leave out: CMake's options UPNPD_NFTABLES, UPNPD_IPTABLES and so on.
#pragma once

#include <cstdint>
#include <string>

namespace igd {

enum class BuildPart : std::uint8_t { Nftables, Iptables, Pcp, Ipv6, Seccomp, Systemd, Redis };

/// Returns whether this build has it.
[[nodiscard]] bool isBuiltIn(BuildPart part);

/// Returns "this upnpd was built without iptables", for messages.
[[nodiscard]] std::string builtWithout(BuildPart part);

/// Returns what upnpd --version says of the parts: "nftables, iptables, ...", and where there is
/// any, in a second line, "left out: IPv6".
[[nodiscard]] std::string buildPartsText();

}  // namespace igd
