// SPDX-License-Identifier: GPL-2.0-or-later
// Why openings end.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace igd {

enum class EndCause : std::uint8_t {
    Client,         ///< a client has deleted it
    Expired,        ///< its lease ran out
    HostAbsent,     ///< its host has left the network, or was never seen there
    Administrator,  ///< `upnpctl del`
    Cleared,        ///< SIGUSR1, `upnpctl del --all`
    Policy,         ///< the lines, quotas or networks that are in force now do not admit it
    Replaced,       ///< the administrator maps that port, or its host has another address
    AddressGone,    ///< the external address, or the prefix of its host, is another one
    GatewayAbove,   ///< the router in front leads its port here no more
};

inline constexpr std::array kEndCauses{
    EndCause::Client,        EndCause::Expired,     EndCause::HostAbsent,
    EndCause::Administrator, EndCause::Cleared,     EndCause::Policy,
    EndCause::Replaced,      EndCause::AddressGone, EndCause::GatewayAbove};

/// Returns one word for JSON and metrics ("expired").
[[nodiscard]] std::string_view name(EndCause cause);

/// An end, with the words that the log has for it.
struct End {
    EndCause cause{};
    std::string text;
};

}  // namespace igd
