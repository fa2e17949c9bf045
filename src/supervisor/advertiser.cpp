// SPDX-License-Identifier: GPL-2.0-or-later
#include "advertiser.h"

#include "upnpd/ipc/messages.h"
#include "upnpd/system/child_process.h"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <system_error>
#include <utility>

namespace igd {

Advertiser::Advertiser(boost::asio::io_context& loop, AdvertiserTimes times, Parts parts)
    : loop_(loop), times_(times), parts_(std::move(parts)), timer_(loop) {}

Advertiser::~Advertiser() {
    kill();
}

void Advertiser::advertise(bool byebye) {
    halted_ = false;
    byebye_ = byebye_ || byebye;
    if (running())
        wanted_ = true;
    else
        launch();
}

void Advertiser::halt() {
    halted_ = true;
    discarded_ = running();
    wanted_ = byebye_ = false;
    timer_.cancel();
    kill();
}

void Advertiser::launch() {
    wanted_ = false;
    says_ = std::exchange(byebye_, false);
    try {
        auto [mine, its] = ipc::makePair();
        channel_ = std::make_shared<ipc::Channel>(loop_, std::move(mine));
        channel_->receive([this](ipc::Channel::Packet packet) { reported(packet); }, [] {});
        pid_ = parts_.start(std::move(its));
    } catch (const std::system_error& error) {
        return ended(error.what());
    }
    error_ = "its process ended early";
    const auto setup = ipc::encode(ipc::ToFrontEnd{ipc::Setup{parts_.setup(says_)}});
    if (!setup || !ipc::isOnItsWay(channel_->send(*setup))) return kill();
    wait(times_.patience, &Advertiser::late);
}

/// The process ends when it sees that its channel is closed: so what it reported is known before
/// its end is.
void Advertiser::reported(ipc::Channel::Packet packet) {
    const auto message = ipc::decodeToEngine(packet);
    const auto* const report = message ? std::get_if<ipc::Started>(&*message) : nullptr;
    error_ = report != nullptr ? report->error : "its process sent what is no report";
    channel_->close();
    boost::asio::post(loop_, [kept = std::move(channel_)] {});
}

void Advertiser::late() {
    error_ = fmt::format("its process does not end within {} s",
                         std::chrono::ceil<Seconds>(times_.patience).count());
    kill();
}

void Advertiser::kill() const {
    if (running()) ::kill(pid_, SIGKILL);
}

void Advertiser::reap() {
    if (!running() || !reapChild(pid_)) return;
    pid_ = 0;
    channel_.reset();
    timer_.cancel();
    if (!std::exchange(discarded_, false)) return ended(error_);
    if (wanted_) launch();
}

void Advertiser::ended(const std::string& error) {
    if (!error.empty()) byebye_ = byebye_ || says_;
    failures_ = error.empty() ? 0 : failures_ + 1;
    parts_.done(error);
    if (wanted_) return launch();
    if (!error.empty())
        return wait(
            std::min(times_.retry * (1U << std::min(failures_ - 1, 16U)), times_.longestRetry),
            &Advertiser::launch);
    std::uniform_int_distribution<std::chrono::milliseconds::rep> jitter{0, times_.jitter.count()};
    wait(times_.interval - std::chrono::milliseconds{jitter(random_)}, &Advertiser::launch);
}

void Advertiser::wait(Clock::duration pause, void (Advertiser::*next)()) {
    timer_.expires_after(pause);
    timer_.async_wait([this, next](boost::system::error_code error) {
        if (!error) (this->*next)();
    });
}

}  // namespace igd
