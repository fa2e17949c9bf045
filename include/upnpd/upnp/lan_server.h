// SPDX-License-Identifier: GPL-2.0-or-later
// This is UPnP on one internal interface: the gate (upnpd's HTTP server) with SOAP and events, and
// the answers to searches. It lives in the front end's loop thread.
#pragma once

#include "upnpd/igd/description.h"
#include "upnpd/net/retries.h"
#include "upnpd/portmap/gateway.h"
#include "upnpd/portmap/host_keys.h"
#include "upnpd/portmap/lan.h"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace igd {

/// The limits of the gate for one LAN host, and for all together.
struct GateLimits {
    std::size_t connectionsPerPeer = 32;
    std::size_t connectionsTotal = 256;
    std::size_t headerBytes = 8192;
    std::size_t bodyBytes = 65536;
    Seconds requestTime{10};  ///< for a whole request to arrive, and for an idle connection
    std::size_t requestsPerSecondPerPeer = 100;
    std::size_t requestsPerSecond = 1000;
    std::size_t subscriptionsPerPeer = 16;
    std::size_t subscriptionsTotal = 128;
    std::size_t searchesPerSecondPerPeer = 20;
    std::size_t searchesPerSecond = 200;
    bool operator==(const GateLimits&) const = default;
};

/// The port of the gate when none is configured, or the next one that is free.
constexpr Port kFirstHttpPort{49152};

struct LanServerConfig {
    Lan lan;
    std::uint16_t httpPort;  ///< 0: the first free one from kFirstHttpPort
    DeviceIdentity identity;
    GateLimits limits;
    std::uint32_t bootId = 0;  ///< BOOTID.UPNP.ORG, of this start
    /// The password of who acts on the page, hashed by crypt(3); empty: nobody does.
    std::string pageHash{};
    bool operator==(const LanServerConfig&) const = default;
};

/// Returns whether two addresses of the LAN are of one host; nullopt: it is not known yet, and
/// worth another question in a moment. It does not block.
using SameHost = std::function<std::optional<bool>(const IpAddress&, const IpAddress&)>;

class LanServer {
public:
    /// Opens the gate's listener on the first address. `status` is the present one, and `hosts`
    /// must outlive this. Throws std::system_error when the listener cannot be opened; its text
    /// says which port on which address. What else cannot be opened is tried again by `retries`,
    /// which must not call back once this has ended.
    LanServer(boost::asio::io_context& loop, const LanServerConfig& config, Gateway& gateway,
              HostKeys& hosts, Retries& retries, const GatewayStatus& status,
              SameHost sameHost = {});
    ~LanServer();

    /// Answers requests and searches from now on.
    void start();

    /// Returns the port on which the gate listens.
    [[nodiscard]] std::uint16_t httpPort() const;

    /// Takes note of what there is on that interface now, the router's link-local addresses of IPv6
    /// included: it is found and answers on each of its addresses, and on no other. Its port stays.
    void addressesChanged(const Lan& lan, std::uint32_t bootId);

    /// Takes note of what actions tell from now on, and sends events to the subscribers of each
    /// service whose evented values changed.
    void statusChanged(const GatewayStatus& status);

    /// Calls `changed` with the number of subscriptions whenever it is another one.
    void whenSubscribed(std::function<void(std::size_t)> changed);

    /// Sends ssdp:byebye for everything, which takes some milliseconds.
    void sayGoodbye() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace igd
