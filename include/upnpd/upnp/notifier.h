// SPDX-License-Identifier: GPL-2.0-or-later
// Sends the NOTIFYs by which a LAN hears of the device (UDA 1.1 sections 1.2 and annex A): whole
// ones, over IPv4 and IPv6 in one way.
#pragma once

#include "upnpd/igd/description.h"
#include "upnpd/net/port.h"
#include "upnpd/portmap/lan.h"
#include "upnpd/util/unique_fd.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

/// Returns those of the router's addresses on `lan` from which it advertises: of IPv4 the first one
/// of all and the first one of each further network (the others would tell the same hosts the same
/// again), of IPv6 each.
[[nodiscard]] std::vector<IpAddress> advertisedAddresses(const Lan& lan);

/// Every NOTIFY of one start of the device has this in common.
struct Presence {
    Lan lan;
    Port port;               ///< of HTTP, in LOCATION
    std::uint32_t bootId{};  ///< BOOTID.UPNP.ORG: larger than at any earlier start
    std::uint32_t configId{};
    Profile profile = kVersion1;  ///< of the description at LOCATION
};

/// An announcement is spread over this time for each of its messages (UDA 1.1 section 1.2: not all
/// at once).
constexpr std::chrono::milliseconds kSpread{5};

/// One NOTIFY says this beside.
struct Notice {
    bool alive{};  ///< ssdp:alive, else ssdp:byebye
    std::string target;
    std::string usn;
    bool operator==(const Notice&) const = default;
};

/// It may be used in one thread. It calls sendmsg(), never sendto(), which the advertiser hooks.
class Notifier {
public:
    /// Opens a socket for each advertised address. One that cannot be had is left out, and said at
    /// debug level.
    explicit Notifier(Presence presence);

    /// Sends `notice` once from each of those addresses. Returns how many datagrams have left;
    /// errno tells of the last that did not.
    [[nodiscard]] std::size_t send(const Notice& notice) const;

    /// Sends ssdp:byebye for each of `targets`, twice, with a pause of some milliseconds between.
    void sayGoodbye(const std::vector<SearchTarget>& targets) const;
    /// Sends ssdp:alive for each of `targets`, twice, spread over some 0.2 s. Returns how many
    /// datagrams have left, as send() does.
    [[nodiscard]] std::size_t announce(const std::vector<SearchTarget>& targets) const;

    /// Returns the datagram that leaves from `own`.
    [[nodiscard]] std::string text(const Notice& notice, const IpAddress& own) const;

private:
    struct Source {
        UniqueFd socket;
        IpAddress own;
    };
    void open(const IpAddress& own);

    const Presence presence_;
    const unsigned interface_;  ///< its index
    std::vector<Source> sources_;
};

}  // namespace igd
