// SPDX-License-Identifier: GPL-2.0-or-later
#include "look_limit.h"

#include <algorithm>

namespace igd {

bool LookLimit::admits(int interface, const IpAddress& host, TimePoint now) {
    while (!looks_.empty() && now - looks_.front().at >= Seconds{1}) looks_.pop_front();
    if (looks_.size() >= kPerSecond || unanswered(interface, host) != looks_.end()) return false;
    looks_.push_back({now, interface, host});
    return true;
}

void LookLimit::found(int interface, const IpAddress& host) {
    if (const auto look = unanswered(interface, host); look != looks_.end()) look->answered = true;
}

std::deque<LookLimit::Look>::iterator LookLimit::unanswered(int interface, const IpAddress& host) {
    return std::ranges::find_if(looks_, [&](const Look& look) {
        return !look.answered && look.interface == interface && look.host == host;
    });
}

}  // namespace igd
