// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps one front-end process for each internal interface that has an address: starts it, restarts
// it, replaces it when the address changes, and answers what it asks.
#pragma once

#include "upnpd/ipc/channel.h"
#include "upnpd/ipc/messages.h"
#include "upnpd/portmap/lan.h"
#include "upnpd/system/interfaces.h"
#include "upnpd/util/unique_fd.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace igd {

/// The engine does this for its front ends.
struct FrontEndHandlers {
    using Answered = std::function<void(const GatewayReply&)>;
    /// Carries out `call`, which the front end of that LAN has sent, or refuses it: it is late, or
    /// speaks for a host of another LAN. Calls `answered` once, in the loop, at once or later.
    std::function<void(const ipc::Call& call, const Lan&, Answered answered)> carryOut;
    /// The encoded FrontEndSetup of a front end that is to serve `lan`.
    std::function<std::string(const Lan&)> setup;
    /// Each front end that could be started has reported; called once. `error` is empty, or says
    /// why the first that failed did.
    std::function<void(const std::string& error)> allStarted;
};

/// Starts the process of one front end, which finds the engine at `channel`. Returns its id. Throws
/// std::system_error when it cannot be started.
using StartFrontEnd = std::function<pid_t(UniqueFd channel, const InterfaceName&)>;
[[nodiscard]] pid_t startFrontEnd(UniqueFd channel, const InterfaceName& interface);

/// Loop thread only.
class FrontEnds {
public:
    FrontEnds(boost::asio::io_context& loop, const Interfaces& interfaces,
              FrontEndHandlers handlers, StartFrontEnd start = startFrontEnd);
    ~FrontEnds();

    /// Starts a front end for each of `internal` that has an address; the others are waited for.
    void start(const std::vector<InterfaceName>& internal);
    /// Serves `internal` from now on: ends the front ends of others, starts those that are new.
    void serve(const std::vector<InterfaceName>& internal);
    /// Lets each say goodbye and start anew, with the setup as it is now.
    void replaceAll();

    /// The interfaces may have changed.
    void interfacesChanged();
    /// A child may have ended (SIGCHLD).
    void childEnded();

    void broadcast(const GatewayStatus& status);

    /// Some front end listens for HTTP on that TCP port.
    [[nodiscard]] bool listensOn(Port port) const;

    /// All IPv6 networks that are served: those of the internal interfaces, link-local ones left
    /// out, and those that are routed over them.
    [[nodiscard]] std::vector<Ipv6Prefix> prefixes6() const;

    /// An internal interface as it is served at present.
    struct Served {
        InterfaceName interface;
        std::vector<Ipv4Prefix> addresses;  ///< the primary one first; empty: waiting for one
        bool answers = false;               ///< its front end has begun
        std::optional<Port> httpPort;       ///< nullopt: UPnP is off, or does not answer yet
    };
    [[nodiscard]] std::vector<Served> served() const;

    /// "br-lan 192.168.1.1/24, vlan20 (waiting for its address)"
    [[nodiscard]] std::string describe() const;

    /// Sends each its SIGTERM and starts none again; `done` is called when the last has ended.
    /// A front end that does not end in time is killed.
    void stop(std::function<void()> done);

private:
    class FrontEnd;
    void reportWhenAllStarted(const std::string& error);
    void finishWhenAllEnded();
    void forgetRetired();

    boost::asio::io_context& loop_;
    const Interfaces& interfaces_;
    FrontEndHandlers handlers_;
    StartFrontEnd start_;
    std::vector<std::unique_ptr<FrontEnd>> frontEnds_;
    boost::asio::steady_timer patience_;
    std::function<void()> done_;
    bool reported_ = false;
    bool stopping_ = false;
};

}  // namespace igd
