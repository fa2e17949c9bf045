// SPDX-License-Identifier: GPL-2.0-or-later
#include "reload_faults.h"

#include "upnpd/system/own_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include <unistd.h>

namespace igd {
namespace {

namespace fs = std::filesystem;

/// Returns why `name` can be no LAN; empty: it can, or is not there yet.
std::string faultOfLan(const InterfaceName& name, const HostFacts& host) {
    const HostInterface* const found = host.find(name);
    if (found == nullptr || !found->leads) return "";
    const HostInterface* const leader = host.find(*found->leads);
    return fmt::format("{0} is a port of {1} {2}: name {2}", name.text(),
                       leader != nullptr ? leader->kind : "", found->leads->text());
}

/// Returns why this process could not write the lease file; empty: it could, or the next start may
/// make its directory.
std::string faultOfLeaseFile(const fs::path& path) {
    std::error_code error;
    const fs::path place = fs::exists(path, error) ? path : path.parent_path();
    if (::access(place.c_str(), W_OK) == 0 || errno == ENOENT) return "";
    return FileError{path, errno}.what();
}

}  // namespace

std::vector<std::string> faultsOf(const Configuration& fresh, const Configuration& running,
                                  const HostFacts& host) {
    std::vector<std::string> faults;
    const auto add = [&](std::string fault) {
        if (!fault.empty()) faults.push_back(std::move(fault));
    };
    const auto& served = running.internalInterfaces;
    for (const InterfaceName& name : fresh.internalInterfaces)
        if (std::ranges::find(served, name) == served.end()) add(faultOfLan(name, host));
    if (fresh.leaseFile && fresh.leaseFile != running.leaseFile)
        add(faultOfLeaseFile(*fresh.leaseFile));
    return faults;
}

}  // namespace igd
