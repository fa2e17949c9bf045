// SPDX-License-Identifier: GPL-2.0-or-later
// Rows for people: the page of the router shows what is open, and what was refused.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/net/mac_address.h"
#include "upnpd/net/port.h"
#include "upnpd/portmap/mapping.h"
#include "upnpd/util/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace igd {

enum class OpeningKind : std::uint8_t { Mapping, Pinhole, Peer };

/// Most rows of one reply, and the longest texts in them: they fit into a message to a front end.
constexpr std::size_t kMaxRows = 32;
/// Most requests that wait for a yes in one reply, beside as many refusals.
constexpr std::size_t kMaxWaiting = 8;
constexpr std::size_t kMaxHostName = 64;
constexpr std::size_t kMaxSentence = 255;

/// Says how much has gone through an opening, both ways.
struct Traffic {
    std::uint64_t packets{};
    std::uint64_t bytes{};
    bool operator==(const Traffic&) const = default;
    [[nodiscard]] constexpr Traffic operator+(const Traffic& other) const {
        return {packets + other.packets, bytes + other.bytes};
    }
};

struct OpeningRow {
    std::uint32_t id{};  ///< Opening::id
    OpeningKind kind{};
    Protocol protocol{};
    Port externalPort{};  ///< 0: none, nothing is translated
    Port internalPort{};  ///< 0 of a protocol without ports
    std::uint16_t portCount = 1;
    IpAddress client;
    std::string hostName{};  ///< empty: it is not known
    std::optional<MacAddress> mac{};
    std::string from{};  ///< the remote hosts that may use it; empty: any
    Origin via{};
    std::string agent{};
    std::string description{};
    Seconds age{};                     ///< since it was made
    Seconds renewed{};                 ///< since it was asked for last
    std::optional<Seconds> left{};     ///< nullopt: it has no end
    std::optional<Traffic> traffic{};  ///< nullopt: it is not counted
    bool enabled = true;
    bool isOwn = false;  ///< the requester's
    bool operator==(const OpeningRow&) const = default;
};

struct RefusalRow {
    Seconds ago{};
    Origin via{};
    IpAddress requester;
    std::string hostName{};
    std::string what{};
    std::string reason{};
    std::uint32_t count = 1;  ///< so often in a row
    bool operator==(const RefusalRow&) const = default;
};

/// Asks for OpeningRows: at most kMaxRows of those that the requester may see, in the order in
/// which they were made, from the place `from` on. Errors: NotAuthorized (`page = none`).
struct GetRows {
    std::uint32_t from{};
    IpAddress requester;
    bool operator==(const GetRows&) const = default;
};
struct OpeningRows {
    std::vector<OpeningRow> rows;
    std::uint32_t total{};  ///< that the requester may see
    bool operator==(const OpeningRows&) const = default;
};

/// Asks for an Overview. Errors: NotAuthorized (`page = none`).
struct GetOverview {
    IpAddress requester;
    bool operator==(const GetOverview&) const = default;
};
struct Overview {
    std::string external{};              ///< "ppp0 80.100.100.1 (public)"
    Seconds uptime{};                    ///< of the daemon
    std::string firewall{};              ///< "nftables"
    std::vector<std::string> health{};   ///< sentences about what is wrong; at most kMaxRows
    std::vector<RefusalRow> refusals{};  ///< of the last hour, the newest first, of those that
                                         ///< the requester may see; at most kMaxRows
    bool asksAdministrator = false;      ///< `approve` is not off
    std::vector<RefusalRow> waiting{};   ///< so what waits for a yes; at most kMaxWaiting
    bool operator==(const Overview&) const = default;
};

/// Asks for MetricsText from the octet `from` on.
struct GetMetrics {
    std::uint32_t from{};
    bool openMetrics = false;  ///< in the form of OpenMetrics, not of Prometheus
    bool operator==(const GetMetrics&) const = default;
};
struct MetricsText {
    std::string text;      ///< at most kMaxMetricsText octets
    std::uint32_t next{};  ///< where the rest begins; 0: this is the end
    bool operator==(const MetricsText&) const = default;
};
constexpr std::size_t kMaxMetricsText = 30000;

}  // namespace igd
