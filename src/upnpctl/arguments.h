// SPDX-License-Identifier: GPL-2.0-or-later
// This is the command line of upnpctl(8).
#pragma once

#include "commands.h"

#include <tl/expected.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igd::ctl {

struct Arguments {
    Command command;
    bool json = false;
    std::optional<std::string> socket{};         ///< -s; nullopt: as the configuration says
    std::optional<std::string> configuration{};  ///< -c; nullopt: the default file
};

/// Returns whether `words` ask for JSON, whatever else they say.
[[nodiscard]] bool wantsJson(std::span<const std::string> words);

/// Reads `words`, without the program's name. The error is a sentence; the exit status is 2 then.
[[nodiscard]] tl::expected<Arguments, std::string> parseArguments(
    std::span<const std::string> words);

/// Returns the names of the commands that people type, in the order of the help.
[[nodiscard]] std::vector<std::string_view> commandNames();

/// Returns the command that `word` is, or is the only beginning of; empty: there is none, or there
/// are several.
[[nodiscard]] std::string_view commandOf(std::string_view word);

[[nodiscard]] std::string helpText();

}  // namespace igd::ctl
