// SPDX-License-Identifier: GPL-2.0-or-later
// A netlink message that frees itself.
#pragma once

#include <netlink/msg.h>

#include <memory>

namespace igd::firewall {

struct MessageFree {
    void operator()(nl_msg* message) const noexcept { ::nlmsg_free(message); }
};
using Message = std::unique_ptr<nl_msg, MessageFree>;

}  // namespace igd::firewall
