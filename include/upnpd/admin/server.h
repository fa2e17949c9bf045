// SPDX-License-Identifier: GPL-2.0-or-later
// The engine answers upnpctl(8) here, on a UNIX socket of packets: one short line of words in, one
// JSON text out. A line of words needs no parser, and the JSON is written by upnpd itself.
#pragma once

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace igd {

/// The longest request and the longest answer, in octets.
constexpr std::size_t kMaxControlRequest = 256;
constexpr std::size_t kMaxControlAnswer = 1U << 19;

/// Carries out `request` and returns the answer. `mayChange`: the caller is root, or runs as the
/// daemon does.
using ControlHandler = std::function<std::string(std::string_view request, bool mayChange)>;

class ControlServer {
public:
    /// Listens at `path`, in place of a socket that a killed daemon left. Anybody may connect,
    /// because a LAN host sees the mappings as well. Throws std::runtime_error when another daemon
    /// listens there, or the socket cannot be made.
    ControlServer(boost::asio::io_context& loop, std::filesystem::path path,
                  ControlHandler handler);
    /// Closes all connections and removes the socket.
    ~ControlServer();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace igd
