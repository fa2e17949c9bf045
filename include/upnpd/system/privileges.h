// SPDX-License-Identifier: GPL-2.0-or-later
// These functions give up rights for good. They throw when something fails: a daemon that kept more
// than it needs does not start.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace igd {

struct SystemUser {
    std::string name;
    uid_t uid{};
    gid_t gid{};
};

/// Returns the account of that name, or `nobody` (with a notice) when there is none. Throws
/// std::runtime_error when there is neither.
[[nodiscard]] SystemUser findSystemUser(const std::string& name);

/// Limits the engine, given the account it will run as. It keeps CAP_NET_ADMIN, with `netRaw` also
/// CAP_NET_RAW, as effective, inheritable and ambient (the firewall tools that it starts need them
/// too), and no other capability; it sets no_new_privs. A process that is not root keeps its
/// account and must have those capabilities already. Throws std::runtime_error.
void keepNetworkRights(const SystemUser& account, bool netRaw);

/// Limits a front end, which is not root: it has no capability, can get none, and has no_new_privs.
/// Throws std::runtime_error.
void dropAllRights();

/// Returns whether this process may send and receive raw packets, which legacy iptables asks for.
[[nodiscard]] bool hasNetRaw();

/// Makes `account` the owner of a directory called "upnpd" and of the files in it, so that the
/// daemon can go on writing there. The caller is root. Any other directory is the administrator's
/// and stays as it is. Throws std::runtime_error.
void giveDirectory(const std::filesystem::path& directory, const SystemUser& account);

/// Returns whether this process has uid 0.
[[nodiscard]] bool isRoot();

}  // namespace igd
