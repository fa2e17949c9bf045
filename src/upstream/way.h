// SPDX-License-Identifier: GPL-2.0-or-later
// A way is one of the protocols by which a gateway above is asked. Loop thread only.
#pragma once

#include "above_messages.h"

#include "upnpd/portmap/mapping.h"

#include <tl/expected.hpp>

#include <functional>
#include <optional>
#include <string>

namespace igd::above {

/// The lease that is asked for. A gateway that is left without a word forgets us in an hour.
constexpr Seconds kLease{3600};

struct Grant {
    Port external;
    Seconds lease{0};  ///< kForever: it has no end
};
struct Denial {
    NotHeld::Why why{};
    std::string reason;
};
using WayAnswer = tl::expected<Grant, Denial>;

/// A gateway says this of itself.
struct Pulse {
    std::optional<Ipv4Address> external;  ///< nullopt: it tells none
};
/// The error is a sentence: why it does not answer.
using PulseAnswer = tl::expected<Pulse, std::string>;

class Way {
public:
    /// `lost` is called when the gateway has lost its mappings, `moved` when it tells another
    /// external address by itself.
    struct Handlers {
        std::function<void()> lost;
        std::function<void(std::optional<Ipv4Address>)> moved;
    };
    virtual ~Way() = default;

    [[nodiscard]] virtual Upstream name() const = 0;
    /// Finds out whether the gateway speaks this. `answered` is called once, later.
    virtual void find(std::function<void(const PulseAnswer&)> answered) = 0;
    /// Asks whether it is still there, and has kept what it has led here; calls `lost` if not.
    virtual void check(std::function<void(const PulseAnswer&)> answered) = 0;
    /// Asks for that port, or renews it; `exactly`: another one is of no use, and the protocol may
    /// say so. `answered` is called once, later, within some seconds.
    virtual void ask(const MappingKey& key, bool exactly,
                     std::function<void(const WayAnswer&)> answered) = 0;
    /// Gives the port back. `done` is called once, later, whatever the gateway says.
    virtual void release(const MappingKey& key, std::function<void()> done) = 0;
};

}  // namespace igd::above
