// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps a process from being woken by what it has done itself: netlink's announcements name the
// socket that asked for the change.
#pragma once

#include <cstdint>
#include <set>

namespace igd::firewall {

/// Returns the netlink ports that this process sends from. Its own number is one of them: the
/// kernel gives it to the socket that libnftables opens anew each time.
[[nodiscard]] std::set<std::uint32_t> portsOfThisProcess();

/// Makes the kernel drop what arrives at `socket` and begins with a message from one of `ports`.
/// (All messages that it sends together have one sender.) Throws std::system_error.
void dropMessagesFrom(const std::set<std::uint32_t>& ports, int socket);

}  // namespace igd::firewall
