// SPDX-License-Identifier: GPL-2.0-or-later
// This class decides which external address clients are told: the interface's own, a configured
// one, the one that the gateway above tells, or the one that a STUN server sees. It is pure. The
// rules in the kernel match the interface's own address, whatever is decided here.
#pragma once

#include "upnpd/external/stun_message.h"
#include "upnpd/external/stun_report.h"
#include "upnpd/net/port.h"

#include <chrono>
#include <optional>
#include <string>

namespace igd {

struct StunServer {
    std::string host;  ///< a name, or an IPv4 address; empty: none
    Port port = stun::kPort;
    bool operator==(const StunServer&) const = default;
};

/// Returns "stun.example:3478".
[[nodiscard]] std::string toString(const StunServer& server);

/// The keys `external_address` and `stun_server` of upnpd.conf(5).
struct ExternalAddressSetting {
    enum class From : std::uint8_t { Interface, Configured, Stun };
    From from = From::Interface;
    Ipv4Address configured;  ///< with From::Configured
    StunServer server;       ///< with From::Stun
    bool operator==(const ExternalAddressSetting&) const = default;
};

class ExternalAddress {
public:
    explicit ExternalAddress(ExternalAddressSetting setting) : setting_(std::move(setting)) {}

    /// Sets how the address is found from now on, and forgets what a server said.
    void set(ExternalAddressSetting setting);
    /// Takes note that the interface has that address now, or none. What a server said about
    /// another one is forgotten.
    void interfaceHas(std::optional<Ipv4Address> own);
    /// Takes note of a server's answer. After a failure the last answer stays valid.
    void heard(const StunReport& report);

    /// Takes note of what the gateway above tells, which is asked for ports; `from` says who that
    /// is, for people. nullopt: none is asked, or it tells none.
    void above(std::optional<Ipv4Address> address, std::string from);

    /// Returns the address that clients are told; nullopt while the interface has none, whatever is
    /// configured.
    [[nodiscard]] std::optional<Ipv4Address> told() const;
    /// Returns "configured", "192.168.1.1 by pcp" or "stun.example:3478"; empty when it is the
    /// interface's own.
    [[nodiscard]] std::string source() const;
    /// Returns why it is the interface's own although a server is asked; otherwise an empty text.
    [[nodiscard]] std::string remark() const;
    /// Returns whether a server has to be asked. A public address of the interface needs no server.
    [[nodiscard]] bool isAskedFor() const;
    [[nodiscard]] const StunServer& server() const { return setting_.server; }

private:
    [[nodiscard]] bool isFromAbove() const;

    ExternalAddressSetting setting_;
    std::optional<Ipv4Address> own_;
    std::optional<Ipv4Address> seen_;   ///< by the server
    std::optional<Ipv4Address> above_;  ///< as the gateway above tells it
    std::string aboveFrom_;
    std::string failure_;  ///< of the last question; empty: it was answered, or none was asked yet
};

/// Returns the log line about a router in front, which the server's `answer` to a request from
/// `own` shows. The text is empty when there is none.
[[nodiscard]] std::string natInFront(Ipv4Address own, const StunAnswer& answer);

/// Returns how long to wait before a server is asked again that has failed `failures` times in a
/// row (0: it has answered).
[[nodiscard]] Seconds stunPause(unsigned failures);

}  // namespace igd
