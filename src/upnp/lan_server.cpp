// SPDX-License-Identifier: GPL-2.0-or-later
// Puts the parts of the room together, in the order in which they need each other.
#include "upnpd/upnp/lan_server.h"

#include "control_door.h"
#include "device.h"
#include "event_door.h"
#include "gate_router.h"
#include "http_listener.h"
#include "search_responder.h"
#include "upnpd/util/log.h"

#include <boost/asio/post.hpp>

#include <fmt/format.h>

namespace igd {
namespace {

using namespace upnp;

constexpr Seconds kPatience{3};
/// libupnp has at most eleven events on their way at once.
constexpr GateLimits kInboxLimits{.connectionsPerPeer = 32, .connectionsTotal = 32};

Endpoint localEndpoint(const Acceptor& acceptor, Ipv4Address own) {
    return {own, Port{acceptor.local_endpoint().port()}};
}

}  // namespace

class LanServer::Impl {
public:
    Impl(boost::asio::io_context& loop, LanServerConfig config, PortMappingService& gateway)
        : loop_(loop),
          config_(std::move(config)),
          gateAcceptor_(listenOnLan(loop, config_.interface, own(), config_.httpPort)),
          inboxAcceptor_(listenForThisHost(loop, config_.interface, own())),
          gateEndpoint_(localEndpoint(gateAcceptor_, own())),
          deadlines_(loop),
          relay_(loop, deadlines_, relays_),
          control_(relay_),
          events_(loop, deadlines_, relay_,
                  {config_.interface, own(), localEndpoint(inboxAcceptor_, own()).port}, config_.limits),
          inboxHandler_(events_),
          router_(config_.identity, gateEndpoint_, control_, events_),
          inboxParts_{inboxHandler_, deadlines_, kInboxLimits},
          gateParts_{router_, deadlines_, config_.limits},
          inbox_(std::move(inboxAcceptor_), Ipv4Prefix{own(), 32}, inboxParts_),
          gate_(std::move(gateAcceptor_), config_.address, gateParts_),
          searches_(loop, config_, {urlOf(kDescriptionPath), urlOf(kVersion1DescriptionPath)}),
          device_({config_.interface, own(), urlOf(kDescriptionPath), urlOf(kVersion1DescriptionPath),
                   config_.identity, config_.limits.subscriptionsTotal},
                  gateway, relays_) {}

    void start(std::function<void(std::string)> done) {
        inbox_.start();
        gate_.start();
        device_.start({
            [this](Port port) { boost::asio::post(loop_, [this, port] { relay_.open(port); }); },
            [this, done = std::move(done)](std::string error) {
                boost::asio::post(loop_, [this, done, error = std::move(error)] { announced(done, error); });
            },
        });
    }

    [[nodiscard]] std::uint16_t httpPort() const { return gateEndpoint_.port.value; }

    void addressesChanged(const std::vector<Ipv6Prefix>& /*addresses*/) {}

    void statusChanged(const GatewayStatus& status) { device_.statusChanged(status); }

    /// The loop has ended: connections to closed listeners fail at once, so libupnp need not wait for
    /// answers.
    void stop() {
        gate_.close();
        inbox_.close();
        if (!device_.stop(kPatience))
            log::warning("upnp: libupnp on {} does not end within {} s", config_.interface.text(),
                         kPatience.count());
    }

private:
    [[nodiscard]] Ipv4Address own() const { return config_.address.address; }
    [[nodiscard]] std::string urlOf(std::string_view path) const {
        return fmt::format("http://{}{}", toString(gateEndpoint_), path);
    }

    void announced(const std::function<void(std::string)>& done, const std::string& error) {
        if (error.empty()) {
            searches_.start();
            log::notice("upnp: {} is announced on {}", urlOf(kDescriptionPath), config_.interface.text());
        }
        done(error);
    }

    boost::asio::io_context& loop_;
    const LanServerConfig config_;
    Acceptor gateAcceptor_;
    Acceptor inboxAcceptor_;
    const Endpoint gateEndpoint_;
    Deadlines deadlines_;
    RelayTable relays_;
    Relay relay_;
    ControlDoor control_;
    EventDoor events_;
    EventInbox inboxHandler_;
    GateRouter router_;
    const HttpParts inboxParts_;
    const HttpParts gateParts_;
    HttpListener inbox_;
    HttpListener gate_;
    SearchResponder searches_;
    UpnpDevice device_;
};

LanServer::LanServer(boost::asio::io_context& loop, LanServerConfig config, PortMappingService& gateway)
    : impl_(std::make_unique<Impl>(loop, std::move(config), gateway)) {}

LanServer::~LanServer() = default;

void LanServer::start(std::function<void(std::string error)> done) {
    impl_->start(std::move(done));
}

std::uint16_t LanServer::httpPort() const {
    return impl_->httpPort();
}

void LanServer::addressesChanged(const std::vector<Ipv6Prefix>& addresses) {
    impl_->addressesChanged(addresses);
}

void LanServer::statusChanged(const GatewayStatus& status) {
    impl_->statusChanged(status);
}

void LanServer::stop() {
    impl_->stop();
}

}  // namespace igd
