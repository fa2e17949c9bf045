// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/deadlines.h"

namespace igd::upnp {
namespace {

constexpr Seconds kInterval{1};

}  // namespace

void Deadlines::set(Timed& timed, Clock::duration within) {
    timed.deadline_ = Clock::now() + within;
    if (!timed.is_linked()) timed_.push_back(timed);
    arm();
}

void Deadlines::arm() {
    if (armed_ || timed_.empty()) return;
    armed_ = true;
    timer_.expires_after(kInterval);
    timer_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        armed_ = false;
        sweep();
        arm();
    });
}

void Deadlines::sweep() {
    const auto now = Clock::now();
    for (auto entry = timed_.begin(); entry != timed_.end();) {
        Timed& timed = *entry++;
        if (timed.deadline_ > now) continue;
        timed.unlink();
        timed.timedOut();
    }
}

}  // namespace igd::upnp
