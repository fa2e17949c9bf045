// SPDX-License-Identifier: GPL-2.0-or-later
// This is the command line of upnpd(8).
#pragma once

#include "upnpd/config/interface_pattern.h"
#include "upnpd/util/log.h"

#include <tl/expected.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace igd {

enum class Command { Run, Check, CleanUp, Suggest, Import, Help, Version };

struct Options {
    Command command = Command::Run;
    bool foreground = false;
    std::optional<std::string>
        configurationFile;  ///< -c; nullopt: the default one, which may be missing
    std::optional<std::string> pidFile;
    std::string importedFile{};        ///< of Command::Import
    std::optional<log::Target> logTo;  ///< --log-to; nullopt: log::targetFor()
    std::optional<Uplink> external;    ///< given together with at least one internal one
    std::vector<InterfaceName> internal;
    std::vector<InterfacePattern> internalPatterns{};
};

/// Reads `arguments`, without the program's name. The error belongs on standard error, with exit
/// status 2.
[[nodiscard]] tl::expected<Options, std::string> parseOptions(
    std::span<const std::string> arguments);

[[nodiscard]] std::string helpText();
/// Returns "upnpd 2.0.0".
[[nodiscard]] std::string versionText();

}  // namespace igd
