// SPDX-License-Identifier: GPL-2.0-or-later
// Processes without rights run a program of ours, with a descriptor to talk through.
#pragma once

#include "upnpd/util/unique_fd.h"

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace igd {

/// The programs that the engine runs: beside its own in a build tree, else in the folder for
/// programs that nobody calls by hand.
constexpr const char* kFrontEndProgram = "upnpd-front-end";
constexpr const char* kAdvertiserProgram = "upnpd-advertiser";
constexpr const char* kLeaseStoreProgram = "upnpd-lease-store";
/// The argument by which upnpd itself knows that it is to ask a STUN server.
constexpr const char* kStunArgument = "--ask-stun";
/// Such a process finds the engine at this descriptor.
constexpr int kEngineDescriptor = 3;

/// A program file that is held open: what runs is the version that was there, whatever an upgrade
/// puts in its place.
class Program {
public:
    /// This process's own program. Throws std::system_error.
    Program();
    /// Finds `name` as above. Throws std::system_error, whose text names both places.
    explicit Program(const std::string& name);
    [[nodiscard]] int descriptor() const { return file_.get(); }

private:
    UniqueFd file_;
};

/// Runs `program` with `arguments`, the first of which is its name for ps(1). `channel` becomes
/// descriptor kEngineDescriptor, and no other but 0-2 is open. The child gets SIGTERM when the
/// engine dies, and ignores SIGHUP, SIGUSR1 and SIGUSR2. Throws std::system_error when it cannot be
/// forked.
[[nodiscard]] pid_t startChild(const Program& program, UniqueFd channel,
                               std::vector<std::string> arguments);

/// Gives this process the name by which `killall upnpd` finds it.
void takeNameOfDaemon();

/// Returns in words how `child` has ended ("killed by signal 9"); nullopt while it runs.
[[nodiscard]] std::optional<std::string> reapChild(pid_t child);

}  // namespace igd
