// SPDX-License-Identifier: GPL-2.0-or-later
// Answers requests for /metrics with what the engine tells. The text comes in pieces; who asks
// while one is on its way gets that. Of the loop thread.
#pragma once

#include "http/http_message.h"

#include "upnpd/portmap/gateway.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace igd::upnp {

/// Returns whether a client that sent this Accept header would rather have OpenMetrics than the
/// text of Prometheus (RFC 9110 section 12.5.1): it names it, with no lower weight.
[[nodiscard]] bool prefersOpenMetrics(std::string_view accept);

class MetricsHandler final : public RequestHandler {
public:
    /// `gateway` must outlive this, and must not answer once this has ended.
    explicit MetricsHandler(Gateway& gateway) : gateway_(gateway) {}

    [[nodiscard]] std::optional<Response> refusal(const RequestHeader& header,
                                                  const Peer& peer) const override;
    void handle(Request request, const Peer& peer, Reply reply) override;

private:
    void begin();
    void askOn();
    void answered(const Result<MetricsText>& piece);
    void finish(const Response& response);

    Gateway& gateway_;
    std::vector<std::pair<bool, Reply>> waiting_;  ///< the first says: OpenMetrics
    bool asking_ = false;
    bool isOpen_ = false;  ///< the text that is on its way is OpenMetrics
    std::string text_;     ///< as far as it has come
};

}  // namespace igd::upnp
