// SPDX-License-Identifier: GPL-2.0-or-later
// The processes that read names: they only wait to be ended, and the test answers for them.
#pragma once

#include "upnpd/names/name_query.h"
#include "upnpd/names/name_reader.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <vector>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace igd {

class FakeReader {
public:
    FakeReader() = default;
    FakeReader(const FakeReader&) = delete;
    FakeReader& operator=(const FakeReader&) = delete;
    /// Whoever started a process has ended it by now.
    ~FakeReader() {
        for (const pid_t child : children_) ::waitpid(child, nullptr, 0);
    }

    [[nodiscard]] NameQuery::Start start() {
        return [this](UniqueFd channel) {
            if (refuses) throw std::system_error(EAGAIN, std::generic_category(), "fork");
            channel_ = std::move(channel);
            auto task = receiveTask(channel_.get());
            EXPECT_TRUE(task) << "it is there before the process is";
            tasks.push_back(std::move(*task));
            children_.push_back(idleChild());
            return children_.back();
        };
    }

    void send(std::string_view packet) {
        (void)::send(channel_.get(), packet.data(), packet.size(), MSG_NOSIGNAL);
    }
    /// The last process has ended by itself; returns when its parent can learn it.
    void end() {
        channel_.reset();
        ::kill(children_.back(), SIGKILL);
        reap();
    }
    void reap() {
        siginfo_t ended{};
        ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(children_.back()), &ended, WEXITED | WNOWAIT),
                  0);
    }

    bool refuses = false;  ///< no process can be started
    std::vector<NameTask> tasks;

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
