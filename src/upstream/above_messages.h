// SPDX-License-Identifier: GPL-2.0-or-later
// Messages between the engine and the process that asks the gateway above: one message a packet of
// a SOCK_SEQPACKET pair. The engine treats whatever that process sends as a stranger's bytes.
#pragma once

#include "upnpd/ipc/value_fields.h"
#include "upnpd/upstream/upstream_setting.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace igd::above {

/// The first message to the process.
struct Begin {
    std::string interface;  ///< the external one
    Ipv4Address own;        ///< of the interface: where it is asked from
    Ipv4Address gateway;
    Upstream by = Upstream::Auto;
    std::string nonceSeed;  ///< a UUID that nobody else knows; the nonces of PCP follow from it
    std::string ownUuid;    ///< the UUID of our own device: a gateway that has it is ourselves
    bool operator==(const Begin&) const = default;
};
/// That port is to be led here until Release.
struct Hold {
    Protocol protocol{};
    Port port;
    bool exactly = false;  ///< there is a mapping: another port is of no use
    bool operator==(const Hold&) const = default;
};
struct Release {
    Protocol protocol{};
    Port port;
    bool operator==(const Release&) const = default;
};
using ToProcess = std::variant<Begin, Hold, Release>;

/// Tells what the gateway above is, or that it is not to be had.
struct Hop {
    bool found = false;
    Upstream by = Upstream::Auto;           ///< what it is asked by, where it was found
    std::optional<Ipv4Address> external{};  ///< its own external address; nullopt: it tells none
    std::string problem{};                  ///< a sentence, where it was not found
    bool operator==(const Hop&) const = default;
};
/// The gateway leads that port here, or another one in its place.
struct Held {
    Protocol protocol{};
    Port port;
    Port external;  ///< another than `port`: that mapping is gone again
    Seconds lease{0};
    bool operator==(const Held&) const = default;
};
/// It does not.
struct NotHeld {
    enum class Why : std::uint8_t {
        OnePort,  ///< that port is not to be had
        AnyPort,  ///< no port is: a quota, or a gateway that gives none
        Silence,  ///< it does not answer
    };
    Protocol protocol{};
    Port port;
    Why why{};
    std::string reason;
    bool operator==(const NotHeld&) const = default;
};
using ToEngine = std::variant<Hop, Held, NotHeld>;

/// Returns the octets of `message`; texts are made clean and cut. nullopt: a value is not allowed.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> encode(const ToProcess& message);
[[nodiscard]] std::optional<std::vector<std::uint8_t>> encode(ToEngine message);

/// Returns the message in `bytes`; nullopt for anything that encode() would not have written.
[[nodiscard]] std::optional<ToProcess> decodeToProcess(std::span<const std::uint8_t> bytes);
[[nodiscard]] std::optional<ToEngine> decodeToEngine(std::span<const std::uint8_t> bytes);

}  // namespace igd::above
