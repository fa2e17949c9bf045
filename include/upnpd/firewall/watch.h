// SPDX-License-Identifier: GPL-2.0-or-later
// Notices that somebody else changed the host's rules and looks whether ours are still whole. The
// kernel announces changes of nftables; of legacy iptables it announces none, but its programs open
// and close their lock file, and the size of a table costs one system call. While nobody changes
// anything nothing is read but that size, once a second and only when legacy tables hold rules of
// ours.
#pragma once

#include "upnpd/portmap/firewall_health.h"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>

namespace igd {

class FirewallWatch {
public:
    /// Calls `damaged` in the loop, with what was found in words for the log, whenever the rules
    /// have to be laid again: at most 500 ms after the change, or a second after one of legacy
    /// iptables that did not take the lock. `backend` must outlive this. Opens what it needs while
    /// the rights for it are there; throws std::system_error.
    FirewallWatch(boost::asio::io_context& loop, FirewallHealth& backend,
                  std::function<void(const std::string&)> damaged);
    ~FirewallWatch();

    /// Looks soon, as if somebody had changed something.
    void look();
    /// No more calls of `damaged`.
    void stop();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace igd
