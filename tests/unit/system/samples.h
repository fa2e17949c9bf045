// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "upnpd/system/lease_file.h"

namespace igd {

inline const Now kNow{TimePoint{} + std::chrono::hours{1},
                      WallTime{} + std::chrono::seconds{1'800'000'000}};
constexpr Seconds kLongest{604800};
inline const Ipv4Address kAlice = *parseIpv4Address("192.168.1.10");

inline Mapping leased(std::uint16_t port, std::optional<Seconds> lease = Seconds{3600}) {
    return {{Protocol::Udp, Port{port}},
            std::nullopt,
            {kAlice, Port{port}},
            true,
            "a game, with \"quotes\"",
            lease ? std::optional{kNow.monotonic + *lease} : std::nullopt,
            kAlice,
            Origin::Igd};
}

}  // namespace igd
