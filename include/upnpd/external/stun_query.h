// SPDX-License-Identifier: GPL-2.0-or-later
// A StunQuery has a STUN server asked again and again, each time by a process without rights that
// ends after its question. It starts that process, reads its report and ends it.
#pragma once

#include "upnpd/external/external_address.h"
#include "upnpd/net/interface_name.h"
#include "upnpd/system/helper_process.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <optional>

#include <sys/types.h>

namespace igd {

/// Only the loop thread uses it.
class StunQuery {
public:
    struct Question {
        Ipv4Address own;  ///< of the interface: where it is sent from
        StunServer server;
    };
    using Heard = std::function<void(const StunReport&)>;
    /// Starts a process that asks, which sends its report to `channel`; returns its id. Throws
    /// std::system_error.
    using Start = std::function<pid_t(UniqueFd channel, const InterfaceName& interface,
                                      const Question& question)>;
    [[nodiscard]] static pid_t startProcess(UniqueFd channel, const InterfaceName& interface,
                                            const Question& question);

    /// Calls `heard` with each answer and each failure, never from within a call of a function
    /// below.
    StunQuery(boost::asio::io_context& loop, InterfaceName interface, Heard heard,
              Start start = startProcess);

    /// Asks now, and again after a failure and from time to time. An answer to an earlier question
    /// no longer counts.
    void ask(Question question);
    /// Asks by another interface, from the next question on.
    void askBy(InterfaceName interface) { interface_ = std::move(interface); }
    /// Stops asking.
    void stop();
    /// Looks after a child that may have ended (SIGCHLD).
    void childEnded();

private:
    void launch();
    void tryAgainIn(Seconds pause);
    void settle(const StunReport& report);
    void endChild();

    InterfaceName interface_;
    Heard heard_;
    Start start_;
    std::optional<Question> question_;  ///< nullopt: nothing is to be asked
    HelperProcess process_;
    boost::asio::steady_timer again_;
    boost::asio::steady_timer patience_;
    unsigned failures_ = 0;
    bool awaited_ = false;  ///< the answer of the process
    bool launchDue_ = false;
};

}  // namespace igd
