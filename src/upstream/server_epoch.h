// SPDX-License-Identifier: GPL-2.0-or-later
// Finds out from the epochs in a server's answers whether it has lost its mappings (RFC 6886
// section 3.6, RFC 6887 section 8.5).
#pragma once

#include "upnpd/util/time.h"

#include <cstdint>
#include <optional>

namespace igd::above {

class ServerEpoch {
public:
    /// PCP's clocks may neither stand still nor run ahead; NAT-PMP's may run ahead.
    explicit ServerEpoch(bool isPcp) : isPcp_(isPcp) {}

    /// Takes note of the epoch of an answer that came at `now`, in seconds. Returns whether the
    /// server has kept its mappings since the last one; so it has with the first.
    [[nodiscard]] bool isKept(std::uint32_t epoch, TimePoint now);

private:
    struct Sample {
        std::int64_t server = 0;
        TimePoint client;
    };
    [[nodiscard]] bool isKeptByPcp(std::int64_t server, std::int64_t client) const;

    bool isPcp_;
    std::optional<Sample> last_;
};

}  // namespace igd::above
