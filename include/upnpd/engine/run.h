// SPDX-License-Identifier: GPL-2.0-or-later
// The privileged process of the daemon, from its start to its end.
#pragma once

#include "upnpd/config/settings.h"
#include "upnpd/system/namespace_lock.h"
#include "upnpd/system/privileges.h"
#include "upnpd/system/service_manager.h"
#include "upnpd/util/log.h"

#include <functional>

namespace igd {

/// The engine needs these things from the process that it runs in. All of them must outlive
/// runEngine().
struct EngineSurroundings {
    std::function<LoadedConfiguration()> reread;  ///< reads the configuration again, for SIGHUP
    log::Target logTarget{};
    const SystemUser& account;  ///< the account that the engine becomes
    const ServiceManager& serviceManager;
    const NamespaceLock& place;       ///< in the network namespace: upnpctl asks there
    std::function<void()> listening;  ///< called once, when SIGTERM and SIGINT are heard
    std::function<void()> ready;      ///< called once, when the first front ends answer
};

/// Opens what needs rights, gives the rights up, restores the leases and serves until SIGTERM or
/// SIGINT. No rule of ours is left on return. Returns the exit status: 1 when a rule could not be
/// removed. Throws std::runtime_error with a sentence for the administrator when the start fails;
/// the kernel is then as it was found.
[[nodiscard]] int runEngine(Configuration configuration, const EngineSurroundings& surroundings);

}  // namespace igd
