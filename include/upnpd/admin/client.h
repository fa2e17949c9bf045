// SPDX-License-Identifier: GPL-2.0-or-later
// upnpctl(8) asks the engine through this end of the engine's UNIX socket.
#pragma once

#include "upnpd/util/unique_fd.h"

#include <tl/expected.hpp>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace igd {

class ControlClient {
public:
    /// Connects to the socket at `path`. The error is one sentence: no daemon, or no right to ask
    /// it.
    [[nodiscard]] static tl::expected<ControlClient, std::string> connect(
        const std::filesystem::path& path);
    /// Connects to the abstract address `place`, which begins with a NUL. nullopt: nobody listens
    /// there. Anybody may have taken it: see account().
    [[nodiscard]] static std::optional<ControlClient> connectAbstract(std::string_view place);

    /// Returns the account under which whoever answers began to listen; nullopt: it is not known.
    [[nodiscard]] std::optional<uid_t> account() const;

    /// Returns the daemon's answer. The error says that none came within `patience`.
    [[nodiscard]] tl::expected<std::string, std::string> ask(
        std::string_view request, std::chrono::seconds patience = std::chrono::seconds{5}) const;

    /// Returns the next answer to a request that has several (`watch`), as soon as descriptor() can
    /// be read; nullopt: the daemon has ended the connection.
    [[nodiscard]] std::optional<std::string> next() const;
    /// Returns the socket, to wait for.
    [[nodiscard]] int descriptor() const { return socket_.get(); }

private:
    explicit ControlClient(UniqueFd socket) : socket_(std::move(socket)) {}
    UniqueFd socket_;
};

}  // namespace igd
