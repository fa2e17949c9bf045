// SPDX-License-Identifier: GPL-2.0-or-later
// Which external address clients are told: the interface's own, a configured one, or what a STUN
// server sees. Pure; the rules in the kernel go by the interface whatever is decided here.
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

/// "stun.example:3478"
[[nodiscard]] std::string toString(const StunServer& server);

/// As upnpd.conf(5) has it.
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

    /// As configured from now on; what a server said is forgotten.
    void set(ExternalAddressSetting setting);
    /// The interface has that address now, or none. What a server said of another one is forgotten.
    void interfaceHas(std::optional<Ipv4Address> own);
    /// A server was asked, and that came of it. After a failure its last answer goes on counting.
    void heard(const StunReport& report);

    /// nullopt while the interface has none, whatever is configured.
    [[nodiscard]] std::optional<Ipv4Address> told() const;
    /// "configured", "stun.example:3478"; empty: it is the interface's own.
    [[nodiscard]] std::string source() const;
    /// Why it is the interface's own although a server is asked; empty: it is not so.
    [[nodiscard]] std::string remark() const;
    /// A server is to be asked. The public address of an interface is the truth.
    [[nodiscard]] bool isAskedFor() const;
    [[nodiscard]] const StunServer& server() const { return setting_.server; }

private:
    ExternalAddressSetting setting_;
    std::optional<Ipv4Address> own_;
    std::optional<Ipv4Address> seen_;  ///< by the server
    std::string failure_;  ///< of the last question; empty: it was answered, or none was asked yet
};

/// What is to be said of the router in front, once: where the server saw `answer` come from `own`.
/// Empty when there is none.
[[nodiscard]] std::string natInFront(Ipv4Address own, const StunAnswer& answer);

/// When a server is asked again that has failed so often in a row (0: it has answered).
[[nodiscard]] Seconds stunPause(unsigned failures);

}  // namespace igd
