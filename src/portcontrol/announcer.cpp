// SPDX-License-Identifier: GPL-2.0-or-later
#include "announcer.h"

#include <boost/asio/io_context.hpp>

namespace igd::portcontrol {
namespace {

constexpr unsigned kCount = 10;
constexpr std::chrono::milliseconds kFirstPause{250};

}  // namespace

void Announcer::start() {
    timer_.expires_after(Clock::duration::zero());
    next(0);
}

/// Each pause counts from the moment that was planned, so that delays do not add up.
void Announcer::next(unsigned sent) {
    timer_.async_wait([this, sent](boost::system::error_code error) {
        if (error) return;
        announce_();
        if (sent + 1 == kCount) return;
        timer_.expires_at(timer_.expiry() + kFirstPause * (1U << sent));
        next(sent + 1);
    });
}

}  // namespace igd::portcontrol
