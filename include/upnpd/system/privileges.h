// SPDX-License-Identifier: GPL-2.0-or-later
// Giving up rights for good. Whatever fails here throws: a daemon that kept more than it needs does
// not start.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace igd {

struct Account {
    std::string name;
    uid_t uid{};
    gid_t gid{};
};

/// The account of that name, or `nobody` (with a notice) when there is none. Throws
/// std::runtime_error when there is neither.
[[nodiscard]] Account findAccount(const std::string& name);

/// For the engine, with the account it will run as: keeps CAP_NET_ADMIN, with `netRaw` also
/// CAP_NET_RAW, as effective, inheritable and ambient (a firewall tool it starts needs them too),
/// and no other; no_new_privs. A process that is not root stays who it is and must have those
/// capabilities already. Throws std::runtime_error.
void keepNetworkRights(const Account& account, bool netRaw);

/// For a front end, which is not root: no capability at all, none to be had again, no_new_privs.
/// Throws std::runtime_error.
void dropAllRights();

/// This process may send and receive raw packets (legacy iptables asks for that).
[[nodiscard]] bool hasNetRaw();

/// As root: makes `account` the owner of a directory called "upnpd" and of the files in it, so that
/// the daemon can go on writing there; any other directory is the administrator's and stays as it
/// is. Throws std::runtime_error.
void giveDirectory(const std::filesystem::path& directory, const Account& account);

/// True for uid 0.
[[nodiscard]] bool isRoot();

}  // namespace igd
