// SPDX-License-Identifier: GPL-2.0-or-later
// What this room calls its things in the kernel: by these names a later run knows what an earlier one left.
#pragma once

#include <cstdint>
#include <string_view>

namespace igd::firewall {

/// Set on the packets of live mappings on their way through the forward hook, read by the one rule that each
/// chain that drops gets. No other bit of the mark is touched.
constexpr std::uint32_t kPacketMark = 0x00800000;

constexpr std::string_view kNftTable = "inet upnpd";
constexpr const char* kLegacyChain = "UPNPD";  ///< in nat, and in filter and mangle where they are needed
constexpr std::string_view kTag = "upnpd";     ///< comment of a rule of ours in a chain of somebody else

/// The names of upnpd.conf(5) that mean "the built-in chain".
constexpr std::string_view kForward = "FORWARD";
constexpr std::string_view kPrerouting = "PREROUTING";

}  // namespace igd::firewall
