// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps what is known of the neighbours up to date by one piece of news after another. Pure: no
// kernel, no clock.
//
// An example: {2, 192.168.1.10, 02:..:0a, Reachable} makes the host known, which is Found. Later
// news that it is Stale, with the same hardware address, changes nothing. {2, 192.168.1.10, none,
// Failed} is Lost, and the host is forgotten; whatever makes it known again is Found again.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/net/mac_address.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace igd {

enum class NeighbourState : std::uint8_t {
    None,       ///< the kernel has forgotten it, has no address of it yet, or never asks for it
    Known,      ///< its hardware address was right when it was heard of last
    Reachable,  ///< it has answered just now
    Failed,     ///< it was asked for and has not answered
};

struct NeighbourNews {
    int interface = 0;  ///< the kernel's index
    IpAddress host;
    std::optional<MacAddress> mac{};
    NeighbourState state{};
};

class NeighbourMap {
public:
    /// More than any kernel keeps by default (its gc_thresh3 is 1024 for each family).
    static constexpr std::size_t kMost = 65536;

    enum class Change : std::uint8_t {
        None,
        Found,  ///< a host that was not known, or has another hardware address now
        Lost,   ///< it does not answer; said again whenever it was asked for again in vain
    };

    NeighbourMap();

    /// Takes `news` in. Beyond kMost hosts, a new one is not remembered and no change.
    Change apply(const NeighbourNews& news);

    /// Returns the hardware address of `host`; nullopt: not known.
    [[nodiscard]] std::optional<MacAddress> macOf(int interface, const IpAddress& host) const;
    /// Returns whether `host` has answered just now.
    [[nodiscard]] bool isReachable(int interface, const IpAddress& host) const;
    /// Returns the IPv4 addresses with that hardware address, reachable ones before others, and
    /// lowest first.
    [[nodiscard]] std::vector<Ipv4Address> ipv4Of(int interface, const MacAddress& mac) const;
    [[nodiscard]] std::size_t size() const { return hosts_.size(); }

    /// Forgets all hosts on `interface`.
    void forget(int interface);

    /// The whole of what the kernel has follows as news.
    void beginLook() { ++look_; }
    /// It was all: what no news since beginLook() has named is forgotten.
    void endLook();

private:
    struct Key {
        int interface;
        IpAddress host;
        bool operator==(const Key&) const = default;
    };
    /// Hosts choose their addresses: with a seed that they do not know they cannot choose them so
    /// that all fall into one bucket.
    struct Hash {
        std::uint64_t seed;
        std::size_t operator()(const Key& key) const;
    };
    struct Entry {
        MacAddress mac;
        bool reachable;
        std::uint32_t look;
    };
    using Hosts = std::unordered_map<Key, Entry, Hash>;

    Change known(const Key& key, const MacAddress& mac, bool reachable);
    void link(const Key& key, const MacAddress& mac);
    void unlink(const Key& key, const MacAddress& mac);
    Hosts::iterator erase(Hosts::iterator entry);

    Hosts hosts_;
    std::map<std::pair<int, MacAddress>, std::set<Ipv4Address>> ofMac_;
    std::uint32_t look_ = 0;
};

}  // namespace igd
