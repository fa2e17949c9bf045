// SPDX-License-Identifier: GPL-2.0-or-later
#include "front_end_trial.h"

#include <system_error>
#include <utility>

namespace igd {

FrontEndTrial::FrontEndTrial(boost::asio::io_context& loop, Parts parts)
    : parts_(std::move(parts)), timer_(loop), process_(loop) {
    try {
        process_.start(parts_.start,
                       {.heard = [this](HelperProcess::Packet packet) { received(packet); },
                        .closed = [this] { lost(); }});
    } catch (const std::system_error& error) {
        outcome_.error = error.what();
        return;
    }
    listening_ = true;
    const auto message = ipc::encode(ipc::ToFrontEnd{ipc::Setup{parts_.setup}});
    if (!message || !process_.say(*message)) kill();
    timer_.expires_after(parts_.patience);
    timer_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        outcome_.error = "its front end is not ready in time";
        kill();
    });
}

/// It tells of its sockets before it says that it has begun.
void FrontEndTrial::received(HelperProcess::Packet packet) {
    const auto message = ipc::decodeToEngine(packet);
    if (!message) return kill();
    if (const auto* const sockets = std::get_if<ipc::Sockets>(&*message))
        outcome_.problems = sockets->problems;
    if (const auto* const report = std::get_if<ipc::Started>(&*message))
        outcome_.error = report->error;
}

void FrontEndTrial::kill() {
    process_.kill();
    listening_ = false;
}

void FrontEndTrial::reap() {
    if (process_.takeEnd()) settle();
}

/// All that it told has been read.
void FrontEndTrial::lost() {
    listening_ = false;
    settle();
}

void FrontEndTrial::settle() {
    if (running()) return;
    timer_.cancel();
    parts_.over();
}

}  // namespace igd
