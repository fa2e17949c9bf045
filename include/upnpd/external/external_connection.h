// SPDX-License-Identifier: GPL-2.0-or-later
// The external side of the router: its interface, what a STUN server says of it, and the epoch that
// NAT-PMP and PCP tell their clients (RFC 6887 section 8.5).
#pragma once

#include "upnpd/external/stun_query.h"
#include "upnpd/external/wan.h"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <optional>

namespace igd {

class ExternalConnection {
public:
    /// `changed` is called when the link, the interface's address or the address that clients are
    /// told is another one; the epoch is a new one by then, if it has to be.
    /// `startStun` starts a process that asks a STUN server.
    ExternalConnection(boost::asio::io_context& loop, Wan wan, std::function<void()> changed,
                       StunQuery::Start startStun = StunQuery::startProcess);

    /// Looks at the interface for the first time, and tells nobody.
    void begin(TimePoint now) { (void)wan_.refresh(now); }
    /// Looks at the interface again.
    void refresh(TimePoint now);
    /// Takes `name` for the external interface from now on. `changed` is called; nothing is done
    /// where it is that one already.
    void moveTo(const InterfaceName& name, TimePoint now);
    /// Tells another address from now on, as a configuration that was read again has it.
    void set(ExternalAddressSetting setting);
    void setBitRates(Wan::BitRates rates) { wan_.setBitRates(rates); }
    /// The gateway above tells that: see ExternalAddress::above().
    void above(std::optional<Ipv4Address> address, std::string from);
    /// Asks the STUN server, if one is to be asked: at the start, and when somebody wants to know.
    void ask();
    /// A child may have ended (SIGCHLD).
    void childEnded();
    void stop();

    [[nodiscard]] const Wan& wan() const { return wan_; }
    [[nodiscard]] TimePoint epochStart() const { return epochStart_; }
    /// Clients were told of openings that are gone, or lead elsewhere: they are to ask again.
    void beginEpoch() { epochStart_ = Clock::now(); }
    /// Nothing was lost since `start`, over a restart, or by the other router of a pair.
    void continueEpoch(TimePoint start) { epochStart_ = start; }

private:
    void heard(const StunReport& report);
    void tellLook(std::optional<Ipv4Address> before);
    void tellOther(std::optional<Ipv4Address> before);

    boost::asio::io_context& loop_;
    Wan wan_;
    std::function<void()> changed_;
    StunQuery::Start startStun_;
    TimePoint epochStart_ = Clock::now();
    std::optional<StunQuery> stun_;       ///< nullopt: nobody is asked
    std::optional<Ipv4Address> natSaid_;  ///< what natInFront() was last in the log of
    bool stopped_ = false;
};

}  // namespace igd
