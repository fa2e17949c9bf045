// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/privileges.h"

#include "upnpd/util/log.h"

#include <cap-ng.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <vector>

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace igd {
namespace {

[[noreturn]] void refuse(std::string_view what) {
    throw std::runtime_error(
        fmt::format("cannot give up privileges: {}: {}", what, std::strerror(errno)));
}

void require(bool done, std::string_view what) {
    if (!done) refuse(what);
}

void forbidNewRights() {
    require(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
}

std::vector<unsigned> networkRights(bool netRaw) {
    return netRaw ? std::vector<unsigned>{CAP_NET_ADMIN, CAP_NET_RAW}
                  : std::vector<unsigned>{CAP_NET_ADMIN};
}

void selectRights(const std::vector<unsigned>& rights) {
    capng_clear(CAPNG_SELECT_BOTH);
    constexpr auto kSets =
        static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE);
    for (const unsigned right : rights)
        require(capng_update(CAPNG_ADD, kSets, right) == 0, "capability set");
}

/// Returns whether the process has `rights` and nothing else, as a service manager gives them to a
/// process that is not root. Such a process need not set them, which it may be forbidden.
bool hasExactly(const std::vector<unsigned>& rights) {
    for (unsigned right = 0; right <= CAP_LAST_CAP; ++right) {
        const bool wanted = std::ranges::find(rights, right) != rights.end();
        for (const auto set : {CAPNG_EFFECTIVE, CAPNG_PERMITTED, CAPNG_INHERITABLE, CAPNG_AMBIENT})
            if ((capng_have_capability(set, right) != 0) != wanted) return false;
    }
    return true;
}

/// Returns whether neither this process nor a program that it starts has a right.
bool hasNone() {
    for (unsigned right = 0; right <= CAP_LAST_CAP; ++right)
        for (const auto set : {CAPNG_EFFECTIVE, CAPNG_PERMITTED, CAPNG_AMBIENT})
            if (capng_have_capability(set, right) != 0) return false;
    return true;
}

void raiseAmbient(const std::vector<unsigned>& rights) {
    for (const unsigned right : rights)
        require(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, right, 0, 0) == 0,
                "ambient capability");
}

std::optional<SystemUser> accountOf(const std::string& name) {
    const passwd* const entry = ::getpwnam(name.c_str());
    if (entry == nullptr) return std::nullopt;
    return SystemUser{name, entry->pw_uid, entry->pw_gid};
}

/// Takes the account of front ends, if the engine has handed down the right to. The engine's uid
/// stays as the saved one, so that the engine may end this process; no filter lets this process go
/// back to it.
void becomeFrontEndUser() {
    capng_get_caps_process();
    const auto account = findFrontEndUser();
    if (!account || capng_have_capability(CAPNG_EFFECTIVE, CAP_SETUID) == 0) return;
    const uid_t engine = ::getuid();
    const auto [name, uid, gid] = *account;
    require(::setresgid(gid, gid, gid) == 0 && ::setresuid(uid, uid, engine) == 0,
            "change to " + name);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // the kernel forgot it with the change
}

std::string accountNote(const std::string& wanted) {
    return fmt::format(
        "system: there is no user {}: running as nobody (see `user` in upnpd.conf(5))", wanted);
}

}  // namespace

bool isRoot() {
    return ::geteuid() == 0;
}

SystemUser findSystemUser(const std::string& name) {
    if (const auto account = accountOf(name)) return *account;
    const auto nobody = accountOf("nobody");
    if (!nobody) throw std::runtime_error(fmt::format("there is no user {}, and no nobody", name));
    log::notice("{}", accountNote(name));
    return *nobody;
}

std::optional<std::string> faultOfUser(const std::string& name) {
    const auto account = accountOf(name);
    if (!account) return "there is no such user: make it, or name another";
    if (account->uid == 0) return "the daemon gives up the rights of root: name another user";
    return std::nullopt;
}

std::optional<SystemUser> findFrontEndUser() {
    return accountOf(kFrontEndUser);
}

void requireNetworkRights() {
    capng_get_caps_process();
    if (capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN) == 0)
        throw std::runtime_error(
            "upnpd needs to be started as root, or with CAP_NET_ADMIN and CAP_NET_RAW");
}

void keepNetworkRights(const SystemUser& account, bool netRaw,
                       const std::optional<SystemUser>& frontEnd) {
    const auto rights = networkRights(netRaw);
    requireNetworkRights();
    if (!isRoot() && hasExactly(rights)) return forbidNewRights();
    auto kept = rights;
    if (isRoot() && frontEnd) kept.insert(kept.end(), {CAP_SETUID, CAP_SETGID});
    selectRights(kept);
    if (isRoot()) {
        constexpr auto kFlags =
            static_cast<capng_flags_t>(CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING);
        require(capng_change_id(static_cast<int>(account.uid), static_cast<int>(account.gid),
                                kFlags) == 0,
                "change to " + account.name);
        selectRights(kept);
    }
    require(capng_apply(CAPNG_SELECT_CAPS) == 0, "capabilities");
    raiseAmbient(rights);
    forbidNewRights();
}

bool hasNetRaw() {
    capng_get_caps_process();
    return capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_RAW) != 0;
}

void dropAllRights() {
    if (isRoot()) throw std::runtime_error("a front end does not run as root");
    forbidNewRights();
    becomeFrontEndUser();
    require(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0,
            "ambient capabilities");
    capng_clear(CAPNG_SELECT_CAPS);
    // A service manager that forbids this call has started the program without capabilities;
    // inheritable ones stay then, and are worth nothing to a process that gets no new privileges.
    const bool cleared = capng_apply(CAPNG_SELECT_CAPS) == 0;
    capng_get_caps_process();
    if (!hasNone()) throw std::runtime_error("cannot give up privileges: capabilities remain");
    if (!cleared) log::debug("system: the inheritable capabilities stay as they were");
}

}  // namespace igd
