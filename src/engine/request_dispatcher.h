// SPDX-License-Identifier: GPL-2.0-or-later
// Carries out what front ends ask. What arrives in one turn of the loop, of whatever protocol, is
// one change of the kernel: fifty clients cost what a few do. While another program works on the
// host's rules requests wait, for two seconds at most, and the loop goes on; so do those alone for
// which another program has to agree.
#pragma once

#include "host_resolver.h"
#include "request_times.h"

#include "upnpd/ipc/messages.h"
#include "upnpd/portmap/openings.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <optional>
#include <vector>

namespace igd {

class RequestDispatcher {
public:
    using Answered = std::function<void(const GatewayReply&)>;

    struct Parts {
        Openings& openings;
        HostResolver& hosts;
        std::function<bool()> busy;             ///< FirewallBackend::isBusy()
        std::function<GatewayStatus()> status;  ///< with fresh counts
        std::function<std::optional<Seconds>(Protocol)> outboundTimeout;
        std::function<void()> applied;  ///< called after each batch, before it is answered
        /// Answers for people: GetRows, GetOverview, CloseOpening, ApproveHost.
        std::function<GatewayReply(const GatewayRequest&, const Host& requester)> show{};
        RequestTimes* times = nullptr;  ///< nullptr: nobody wants to know
    };

    RequestDispatcher(boost::asio::io_context& loop, Parts parts)
        : loop_(loop), parts_(std::move(parts)), retry_(loop) {}

    /// Carries out `call` of the front end of `lan`, or refuses it: it is late, or speaks for a
    /// host of another network. `answered` is called once, at once or later, in the loop; never
    /// after stop().
    void dispatch(const ipc::Call& call, const Lan& lan, Answered answered);

    /// Another program may have answered: whoever waits for it goes on.
    void lookAgain() {
        if (!undecided_.empty()) carryOut();
    }

    /// Drops what waits, and takes nothing more until resume(): the daemon stops, or stands by.
    void stop();
    void resume() { stopped_ = false; }

private:
    struct Waiting {
        ipc::Call call;
        ChangeRequest request;
        Lan lan;
        Answered answered;
    };
    void change(Waiting waiting);
    void enqueue(Waiting waiting);
    void carryOut();
    [[nodiscard]] bool isToWait();
    [[nodiscard]] std::vector<Waiting> takeAll();
    void retryLater();
    [[nodiscard]] Change resolved(Waiting& waiting) const;
    [[nodiscard]] GatewayReply read(const GatewayRequest& request, const Lan& lan);
    [[nodiscard]] std::pair<IpAddress, IpAddress> partiesOf(const ChangeRequest& request) const;

    boost::asio::io_context& loop_;
    Parts parts_;
    std::vector<Waiting> waiting_;
    std::vector<Waiting> undecided_;  ///< another program has been asked
    boost::asio::steady_timer retry_;
    std::optional<TimePoint> busySince_;
    bool stopped_ = false;
};

}  // namespace igd
