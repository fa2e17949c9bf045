// SPDX-License-Identifier: GPL-2.0-or-later
// The process that asks a STUN server sends the engine this one message. The engine treats it as a
// stranger's.
#pragma once

#include "upnpd/net/port.h"
#include "upnpd/util/time.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace igd {

struct StunAnswer {
    Endpoint mapped;  ///< where the server saw the request come from
    Port localPort;   ///< where it was sent from
    bool operator==(const StunAnswer&) const = default;
};

struct StunReport {
    std::optional<StunAnswer> answer;
    std::string error;  ///< without an answer: why there is none
    bool operator==(const StunReport&) const = default;
};

[[nodiscard]] std::vector<std::uint8_t> encode(const StunReport& report);
/// Reads a report. Returns nullopt for anything that encode() would not have written, and for an
/// address that no host has.
[[nodiscard]] std::optional<StunReport> decodeStunReport(std::span<const std::uint8_t> bytes);

}  // namespace igd
