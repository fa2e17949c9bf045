// SPDX-License-Identifier: GPL-2.0-or-later
// A Gateway that keeps what it is asked until the test answers.
#pragma once

#include "upnpd/portmap/gateway.h"

#include <deque>
#include <utility>

namespace igd::upnp {

struct FakeGateway final : Gateway {
    void ask(const GatewayRequest& request, TimePoint deadline, Answered answered) override {
        asked.push_back({request, deadline, std::move(answered)});
    }
    void answer(const GatewayReply& reply) {
        const auto question = std::move(asked.front());
        asked.pop_front();
        question.answered(reply);
    }
    template <class Request>
    [[nodiscard]] const Request& next() const {
        return std::get<Request>(asked.front().request);
    }
    struct Asked {
        GatewayRequest request;
        TimePoint deadline;
        Answered answered;
    };
    std::deque<Asked> asked;
};

}  // namespace igd::upnp
