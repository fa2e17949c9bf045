// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/helper_process.h"

#include "upnpd/system/child_process.h"

#include <boost/asio/post.hpp>

#include <csignal>
#include <utility>

namespace igd {

HelperProcess::~HelperProcess() {
    if (pid_ > 0) ::kill(pid_, SIGTERM);
}

void HelperProcess::start(const Start& start, Handlers handlers) {
    auto [mine, its] = ipc::makePair();
    handlers.first(mine.get());
    auto channel = std::make_unique<ipc::Channel>(loop_, std::move(mine));
    pid_ = start(std::move(its));
    channel_ = std::move(channel);
    channel_->receive(std::move(handlers.heard), std::move(handlers.closed));
}

bool HelperProcess::say(Packet message) {
    return channel_ && !message.empty() && ipc::isOnItsWay(channel_->send(message));
}

/// The channel may be in the middle of handing a message over.
void HelperProcess::hangUp() {
    if (!channel_) return;
    channel_->close();
    boost::asio::post(loop_, [old = std::move(channel_)] {});
}

void HelperProcess::kill() {
    hangUp();
    if (pid_ > 0) ::kill(pid_, SIGKILL);
}

std::optional<std::string> HelperProcess::takeEnd() {
    if (pid_ <= 0) return std::nullopt;
    auto end = reapChild(pid_);
    if (end) pid_ = 0;
    return end;
}

}  // namespace igd
