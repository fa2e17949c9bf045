// SPDX-License-Identifier: GPL-2.0-or-later
// The engine answers upnpctl(8) here, on a UNIX socket of packets: one short line of words in, one
// JSON text out. A line of words needs no parser, and the JSON is written by upnpd itself.
#pragma once

#include "upnpd/util/unique_fd.h"

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace igd {

/// The longest request and the longest answer, in octets.
constexpr std::size_t kMaxControlRequest = 512;
constexpr std::size_t kMaxControlAnswer = 1U << 19;

/// Gives the caller an answer. Returns whether the caller is still there; one that does not read
/// what it is told is not.
using ControlAnswer = std::function<bool(const std::string& answer)>;
/// Carries out `request` and calls `answered` with the answer, at once or later; with each of
/// several, for a caller that watches. `mayChange`: the caller is root, or runs as the daemon does.
using ControlHandler =
    std::function<void(std::string_view request, bool mayChange, ControlAnswer answered)>;

class ControlServer {
public:
    /// Listens nowhere yet.
    ControlServer(boost::asio::io_context& loop, ControlHandler handler);
    /// Closes all connections and removes the sockets.
    ~ControlServer();

    /// Listens at `path`, in place of a socket that a killed daemon left. Anybody may connect,
    /// because a LAN host sees the mappings as well. Throws std::runtime_error when another daemon
    /// listens there, or the socket cannot be made.
    void listenAt(std::filesystem::path path);
    /// Listens on `listener`, a socket of packets that does not block.
    void listenOn(UniqueFd listener);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace igd
