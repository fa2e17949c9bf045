// SPDX-License-Identifier: GPL-2.0-or-later
// The seam to the router in front of the external interface, where there is one that translates as
// well: a mapping works only if the gateway above leads the same port here.
#pragma once

#include "upnpd/portmap/error.h"
#include "upnpd/portmap/mapping.h"

#include <optional>
#include <span>

namespace igd {

class PortsAbove {
public:
    virtual ~PortsAbove() = default;

    /// Returns whether the gateway above is asked for ports at present.
    [[nodiscard]] virtual bool isAsked() const = 0;

    /// Asks the gateway above for those of `keys` that it does not lead here yet, and does not
    /// wait. Returns whether it leads all of them here; false: this is to be called again a moment
    /// later, after refuses() was asked.
    [[nodiscard]] virtual bool prepare(std::span<const MappingKey> keys) = 0;

    /// Returns why no new port is to be had above at present. Errors: NoExternalAddress (the
    /// gateway above does not answer), TableFull (it gives no more).
    [[nodiscard]] virtual std::optional<Refusal> refusesAll() const = 0;

    /// Returns why that port is not to be had above, as the gateway there has said a moment ago;
    /// nullopt: it is, or nobody has asked yet. Errors: Conflict.
    [[nodiscard]] virtual std::optional<Refusal> refuses(const MappingKey& key) const = 0;

    /// Returns the port that the gateway above has offered in place of a refused one.
    [[nodiscard]] virtual std::optional<Port> offeredFor(const MappingKey& key) const = 0;
};

}  // namespace igd
