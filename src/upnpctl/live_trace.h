// SPDX-License-Identifier: GPL-2.0-or-later
// The way of one packet of a friend's through the router, step by step, as it is seen at the
// interfaces. Pure.
#pragma once

#include "packet_watch.h"

#include "upnpd/portmap/mapping.h"

#include <optional>
#include <vector>

namespace igd::ctl {

class LiveTrace {
public:
    /// `outside` and `inside` are indexes of the external and of the internal interfaces; `keys`
    /// the ports that are watched.
    LiveTrace(std::uint32_t outside, std::vector<std::uint32_t> inside,
              std::vector<MappingKey> keys)
        : outside_(outside), inside_(std::move(inside)), keys_(std::move(keys)) {}

    void see(const PassedPacket& packet, TimePoint now);

    /// Returns when there is nothing more to wait for; `last`: nothing has arrived until then.
    [[nodiscard]] TimePoint end(TimePoint last) const;

    /// The friend's packet as it came in by the external interface.
    [[nodiscard]] const std::optional<PassedPacket>& arrived() const { return arrived_; }
    /// It left by an internal one.
    [[nodiscard]] const std::optional<PassedPacket>& forwarded() const { return forwarded_; }
    /// The client's answer came in.
    [[nodiscard]] const std::optional<PassedPacket>& answered() const { return answered_; }
    /// An answer left by the external one: the client's, or the router's own.
    [[nodiscard]] const std::optional<PassedPacket>& returned() const { return returned_; }

private:
    [[nodiscard]] bool isInside(std::uint32_t interface) const;
    [[nodiscard]] bool begins(const PassedPacket& packet) const;
    [[nodiscard]] bool goesBack(const PassedPacket& packet) const;

    std::uint32_t outside_;
    std::vector<std::uint32_t> inside_;
    std::vector<MappingKey> keys_;
    std::optional<PassedPacket> arrived_, forwarded_, answered_, returned_;
    TimePoint lastStep_{};
};

}  // namespace igd::ctl
