// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/send_queue.h"

#include <algorithm>

namespace igd::ipc {

bool SendQueue::push(Packet packet) {
    if (waiting_.size() >= bounds_.messages || octets_ + packet.size() > bounds_.octets)
        return false;
    append(packet, std::nullopt);
    return true;
}

void SendQueue::pushLatest(Subject subject, Packet packet) {
    const auto earlier = std::ranges::find(waiting_, std::optional{subject}, &Waiting::subject);
    if (earlier == waiting_.end()) return append(packet, subject);
    octets_ = octets_ - earlier->octets.size() + packet.size();
    earlier->octets.assign(packet.begin(), packet.end());
}

void SendQueue::append(Packet packet, std::optional<Subject> subject) {
    waiting_.push_back({{packet.begin(), packet.end()}, subject});
    octets_ += packet.size();
}

bool SendQueue::isMoreThanHalfFull() const {
    return waiting_.size() > bounds_.messages / 2 || octets_ > bounds_.octets / 2;
}

void SendQueue::pop() {
    octets_ -= waiting_.front().octets.size();
    waiting_.pop_front();
}

void SendQueue::clear() {
    waiting_.clear();
    octets_ = 0;
}

}  // namespace igd::ipc
