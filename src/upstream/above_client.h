// SPDX-License-Identifier: GPL-2.0-or-later
// The gateway above as the process without rights knows it: found, asked, lost from sight, found
// again.
#pragma once

#include "leases_above.h"
#include "link_socket.h"
#include "way.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <memory>
#include <vector>

namespace igd::above {

class AboveClient {
public:
    /// `tell` gets each message for the engine. Looks for the gateway at once.
    AboveClient(boost::asio::io_context& loop, const Begin& setup,
                std::function<void(const ToEngine&)> tell);

    void hold(const MappingKey& key, bool exactly);
    void release(const MappingKey& key);
    /// Gives all ports back, and asks for none any more.
    void end(std::function<void()> done);

private:
    void addWays(const Begin& setup, const Link& link);
    void search(std::size_t from);
    void found(Way& way, const Pulse& pulse);
    void notFound(std::size_t index, const std::string& why);
    void lookAfter(Seconds pause);
    void look();
    void lose(const std::string& why);
    void tellHop(std::optional<Ipv4Address> external);

    std::function<void(const ToEngine&)> tell_;
    boost::asio::io_context& loop_;
    std::vector<std::unique_ptr<Way>> ways_;
    LeasesAbove leases_;
    boost::asio::steady_timer timer_;
    std::map<MappingKey, bool> early_;  ///< asked for before the gateway was found, or not found
    std::vector<std::string> whyNot_;
    Way* way_ = nullptr;  ///< nullptr: the gateway is looked for, or is not to be had
    bool searching_ = false;
    bool looking_ = false;
    bool ended_ = false;
    unsigned failures_ = 0;
};

}  // namespace igd::above
