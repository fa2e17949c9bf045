// SPDX-License-Identifier: GPL-2.0-or-later
// This process reads lease files that the engine has opened, looks addresses up, and ends. It reads
// strangers' texts, so it has no rights.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/util/unique_fd.h"

#include <optional>
#include <string_view>
#include <vector>

namespace igd {

/// The argument by which upnpd itself knows that it is to read names.
constexpr const char* kNamesArgument = "--read-names";

/// The process is told this in one message: open files, and addresses to be looked up.
struct NameTask {
    std::vector<UniqueFd> files;
    std::vector<IpAddress> addresses;
};

/// Sends a task to the socket `to`. Returns whether it is on its way.
[[nodiscard]] bool sendTask(int to, const std::vector<UniqueFd>& files,
                            const std::vector<IpAddress>& addresses);
/// Receives one from the socket `from`, which has it already; nullopt: there is none.
[[nodiscard]] std::optional<NameTask> receiveTask(int from);

/// Behind the hosts of the files, and before those that were looked up.
constexpr std::string_view kFilesRead = ".";

/// Runs the whole process; the engine is at kEngineDescriptor. Returns the exit status.
[[nodiscard]] int runNameReader();

}  // namespace igd
