// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/metrics_handler.h"

#include "http/gate_request.h"
#include "http/header_text.h"

#include "upnpd/portmap/call_times.h"
#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <algorithm>
#include <charconv>

namespace igd::upnp {
namespace {

constexpr std::string_view kPath = "/metrics";
constexpr std::string_view kPlainType = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view kOpenType = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The engine's texts are far shorter.
constexpr std::size_t kLongest = 1 << 20;

/// Returns the weight of a media range in Accept: 1 where it has none.
double weightOf(std::string_view range) {
    const std::string_view text = parameterIn(range, "q");
    double weight = 1;
    if (!text.empty()) std::from_chars(text.data(), text.data() + text.size(), weight);
    return weight;
}

/// Returns the greatest weight that `accept` gives to `type`; 0 when it does not name it.
double weightIn(std::string_view accept, std::string_view type) {
    double greatest = 0;
    while (!accept.empty()) {
        const std::string_view range = accept.substr(0, accept.find(','));
        accept.remove_prefix(std::min(range.size() + 1, accept.size()));
        if (equalsIgnoringCase(trimmed(range.substr(0, range.find(';'))), type))
            greatest = std::max(greatest, weightOf(range));
    }
    return greatest;
}

}  // namespace

bool prefersOpenMetrics(std::string_view accept) {
    const double open = weightIn(accept, "application/openmetrics-text");
    return open > 0 && open >= weightIn(accept, "text/plain");
}

/// Prometheus may name us as it likes, so it does not matter what HOST says; a page of a browser is
/// no Prometheus.
std::optional<Response> MetricsHandler::refusal(const RequestHeader& header,
                                                const Peer& /*peer*/) const {
    if (header.count(http::field::origin) > 0) return statusOnly(http::status::forbidden);
    const auto hosts = header.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && header.version() >= 11))
        return statusOnly(http::status::bad_request);
    if (targetOf(textOf(header.target())).path != kPath) return statusOnly(http::status::not_found);
    if (allows(Door::Description, header.method())) return std::nullopt;
    auto response = statusOnly(http::status::method_not_allowed);
    setHeader(response, "ALLOW", allowedMethods(Door::Description));
    return response;
}

void MetricsHandler::handle(Request request, const Peer& /*peer*/, Reply reply) {
    waiting_.emplace_back(prefersOpenMetrics(valueOf(request, http::field::accept)),
                          std::move(reply));
    if (!asking_) begin();
}

void MetricsHandler::begin() {
    asking_ = true;
    isOpen_ = waiting_.front().first;
    text_.clear();
    askOn();
}

void MetricsHandler::askOn() {
    const GetMetrics request{.from = static_cast<std::uint32_t>(text_.size()),
                             .openMetrics = isOpen_};
    gateway_.ask(request, Clock::now() + kLongestCall,
                 [this](const GatewayReply& reply) { answered(resultIn<MetricsText>(reply)); });
}

void MetricsHandler::answered(const Result<MetricsText>& piece) {
    if (!piece) {
        log::debug("upnp: no metrics: {}", name(piece.error()));
        return finish(statusOnly(http::status::service_unavailable));
    }
    text_ += piece->text;
    if (piece->next == 0) {
        auto response = document(std::move(text_), isOpen_ ? kOpenType : kPlainType);
        setHeader(response, "Cache-Control", "no-store");
        setHeader(response, "X-Content-Type-Options", "nosniff");
        return finish(response);
    }
    // Each piece begins where the one before it has ended, so that this ends.
    if (piece->next != text_.size() || piece->text.empty() || text_.size() > kLongest)
        return finish(statusOnly(http::status::internal_server_error));
    askOn();
}

void MetricsHandler::finish(const Response& response) {
    const auto others =
        std::stable_partition(waiting_.begin(), waiting_.end(),
                              [this](const auto& each) { return each.first == isOpen_; });
    std::vector<std::pair<bool, Reply>> done{std::make_move_iterator(waiting_.begin()),
                                             std::make_move_iterator(others)};
    waiting_.erase(waiting_.begin(), others);
    asking_ = false;
    for (const auto& [isOpen, reply] : done) reply({response});
    if (!asking_ && !waiting_.empty()) begin();
}

}  // namespace igd::upnp
