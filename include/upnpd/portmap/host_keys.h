// SPDX-License-Identifier: GPL-2.0-or-later
// HostKeys knows who it is that sends to a front end, and how an answer gets there. What the kernel
// says of a neighbour is remembered for a moment, in a table of fixed size, so that a flood costs
// few questions. It is used by the loop thread alone.
#pragma once

#include "upnpd/net/host_key.h"
#include "upnpd/portmap/lan.h"
#include "upnpd/util/time.h"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

namespace igd {

/// A NeighbourEntry is the kernel's word on an address, from its neighbour table.
struct NeighbourEntry {
    enum class State : std::uint8_t {
        Missing,    ///< nothing, or that it was not found; what is sent to it has it looked for
        LookedFor,  ///< it is being looked for, and what is sent to it waits
        Valid       ///< what is sent to it leaves at once
    };
    State state = State::Missing;
    std::optional<MacAddress> mac{};  ///< of a valid one, where the link has hardware addresses
};

/// Asks the kernel, and returns at once.
using NeighbourQuestion = std::function<NeighbourEntry(const IpAddress&)>;

/// How an answer leaves. Until the kernel has found a host, what is sent to it stays in the buffer
/// of the sending socket. A few hosts that do not exist fill that buffer, and then the socket sends
/// nothing to anybody. So a socket is kept for hosts that are known, and another is for the rest.
enum class Way : std::uint8_t {
    Straight,
    Aside,        ///< by the other socket
    AsideIfRoom,  ///< by the other socket, unless half of its buffer is full
    Nowhere       ///< the router is one of a pair, and may not be the active one any more
};

class HostKeys {
public:
    /// A host that is known is asked for again after so long: it may have another network card.
    static constexpr Clock::duration kKnown = Seconds{1};
    /// One that is not known may be any moment.
    static constexpr Clock::duration kUnknown = std::chrono::milliseconds{50};

    HostKeys(Lan lan, NeighbourQuestion question);

    /// Takes note of what is on link now.
    void addressesChanged(const Lan& lan);

    /// Lets answers leave until then, and none later; before the first call they always may.
    void mayAnswerUntil(TimePoint end) { answersUntil_ = end; }
    /// Returns whether an answer may leave at `now`.
    [[nodiscard]] bool mayAnswer(TimePoint now) const { return now < answersUntil_; }

    /// Returns whose requests those from `address` are. A host behind another router is known by
    /// its address, because the hardware address is that router's, and so is this router itself.
    [[nodiscard]] HostKey of(const IpAddress& address, TimePoint now);

    /// Returns the way of an answer to `address`.
    [[nodiscard]] Way wayTo(const IpAddress& address, TimePoint now);

private:
    struct Known {
        std::optional<IpAddress> address{};
        NeighbourEntry entry{};
        TimePoint until{};
    };

    [[nodiscard]] bool canBeNeighbour(const IpAddress& address) const;
    [[nodiscard]] Known& placeOf(const IpAddress& address);
    const NeighbourEntry& askFor(Known& place, const IpAddress& address, TimePoint now);

    static constexpr std::size_t kPlaces = 256;
    Lan lan_;
    const NeighbourQuestion question_;
    const std::uint64_t seed_;
    TimePoint answersUntil_ = TimePoint::max();
    std::array<Known, kPlaces> known_{};
};

}  // namespace igd
