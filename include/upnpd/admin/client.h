// SPDX-License-Identifier: GPL-2.0-or-later
// upnpctl(8) asks the engine through this end of the engine's UNIX socket.
#pragma once

#include "upnpd/util/unique_fd.h"

#include <tl/expected.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace igd {

class ControlClient {
public:
    /// Connects to the socket at `path`. The error is one sentence: no daemon, or no right to ask
    /// it.
    [[nodiscard]] static tl::expected<ControlClient, std::string> connect(
        const std::filesystem::path& path);

    /// Returns the daemon's answer. The error says that none came within five seconds.
    [[nodiscard]] tl::expected<std::string, std::string> ask(std::string_view request) const;

private:
    explicit ControlClient(UniqueFd socket) : socket_(std::move(socket)) {}
    UniqueFd socket_;
};

}  // namespace igd
