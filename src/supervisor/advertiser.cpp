// SPDX-License-Identifier: GPL-2.0-or-later
#include "advertiser.h"

#include "upnpd/ipc/messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace igd {

Advertiser::Advertiser(boost::asio::io_context& loop, AdvertiserTimes times, Parts parts)
    : times_(times), parts_(std::move(parts)), timer_(loop), process_(loop) {}

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
    process_.kill();
}

void Advertiser::launch() {
    wanted_ = false;
    says_ = std::exchange(byebye_, false);
    try {
        process_.start(parts_.start, {[this](HelperProcess::Packet packet) { reported(packet); }});
    } catch (const std::system_error& error) {
        return ended(error.what());
    }
    error_ = "its process ended early";
    const auto setup = ipc::encode(ipc::ToFrontEnd{ipc::Setup{parts_.setup(says_)}});
    if (!setup || !process_.say(*setup)) return process_.kill();
    wait(times_.patience, &Advertiser::late);
}

/// The process ends when it sees that its channel is closed: so what it reported is known before
/// its end is.
void Advertiser::reported(HelperProcess::Packet packet) {
    const auto message = ipc::decodeToEngine(packet);
    const auto* const report = message ? std::get_if<ipc::Started>(&*message) : nullptr;
    error_ = report != nullptr ? report->error : "its process sent what is no report";
    process_.hangUp();
}

void Advertiser::late() {
    error_ = fmt::format("its process does not end within {} s",
                         std::chrono::ceil<Seconds>(times_.patience).count());
    process_.kill();
}

void Advertiser::reap() {
    if (!process_.takeEnd()) return;
    process_.hangUp();
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
