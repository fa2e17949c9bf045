// SPDX-License-Identifier: GPL-2.0-or-later
// Built where seccomp is left out: accounts, missing capabilities and Landlock are all that
// confines.
#include "landlock.h"

#include "upnpd/system/confinement.h"
#include "upnpd/util/build_parts.h"
#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <stdexcept>

namespace igd {

void confineEngine(const std::optional<SystemUser>& /*frontEnd*/, Seccomp seccomp) {
    const std::string why = builtWithout(BuildPart::Seccomp);
    if (seccomp == Seccomp::Required)
        throw std::runtime_error{fmt::format("{}, and require_seccomp is yes", why)};
    log::warning(
        "system: {}: front ends and the engine may make every system call that their account may",
        why);
}

void confineFrontEnd() {
    closeFileSystem();
}

void confineAdvertiser() {
    closeFileSystem();
}

void confineStunClient() {}

}  // namespace igd
