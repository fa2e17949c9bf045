// SPDX-License-Identifier: GPL-2.0-or-later
// Asks the gateway above by UPnP IGD. Its actions go one after the other: such gateways have small
// HTTP servers. Rejected: miniupnpc's library and libupnp's control point, which wait in their
// calls for a device, fetch what any host of the link names, and have threads.
#pragma once

#include "http_question.h"
#include "way.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <set>

namespace igd::above {

class UpnpWay final : public Way {
public:
    /// `ownUuid`: a gateway with that UUID is ourselves.
    UpnpWay(boost::asio::io_context& loop, const Link& link, const std::string& ownUuid,
            Handlers handlers);

    [[nodiscard]] Upstream name() const override { return Upstream::Upnp; }
    void find(std::function<void(const PulseAnswer&)> answered) override;
    void check(std::function<void(const PulseAnswer&)> answered) override;
    void ask(const MappingKey& key, bool exactly,
             std::function<void(const WayAnswer&)> answered) override;
    void release(const MappingKey& key, std::function<void()> done) override;

private:
    /// nullopt: no answer.
    using Heard = std::function<void(const std::optional<CallAnswer>&)>;
    struct Call {
        std::string action;
        Arguments arguments;
        Heard heard;
    };

    void search();
    void receive();
    void fetch(const std::string& location);
    void read(const HttpPlace& base, const std::optional<std::string>& description);
    void tryNext();
    void finish(const PulseAnswer& answer);
    void call(Call call);
    void next();
    void heard(const std::optional<CallAnswer>& answer);
    void askFor(const MappingKey& key, Seconds lease,
                const std::function<void(const WayAnswer&)>& answered);
    void lookAtOne();

    boost::asio::io_context& loop_;
    Link link_;
    std::string ownUuid_;
    Handlers handlers_;
    boost::asio::steady_timer timer_;
    std::optional<boost::asio::posix::stream_descriptor> socket_;
    std::function<void(const PulseAnswer&)> finding_;
    unsigned searches_ = 0;
    bool fetching_ = false;
    std::vector<std::pair<std::string, HttpPlace>> candidates_;  ///< types and where to call them
    std::string type_;
    HttpPlace control_;
    std::deque<Call> calls_;
    bool calling_ = false;
    std::set<MappingKey> given_;
    std::optional<MappingKey> looked_;  ///< at which of them last
};

}  // namespace igd::above
