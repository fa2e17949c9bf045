// SPDX-License-Identifier: GPL-2.0-or-later
// Sockets that could not be opened, or not join their group, are opened again by this. It owns no
// timer: whoever owns it calls attempt() in time.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/ip_endpoint.h"
#include "upnpd/util/time.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace igd {

/// A socket by what it is bound to.
struct SocketName {
    bool tcp = false;
    IpEndpoint local;
    auto operator<=>(const SocketName&) const = default;
};

/// Returns "UDP port 1900 of ff02::c".
[[nodiscard]] std::string toString(const SocketName& name);

/// A socket that is to be open and is not.
struct SocketProblem {
    SocketName socket;
    std::string reason;  ///< "cannot hear searches on ...: Address already in use"
    bool operator==(const SocketProblem&) const = default;
};

class Retries {
public:
    /// Opens a socket and puts it to use. Throws std::system_error when that cannot be.
    using Open = std::function<void()>;
    struct Parts {
        std::function<TimePoint()> now;
        /// Calls attempt() at that time; only the last time that was asked for counts.
        std::function<void(TimePoint)> wake;
        /// opened() or problems() returns something else now.
        std::function<void()> changed;
    };

    /// `interface` is named in the log.
    Retries(InterfaceName interface, Parts parts)
        : interface_(std::move(interface)), parts_(std::move(parts)) {}

    /// Calls `open` now. When it throws, it is called again after a quarter of a second and then
    /// less and less often, down to every 16 seconds, until it has worked. The first failure and
    /// the success after it are in the log. Returns why it does not work now; nullopt when it does.
    std::optional<std::string> open(const SocketName& name, Open open);

    /// Forgets the sockets for which `stays` says no: nobody wants them any more. The others are
    /// tried at once, since something has changed.
    void keep(const std::function<bool(const SocketName&)>& stays);

    /// Tries those that are due.
    void attempt();

    /// Returns what is open at present, and what is not, by name.
    [[nodiscard]] std::vector<SocketName> opened() const;
    [[nodiscard]] std::vector<SocketProblem> problems() const;

private:
    struct Waiting {
        Open open;
        std::string reason;
        unsigned failures = 0;
        TimePoint due{};
    };

    void attemptOne(const SocketName& name);
    void failed(Waiting& waiting, const std::string& reason);
    void attemptDue(TimePoint now);
    void plan() const;

    const InterfaceName interface_;
    const Parts parts_;
    std::map<SocketName, Waiting> waiting_;
    std::set<SocketName> opened_;
};

}  // namespace igd
