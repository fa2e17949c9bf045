// SPDX-License-Identifier: GPL-2.0-or-later
// Hosts that may open something because the administrator has said yes (`approve`), and what waits
// for that. A yes is for a host (`new-hosts`) or for a port of a host (`all`); it is kept in a file
// beside the leases:
//     00:11:32:aa:bb:cc 1795207654
//     00:11:32:aa:bb:cc udp 3074 1795207654
#pragma once

#include "upnpd/config/settings.h"
#include "upnpd/portmap/observer.h"
#include "upnpd/portmap/openings.h"

#include <compare>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace igd {

class Approvals {
public:
    /// A request that waits for a yes; asked again and again it is one.
    struct Waiting {
        HostKey host;
        IpAddress address;
        Protocol protocol{};
        Port port;         ///< of the host
        std::string what;  ///< "udp 3074 -> 192.168.1.10:3074"
        Origin via{};
        TimePoint at;  ///< the last time
        std::uint32_t count = 1;
    };
    struct Approved {
        HostKey host;
        std::optional<Protocol> protocol{};  ///< nullopt: whatever the host asks for
        Port port{};
        auto operator<=>(const Approved&) const = default;
    };

    static constexpr std::size_t kMostWaiting = 64;
    static constexpr std::size_t kMostApproved = 4096;
    static constexpr Seconds kRemembered{3600};

    /// `mode` is asked each time, for a reload may change it.
    explicit Approvals(std::function<ApprovalMode()> mode) : mode_(std::move(mode)) {}

    /// Reads what an earlier run has left in `file`, and keeps it there from now on. Lines that
    /// cannot be read are named in the log and left out.
    void load(std::filesystem::path file);

    /// Returns why that has to wait; nullopt: it need not.
    [[nodiscard]] std::optional<Refusal> refuses(const Asked& asked) const;
    /// Notes what was refused for want of a yes.
    void refused(const RefusalEvent& event, TimePoint now);

    /// Says yes to a host, or to what waits of it (`all`). Returns for how much that waited; 0 also
    /// when nothing did.
    std::size_t approve(const HostKey& host, TimePoint now);
    /// Takes every yes of that host back. Returns whether there was one.
    bool unapprove(const HostKey& host);

    /// Returns what has waited during the last hour, the newest last.
    [[nodiscard]] const std::deque<Waiting>& waiting(TimePoint now);
    /// Returns each yes with its time (Unix seconds).
    [[nodiscard]] const std::map<Approved, std::int64_t>& approved() const { return approved_; }

private:
    [[nodiscard]] bool isApproved(const Asked& asked) const;
    void put(const Approved& approved);
    void save();

    std::function<ApprovalMode()> mode_;
    std::filesystem::path file_;  ///< empty: nothing is kept
    std::map<Approved, std::int64_t> approved_;
    std::deque<Waiting> waiting_;
};

}  // namespace igd
