// SPDX-License-Identifier: GPL-2.0-or-later
#include "status_reporter.h"

#include <fmt/format.h>

namespace igd {
namespace {

constexpr std::chrono::milliseconds kPause{50};

}  // namespace

StatusReporter::StatusReporter(boost::asio::io_context& loop, const ServiceManager& manager,
                               Parts parts)
    : parts_(std::move(parts)),
      report_(loop, manager, [this] { return line(); }),
      broadcast_(loop) {}

GatewayStatus StatusReporter::status() {
    told_.reset();
    return present();
}

GatewayStatus StatusReporter::present() {
    GatewayStatus status = parts_.external.wan().status();
    status.serial = ++serial_;
    status.mappingCount =
        static_cast<std::uint32_t>(parts_.openings.lists().count(OpeningKind::Mapping));
    status.systemUpdateId = parts_.openings.updateId();
    status.epochStart = parts_.external.epochStart();
    status.firewallEnabled = parts_.ipv6FirewallEnabled();
    status.inboundPinholeAllowed = parts_.openings.policy().config().pinholesAllowed;
    return status;
}

GatewayStatus StatusReporter::countedStatus() {
    GatewayStatus counted = present();
    parts_.external.wan().count(counted);
    return counted;
}

void StatusReporter::changed() {
    report_.changed();
    if (planned_ || stopped_) return;
    planned_ = true;
    broadcast_.expires_after(kPause);
    broadcast_.async_wait([this](boost::system::error_code error) {
        if (!error && planned_) tell();
    });
}

void StatusReporter::tellNow() {
    if (!planned_) return;
    broadcast_.cancel();
    tell();
}

/// A renewed lease is a change of which clients are told nothing.
void StatusReporter::tell() {
    planned_ = false;
    if (stopped_) return;
    const GatewayStatus now = present();
    if (told_) told_->serial = now.serial;
    if (now == told_) return;
    told_ = now;
    parts_.broadcast(now);
}

void StatusReporter::stop() {
    stopped_ = true;
    report_.stopStatus();
    broadcast_.cancel();
}

/// "1 mapping; external ppp0 80.100.100.1 (public); waiting for vlan20"
std::string StatusReporter::line() const {
    const std::size_t count = parts_.openings.lists().count(OpeningKind::Mapping);
    if (parts_.standsBy && parts_.standsBy())
        return "stands by; the other router of the pair answers";
    std::string text = fmt::format("{} mapping{}; external {}", count, count == 1 ? "" : "s",
                                   describe(parts_.external.wan().view()));
    const char* before = "; waiting for ";
    for (const InterfaceName& name : parts_.awaited()) {
        text += before + name.text();
        before = ", ";
    }
    return text;
}

}  // namespace igd
