// SPDX-License-Identifier: GPL-2.0-or-later
#include "server_epoch.h"

#include <chrono>
#include <utility>

namespace igd::above {
namespace {

constexpr std::int64_t kSlack = 2;  // seconds

}  // namespace

bool ServerEpoch::isKept(std::uint32_t epoch, TimePoint now) {
    const auto before = std::exchange(last_, Sample{epoch, now});
    if (!before) return true;
    const std::int64_t client = std::chrono::duration_cast<Seconds>(now - before->client).count();
    const std::int64_t server = last_->server - before->server;
    if (isPcp_) return isKeptByPcp(server, client);
    return server >= client * 7 / 8 - kSlack;
}

/// Both are what has passed between two answers, in seconds.
bool ServerEpoch::isKeptByPcp(std::int64_t server, std::int64_t client) const {
    if (server < -1) return false;
    return client + kSlack >= server - server / 16 && server + kSlack >= client - client / 16;
}

}  // namespace igd::above
