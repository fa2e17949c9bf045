// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps one front-end process for each internal interface that has an address, of IPv4 or of IPv6:
// starts it, restarts it, replaces it when it hangs, tells it of addresses that come and go,
// answers what it asks, and has its device advertised.
#pragma once

#include "upnpd/ipc/channel.h"
#include "upnpd/ipc/messages.h"
#include "upnpd/portmap/lan.h"
#include "upnpd/system/interfaces.h"
#include "upnpd/util/time.h"
#include "upnpd/util/unique_fd.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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
    std::function<std::string(const Lan&, std::uint32_t bootId)> setup;
    /// The encoded AdvertiserSetup of an advertiser for the front end that has that HTTP port;
    /// none: front ends have nothing to be advertised, and nobody waits for the first to begin.
    std::function<std::string(const Lan&, Port, std::uint32_t bootId, bool byebye)> advertisement;
    /// Each front end that could be started has reported; called once. `error` is empty, or says
    /// why the first that failed did.
    std::function<void(const std::string& error)> allStarted;
    /// A front end has ended, `how` in words, and is started again.
    std::function<void(const std::string& how)> restarted{};
    std::string_view noun = "front end";  ///< for the log
};

enum class Helper : std::uint8_t { FrontEnd, Advertiser };

/// Starts the process of one helper, which finds the engine at `channel`. Returns its id. Throws
/// std::system_error when it cannot be started.
using StartHelper = std::function<pid_t(Helper, UniqueFd channel, const InterfaceName&)>;
/// Returns what starts our own programs. Throws std::system_error when one is not there.
[[nodiscard]] StartHelper startHelpers();

/// A front end to which nothing was sent is asked after `interval` whether it lives; one that has
/// been silent for `patience` after something was sent, at once. It has `patience` to answer.
struct HeartbeatTimes {
    std::chrono::milliseconds interval{100'000};
    std::chrono::milliseconds patience{10'000};
};
/// The device is advertised every `interval` less up to `jitter`: half of max-age and less (UDA 1.1
/// section 1.2.2). A run that failed comes again after `retry`, twice that and so on.
struct AdvertiserTimes {
    std::chrono::milliseconds interval{900'000};
    std::chrono::milliseconds jitter{100'000};
    std::chrono::milliseconds patience{10'000};  ///< for one run
    std::chrono::milliseconds retry{1000};
    std::chrono::milliseconds longestRetry{60'000};
};
struct SupervisorTimes {
    HeartbeatTimes heartbeat{};
    AdvertiserTimes advertiser{};
    std::chrono::milliseconds trial{10'000};  ///< for a front end to open its sockets
};

/// Loop thread only.
class FrontEnds {
public:
    FrontEnds(boost::asio::io_context& loop, const Interfaces& interfaces,
              FrontEndHandlers handlers, StartHelper start = startHelpers(),
              SupervisorTimes times = {});
    ~FrontEnds();

    /// Starts a front end for each of `internal` that has an address; the others are waited for.
    void start(const std::vector<InterfaceName>& internal);
    /// Serves `internal` from now on: ends the front ends of others, starts those that are new.
    void serve(const std::vector<InterfaceName>& internal);
    /// Lets each say goodbye and start anew, with the setup as it is now.
    void replaceAll();

    /// A reason for which a front end could not serve as it should, and the socket that it could
    /// not have, if that is it.
    struct Objection {
        std::string reason;
        std::optional<SocketName> socket{};
    };
    using Judged = std::function<void(const std::vector<Objection>&)>;
    /// Has a front end of each of `internal` that has an address open its sockets with the setup
    /// that `setup` returns, beside those that serve, which go on. Calls `judged` once, in the
    /// loop: what these have, or lack already, is no objection. One trial at a time.
    void tryOut(const std::vector<InterfaceName>& internal,
                std::function<std::string(const Lan&)> setup, Judged judged);

    /// Calls `then` once, in the loop, when no front end begins or ends: it is known which serve,
    /// and which sockets they have.
    void whenQuiet(std::function<void()> then);

    /// The interfaces may have changed.
    void interfacesChanged();
    /// A child may have ended (SIGCHLD).
    void childEnded();

    void broadcast(const GatewayStatus& status);
    /// The router is one of a pair: they answer nobody after `until`.
    void mayAnswer(TimePoint until);
    /// Another router has announced the device with the BOOTID.UPNP.ORG `bootId`: whatever begins
    /// after this has a larger one.
    void bootIdsAfter(std::uint32_t bootId) { lastBootId_ = std::max(lastBootId_, bootId); }
    /// Their logs are as talkative as that from now on.
    void setDebugMode(int debugMode);

    /// Some front end listens for HTTP on that TCP port.
    [[nodiscard]] bool listensOn(Port port) const;

    /// All IPv6 networks that are served: those of the internal interfaces, link-local ones left
    /// out, and those that are routed over them.
    [[nodiscard]] std::vector<Ipv6Prefix> prefixes6() const;

    /// An internal interface as it is served at present.
    struct Served {
        InterfaceName interface;
        std::vector<Ipv4Prefix> addresses;  ///< of IPv4, the primary one first
        bool answers = false;               ///< its front end has begun
        std::optional<Port> httpPort{};     ///< nullopt: UPnP is off, or does not answer yet
        std::vector<SocketName> open{};
        std::vector<SocketProblem> problems{};  ///< what cannot be opened, and is tried again
        std::string waits{};                    ///< why it is not served; empty: it is
        std::string notAdvertised{};            ///< why the device is not advertised; empty: it is
        std::vector<Ipv6Prefix> addresses6{};   ///< without link-local ones
        std::uint32_t subscribers = 0;

        /// Returns whether it waits for an address.
        [[nodiscard]] bool hasNone() const { return addresses.empty() && addresses6.empty(); }
        /// Returns whether nobody there speaks IPv4 with the router.
        [[nodiscard]] bool isSixAlone() const { return addresses.empty() && !addresses6.empty(); }
    };
    [[nodiscard]] std::vector<Served> served() const;

    /// "br-lan 192.168.1.1/24 (without UDP port 5351 of 192.168.1.1), vlan20 (no such interface
    /// yet)", or "none yet" where patterns have found nothing.
    [[nodiscard]] std::string describe() const;

    /// Sends each its SIGTERM and starts none again; `done` is called when the last has ended.
    /// A front end that does not end in time is killed.
    void stop(std::function<void()> done);

private:
    class FrontEnd;
    struct Trial;
    void tellQuiet();
    void startTrial(const InterfaceName& name, const std::function<std::string(const Lan&)>& setup);
    void finishTrialsSoon();
    void finishTrials();
    void addObjections(const Trial& trial, std::vector<Objection>& all) const;
    [[nodiscard]] bool isKnown(const SocketName& socket) const;
    void reportWhenAllStarted(const std::string& error);
    void finishWhenAllEnded();
    void forgetRetired();

    boost::asio::io_context& loop_;
    const Interfaces& interfaces_;
    FrontEndHandlers handlers_;
    const StartHelper start_;
    const SupervisorTimes times_;
    std::vector<std::unique_ptr<FrontEnd>> frontEnds_;
    std::vector<std::unique_ptr<Trial>> trials_;
    Judged judged_;  ///< of the trials that have begun
    std::vector<std::function<void()>> awaiting_;
    boost::asio::steady_timer patience_;
    std::function<void()> done_;
    std::uint32_t lastBootId_ = 0;  ///< the largest that was announced elsewhere
    bool reported_ = false;
    bool stopping_ = false;
};

}  // namespace igd
