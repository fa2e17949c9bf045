// SPDX-License-Identifier: GPL-2.0-or-later
// The processes that ask a STUN server: they only wait to be ended, and the test reports for them.
#pragma once

#include "upnpd/external/stun_query.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace igd {

class FakeStun {
public:
    FakeStun() = default;
    FakeStun(const FakeStun&) = delete;
    FakeStun& operator=(const FakeStun&) = delete;
    /// Whoever started a process has ended it by now.
    ~FakeStun() {
        for (const pid_t child : children_) ::waitpid(child, nullptr, 0);
    }

    [[nodiscard]] StunQuery::Start start() {
        return [this](UniqueFd channel, const InterfaceName& interface,
                      const StunQuery::Question& question) {
            if (refuses) throw std::system_error(EAGAIN, std::generic_category(), "fork");
            questions.push_back(interface.text() + " " + toString(question.own) + " " +
                                toString(question.server));
            channel_ = std::move(channel);
            children_.push_back(idleChild());
            return children_.back();
        };
    }

    /// The last process that was started reports this.
    void report(const StunReport& report) { send(encode(report)); }
    void send(const std::vector<std::uint8_t>& bytes) {
        (void)::send(channel_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
    /// It ends by itself, without a word.
    void end() {
        channel_.reset();
        ::kill(children_.back(), SIGKILL);
        reap();
    }
    /// Returns when that process has ended, which the query has seen to; its parent can learn it.
    void reap() {
        siginfo_t ended{};
        ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(children_.back()), &ended, WEXITED | WNOWAIT),
                  0);
    }

    bool refuses = false;  ///< no process can be started
    std::vector<std::string> questions;

private:
    static pid_t idleChild() {
        const pid_t child = ::fork();
        if (child != 0) return child;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) ::pause();
    }

    UniqueFd channel_;  ///< of the last process
    std::vector<pid_t> children_;
};

}  // namespace igd
