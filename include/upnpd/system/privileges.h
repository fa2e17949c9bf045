// SPDX-License-Identifier: GPL-2.0-or-later
// These functions give up rights for good. They throw when something fails: a daemon that kept more
// than it needs does not start.
#pragma once

#include <optional>
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

/// Returns why the daemon does not become the user whom the administrator has named: it is not
/// there, or is root. nullopt: it does.
[[nodiscard]] std::optional<std::string> faultOfUser(const std::string& name);

/// The account of the processes that read strangers' bytes. With it they are strangers to the
/// engine, too: they can neither trace it nor open its files.
constexpr const char* kFrontEndUser = "upnpd-front-end";
/// Returns that account; nullopt where the system has none: then such processes have the engine's.
[[nodiscard]] std::optional<SystemUser> findFrontEndUser();

/// Throws std::runtime_error, with a sentence for the administrator, when this process may not
/// change the network. Legacy iptables alone needs CAP_NET_RAW too (hasNetRaw()).
void requireNetworkRights();

/// Limits the engine, given the account it will run as. It keeps CAP_NET_ADMIN, with `netRaw` also
/// CAP_NET_RAW, as effective, inheritable and ambient (the firewall tools that it starts need them
/// too), and no other capability; it sets no_new_privs. With `frontEnd` a process that is root
/// keeps CAP_SETUID and CAP_SETGID as well, which confineEngine() limits to becoming `frontEnd`. A
/// process that is not root keeps its account and must have the first two already. Throws
/// std::runtime_error.
void keepNetworkRights(const SystemUser& account, bool netRaw,
                       const std::optional<SystemUser>& frontEnd);

/// Limits a front end, which is not root: it takes the account of findFrontEndUser() if the engine
/// has let it, has no capability, can get none, and has no_new_privs. Throws std::runtime_error.
void dropAllRights();

/// Returns whether this process may send and receive raw packets, which legacy iptables asks for.
[[nodiscard]] bool hasNetRaw();

/// Returns whether this process has uid 0.
[[nodiscard]] bool isRoot();

}  // namespace igd
