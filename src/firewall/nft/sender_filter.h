// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps a process from being woken by what it has done itself, as netlink's announcements name the
// socket that asked for the change, and by elements that come and go in sets of others: programs
// that ban hosts change them many times a second.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace igd::firewall {

/// Returns the netlink ports that this process sends from. Its own number is one of them: the
/// kernel gives it to the socket that libnftables opens anew each time.
[[nodiscard]] std::set<std::uint32_t> portsOfThisProcess();

/// Makes the kernel drop what arrives at `socket` and begins with a message from one of `ports`.
/// (All messages that it sends together have one sender.) With `tables` it drops announcements of
/// elements in other tables, too, where they come alone; it sends some of them together. Takes the
/// place of the filter before. Throws std::system_error.
void dropMessagesFrom(const std::set<std::uint32_t>& ports, int socket,
                      const std::optional<std::set<std::string>>& tables = std::nullopt);

}  // namespace igd::firewall
