// SPDX-License-Identifier: GPL-2.0-or-later
// The calls of a front end that the engine has not answered yet: one table, and one counter for
// ids, whichever protocol a call is of. Loop thread only.
#pragma once

#include "upnpd/ipc/channel.h"
#include "upnpd/ipc/messages.h"
#include "upnpd/portmap/call_times.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <vector>

namespace igd::ipc {

class CallTable {
public:
    using Answered = Gateway::Answered;

    /// `channel` must outlive this, and `loop` must not run after the end of this. `grace` is how
    /// long after its deadline the answer to a call is still waited for.
    CallTable(boost::asio::io_context& loop, Channel& channel, Clock::duration grace = kCallGrace);

    /// Has the engine carry out `request` until `deadline`, or never. `answered` is called once:
    /// with the engine's answer, or with MappingError::Backend when there is none `grace` after the
    /// deadline, when the table is closed, or at once when the engine cannot be asked.
    void ask(const GatewayRequest& request, TimePoint deadline, Answered answered);

    /// Hands `answer` to whoever waits for it; nobody waits for an id that is not in the table.
    void answered(const Answer& answer);

    /// Whoever waits, and whoever asks from now on, gets MappingError::Backend.
    void close();
    [[nodiscard]] bool isClosed() const { return closed_; }

private:
    struct Waiting {
        TimePoint until;
        Answered answered;
    };

    void planSweep();
    void sweep();
    void fail(const std::vector<Answered>& callers);
    [[nodiscard]] std::size_t unsaidWith(std::size_t failed);

    Channel& channel_;
    const Clock::duration grace_;
    boost::asio::steady_timer timer_;
    std::uint64_t nextId_ = 0;
    bool closed_ = false;
    std::map<std::uint64_t, Waiting> waiting_;  ///< by id
    bool sweeping_ = false;
    std::size_t unsaid_ = 0;  ///< failed calls that are not in the log yet
    TimePoint nextLine_;
};

}  // namespace igd::ipc
