// SPDX-License-Identifier: GPL-2.0-or-later
// The questions to firewalld over D-Bus. None waits for its answer but the last one, at the end.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/util/time.h"

#include <tl/expected.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace igd::firewall {

struct BusError {
    enum class Kind : std::uint8_t {
        Absent,      ///< nobody on the bus is firewalld
        NoPolicy,    ///< there is no policy of that name
        NotAllowed,  ///< this account may not change firewalld's rules
        Refused,     ///< any other error: nothing, or not all, was changed
        Unanswered,  ///< there is no bus, or no answer in time
    };
    Kind kind{};
    std::string text;
};
using BusAnswer = tl::expected<void, BusError>;

/// The policy that is ours, which the installation brings.
constexpr const char* kFirewalldPolicy = "upnpd";

/// News of firewalld since the last question.
enum class Announcement : std::uint8_t {
    Nothing,
    Gone,     ///< nobody is firewalld any more
    Changed,  ///< it has started, was reloaded, or an interface has gone to another zone
};

class FirewalldBus {
public:
    virtual ~FirewalldBus() = default;

    /// Makes `richRules` the only ones of our policy, for packets that come in by the external
    /// interface, until firewalld is reloaded; nothing is written to its configuration. Without
    /// rules the policy sees no packet. answer() has the answer later; one to an earlier call
    /// counts for nothing.
    virtual void send(const std::set<std::string>& richRules) = 0;
    /// Returns the answer to send(), once; nullopt: there is none yet.
    [[nodiscard]] virtual std::optional<BusAnswer> answer() = 0;

    /// The external interface is another one, whose zone is asked for: hear() says Changed.
    virtual void externalIs(const InterfaceName& external) = 0;

    /// Takes in what has come. After Gone and Changed the answer to send() counts for nothing.
    [[nodiscard]] virtual Announcement hear() = 0;
    /// Returns a descriptor that is readable when hear() has something to do. It belongs to this.
    [[nodiscard]] virtual int descriptor() const = 0;
    /// Makes it readable at that time, too; nullopt: no more.
    virtual void wakeAt(std::optional<TimePoint> time) = 0;

    /// Takes all rules out of the policy, and waits that long for the answer.
    virtual BusAnswer clear(std::chrono::milliseconds patience) = 0;
};

/// Connects to the system bus, and again whenever that is needed. firewalld obeys root and whom
/// polkit lets, and takes whoever has connected for the caller: this is called before privileges
/// are dropped. nullptr: the daemon was built without libsystemd.
[[nodiscard]] std::unique_ptr<FirewalldBus> openFirewalldBus(const InterfaceName& external);

}  // namespace igd::firewall
