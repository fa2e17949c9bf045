// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/installation.h"

#include <system_error>

namespace igd {
namespace {

constexpr const char* kHelpers = "libexec/upnpd";

bool isSystems(const std::filesystem::path& prefix) {
    return prefix == "/" || prefix == "/usr";
}

}  // namespace

Installation installationOf(const std::filesystem::path& executable) {
    Installation built{UPNPD_SETTINGS_FOLDER, UPNPD_PROGRAMS};
    const auto folder = executable.parent_path();
    const auto prefix = folder.parent_path();
    std::error_code ignored;
    if ((folder.filename() != "sbin" && folder.filename() != "bin") || prefix == UPNPD_PREFIX ||
        !std::filesystem::is_directory(prefix / kHelpers, ignored))
        return built;
    return {isSystems(prefix) ? "/etc" : prefix / "etc", prefix / kHelpers};
}

const Installation& ownInstallation() {
    static const Installation own = [] {
        std::error_code ignored;
        return installationOf(std::filesystem::read_symlink("/proc/self/exe", ignored));
    }();
    return own;
}

}  // namespace igd
