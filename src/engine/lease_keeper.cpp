// SPDX-License-Identifier: GPL-2.0-or-later
#include "lease_keeper.h"

namespace igd {

LeaseKeeper::LeaseKeeper(boost::asio::io_context& loop, std::function<void()> changed,
                         std::chrono::milliseconds pause)
    : changed_(std::move(changed)), pause_(pause), retry_(loop) {}

std::vector<Opening> LeaseKeeper::load(const std::filesystem::path& file,
                                       std::function<std::vector<Opening>()> all, Seconds longest,
                                       const std::optional<std::filesystem::path>& pinholes) {
    file_.emplace(file, std::move(all), [this] { retry(); });
    return file_->load(Now::sample(), longest, pinholes);
}

void LeaseKeeper::open() {
    if (file_) file_->open(Now::sample());
}

void LeaseKeeper::clockWasSet() {
    if (file_) file_->clockWasSet(Now::sample());
}

void LeaseKeeper::stop() {
    stopped_ = true;
    retry_.cancel();
}

void LeaseKeeper::openingStored(const Opening& opening) {
    if (file_) file_->stored(opening, Now::sample());
    if (store_ != nullptr) store_->stored(opening);
    changed_();
}

void LeaseKeeper::openingEnded(const Opening& opening) {
    if (file_) file_->ended(opening, Now::sample());
    if (store_ != nullptr) store_->ended(opening);
    changed_();
}

void LeaseKeeper::retry() {
    if (stopped_) return;
    retry_.expires_after(pause_);
    retry_.async_wait([this](boost::system::error_code error) {
        if (!error && !stopped_ && !file_->retry(Now::sample())) retry();
    });
}

}  // namespace igd
