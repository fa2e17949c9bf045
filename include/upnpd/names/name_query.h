// SPDX-License-Identifier: GPL-2.0-or-later
// A NameQuery has lease files read, and addresses looked up, by a process without rights that ends
// after it: names are strangers' texts, and a name server may be slow.
#pragma once

#include "upnpd/names/named_host.h"
#include "upnpd/system/helper_process.h"
#include "upnpd/util/unique_fd.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <vector>

#include <sys/types.h>

namespace igd {

/// Only the loop thread uses it.
class NameQuery {
public:
    struct Question {
        std::vector<UniqueFd> files;       ///< kMaxFiles at most
        std::vector<IpAddress> addresses;  ///< to be looked up; kMaxAddresses at most
    };
    static constexpr std::size_t kMaxFiles = 16;
    static constexpr std::size_t kMaxAddresses = 32;

    struct Handlers {
        /// Called with what was found, some at a time.
        std::function<void(std::vector<NamedHost>)> found;
        /// Called once, when the files have been read (or nothing more comes): whatever comes
        /// behind it was looked up.
        std::function<void()> filesRead;
    };
    using Start = HelperProcess::Start;
    [[nodiscard]] static pid_t startProcess(UniqueFd channel);

    NameQuery(boost::asio::io_context& loop, Handlers handlers, Start start = startProcess);

    /// Asks, unless an earlier question is still being answered. Returns whether it does.
    bool ask(const Question& question);
    [[nodiscard]] bool isRunning() const { return process_.isRunning(); }
    /// Ends the process. Handlers are not called any more.
    void stop();
    /// Looks after a child that may have ended (SIGCHLD).
    void childEnded();

private:
    void heard(HelperProcess::Packet packet);
    void settle();
    void endChild();

    Handlers handlers_;
    Start start_;
    HelperProcess process_;
    boost::asio::steady_timer patience_;
    bool awaited_ = false;
    bool filesRead_ = true;
};

}  // namespace igd
