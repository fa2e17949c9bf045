// SPDX-License-Identifier: GPL-2.0-or-later
// A process that the engine has started, and the channel to it. When it is to be started, and what
// is said, is for whoever holds it. Loop thread only.
#pragma once

#include "upnpd/ipc/channel.h"
#include "upnpd/util/unique_fd.h"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <sys/types.h>

namespace igd {

class HelperProcess {
public:
    using Packet = ipc::Channel::Packet;
    /// Starts the process, which is to get its first message from `channel`; returns its id.
    /// Throws std::system_error.
    using Start = std::function<pid_t(UniqueFd channel)>;
    struct Handlers {
        std::function<void(Packet)> heard;
        /// Its end of the channel has gone, and all that it said was heard.
        std::function<void()> closed = [] {};
        /// Puts its first message into the channel by a way of its own, before it is started.
        /// Throws std::system_error.
        std::function<void(int channel)> first = [](int) {};
    };

    explicit HelperProcess(boost::asio::io_context& loop) : loop_(loop) {}
    HelperProcess(const HelperProcess&) = delete;
    HelperProcess& operator=(const HelperProcess&) = delete;
    /// Tells the process to end (SIGTERM).
    ~HelperProcess();

    /// Starts it; none may be running. Throws std::system_error: then none is.
    void start(const Start& start, Handlers handlers);
    /// Sends it a message. Returns whether that is on its way; false for an empty one, too.
    [[nodiscard]] bool say(Packet message);
    /// Closes the channel: nothing is heard any more, and a process that looks ends. May be called
    /// by a handler.
    void hangUp();
    /// Hangs up, and ends it at once (SIGKILL).
    void kill();

    /// SIGCHLD has not told of its end.
    [[nodiscard]] bool isRunning() const { return pid_ > 0; }
    /// The channel was neither closed by hangUp() nor never there.
    [[nodiscard]] bool isConnected() const { return channel_ != nullptr; }
    /// To be asked at SIGCHLD: returns once, in words, how it has ended ("killed by signal 9");
    /// nullopt: it has not, or there was none.
    [[nodiscard]] std::optional<std::string> takeEnd();

private:
    boost::asio::io_context& loop_;
    pid_t pid_ = 0;  ///< 0: no process
    std::unique_ptr<ipc::Channel> channel_;
};

}  // namespace igd
