// SPDX-License-Identifier: GPL-2.0-or-later
// One front end's process and channel, from start to reaping, and the pause before the next try.
#pragma once

#include "advertiser.h"
#include "heartbeat.h"

#include "upnpd/supervisor/front_ends.h"
#include "upnpd/util/time.h"

#include <sys/types.h>

namespace igd {

class FrontEnds::FrontEnd {
public:
    FrontEnd(FrontEnds& owner, InterfaceName interface);

    /// Starts, replaces or ends the process according to the interface's present addresses.
    void reconcile();
    /// Looks whether the process has ended. Returns true when it has, this time.
    bool reap();
    void terminate();
    /// Ends the process for good: its interface is served no more.
    void retire();
    void kill();
    /// Sends `message`, or queues it. Of the status and the addresses only the newest waits. An
    /// answer that finds no room is dropped: its caller gives up at its deadline.
    void send(const ipc::ToFrontEnd& message);

    [[nodiscard]] const InterfaceName& interface() const { return interface_; }
    /// It stands for that interface, and goes on to.
    [[nodiscard]] bool serves(const InterfaceName& name) const {
        return !retired_ && interface_ == name;
    }
    [[nodiscard]] bool isOver() const { return retired_ && !isBusy(); }
    /// Its interface is served no more, and its process has ended.
    [[nodiscard]] bool isGone() const { return retired_ && !running(); }
    [[nodiscard]] bool running() const { return pid_ > 0; }
    /// A process of it has not ended yet.
    [[nodiscard]] bool isBusy() const { return running() || advertiser_.running(); }
    /// It need not be waited for: it reported, or cannot be started.
    [[nodiscard]] bool settled() const { return reported_ || !running(); }
    /// Nothing of it begins or ends: its sockets are known.
    [[nodiscard]] bool isQuiet() const { return settled() && !(running() && terminating_); }
    /// It has neither reported nor been told to end: its end now is a failed start.
    [[nodiscard]] bool isStarting() const { return !settled() && !terminating_; }
    [[nodiscard]] std::optional<Port> httpPort() const { return httpPort_; }
    [[nodiscard]] Served served() const;
    [[nodiscard]] std::vector<Ipv6Prefix> prefixes6() const;
    [[nodiscard]] std::string describe() const;

private:
    [[nodiscard]] std::string waits() const;
    [[nodiscard]] std::string name() const;
    void launch(const InterfaceState& state);
    [[nodiscard]] bool staysWith(const InterfaceState& state) const;
    void tellAddresses(const InterfaceState& state);
    void note(ipc::Sent answer);
    void received(ipc::Channel::Packet packet);
    void called(const ipc::Call& call);
    void started(const ipc::Started& message);
    void announce(std::string_view what);
    [[nodiscard]] Advertiser::Parts advertiserParts();
    void advertised(const std::string& error);
    void hangs();
    void lost();
    void tellRestart(const std::string& end) const;
    void planRestart();

    FrontEnds& owner_;
    InterfaceName interface_;
    std::optional<Lan> lan_;  ///< what the running process serves
    int index_ = 0;           ///< of the interface to which its sockets are bound
    std::optional<ipc::AddressesChanged> told_;  ///< what that process has been told of
    pid_t pid_ = 0;
    std::shared_ptr<ipc::Channel> channel_;  ///< to that process; nobody else owns it
    std::size_t inProgress_ = 0;             ///< calls of that process without an answer yet
    std::size_t dropped_ = 0;                ///< answers, since it last read all
    std::optional<Port> httpPort_;
    ipc::Sockets sockets_;  ///< of that process
    std::uint32_t subscribers_ = 0;
    boost::asio::steady_timer restart_;
    TimePoint launchedAt_;
    unsigned failures_ = 0;
    std::string error_;  ///< why the running process, or the one before it, serves nothing
    bool reported_ = false;
    bool answers_ = false;      ///< what the running process reported was no error
    bool waiting_ = false;      ///< for restart_
    bool terminating_ = false;  ///< the process was told to end
    bool retired_ = false;
    bool announced_ = false;        ///< the log says that the running process serves
    std::uint32_t bootId_ = 0;      ///< of the running process, with its present addresses
    std::string advertisingError_;  ///< as it was logged last
    Heartbeat heartbeat_;
    Advertiser advertiser_;
};

}  // namespace igd
