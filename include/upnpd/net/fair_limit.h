// SPDX-License-Identifier: GPL-2.0-or-later
// A FairLimit allows so many requests a second of each host, and of all hosts together. It is pure,
// its memory is bounded, and the two families share nothing: what is forged over IPv6 takes nothing
// from IPv4. Each host has a bucket that holds a second's requests, and so has the total. When the
// total runs short, a host gets more only as long as it has had less in the last second than is
// left, so that whoever asks for little is admitted beside hosts that ask for all. A quarter of the
// total is kept for hosts that have not asked in the last second: one half of it for neighbours,
// whose hardware addresses are known, and the other half for the rest, which may be forged.
//
// Example: 100 a second for each host and 1,000 for all, of which 750 are common. Twelve hosts send
// 1,000 each. Each has about 60 a second then, and about 60 of the 750 are always left, for a host
// that has had 60 may not take the 60th. A host that asks now and then finds them, and a host that
// comes for the first time has the kept quarter as well.
//
// Rejected: seconds in which all hosts are counted, with shares by what the last second has seen.
// The first second of a flood is unfair then, and a host that asks once comes in a first second.
#pragma once

#include "upnpd/net/host_key.h"
#include "upnpd/util/time.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace igd {

enum class Admission : std::uint8_t {
    Admitted,
    Later,        ///< admitted, but not before `wait` is over: it asks faster than its rate
    OverItsRate,  ///< it has been told to wait so often that it cannot be waiting for answers
    TotalUsedUp   ///< all hosts together ask for too much, and this one has had its share
};

struct Admitted {
    Admission admission;
    Clock::duration wait{};  ///< above zero for Later alone
};

class FairLimit {
public:
    /// So many hosts of a family are remembered: twice as many as the kernel knows neighbours. A
    /// further one takes the place of the one in its set that is furthest from its limit.
    static constexpr std::size_t kHosts = 2048;

    struct Rates {
        std::size_t perHost;    ///< requests a second of a host, and at once after a silent second
        std::size_t total;      ///< requests a second of all hosts of a family
        std::size_t later = 0;  ///< so many requests of a host may be told to wait at a time
    };

    /// `seed` makes it unforeseeable which hosts share a place.
    FairLimit(const Rates& rates, std::uint64_t seed);
    explicit FairLimit(const Rates& rates);

    /// Counts a request from `address`, which is one of `host`'s, and says what becomes of it.
    /// `now` must not go backwards.
    [[nodiscard]] Admitted ask(const IpAddress& address, const HostKey& host, TimePoint now);
    /// Returns whether it is admitted at once.
    [[nodiscard]] bool admits(const IpAddress& address, const HostKey& host, TimePoint now) {
        return ask(address, host, now).admission == Admission::Admitted;
    }

private:
    /// A part of the total.
    struct Pool {
        float rate = 0;
        float tokens = 0;
        void refill(float seconds);
        [[nodiscard]] bool take();
    };
    struct Host {
        std::uint32_t id = 0;    ///< of its hash, and its set is another part of that; 0: nobody
        float tokens = 0;        ///< below zero: so many wait
        float recent = 0;        ///< about what it was admitted in the last second
        std::uint32_t time = 0;  ///< when it asked last: milliseconds, and they wrap
    };
    static constexpr std::size_t kWays = 16;
    using Set = std::array<Host, kWays>;
    using Table = std::array<Set, kHosts / kWays>;
    struct Family {
        Pool common;
        std::array<Pool, 2> kept;  ///< for neighbours, and for others
        TimePoint refilled{};
        std::unique_ptr<Table> hosts{};  ///< from the first request on
    };

    static void refill(Family& family, TimePoint now);
    [[nodiscard]] float tokensAt(const Host& host, std::uint32_t time) const;
    void refill(Host& host, std::uint32_t time) const;
    [[nodiscard]] Host& find(Set& set, std::uint32_t id, std::uint32_t time) const;
    [[nodiscard]] bool takeFromTotal(Family& family, const Host& host, bool isNew,
                                     bool isNeighbour) const;

    const float perHost_;
    const float later_;
    const std::uint64_t seed_;
    const float ofWhatIsLeft_;
    std::array<Family, 2> families_{};
};

}  // namespace igd
