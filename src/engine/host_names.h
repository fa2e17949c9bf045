// SPDX-License-Identifier: GPL-2.0-or-later
// The names of the LANs' hosts: from the lease files of DHCP servers, else by reverse lookup. They
// are looked for while somebody asks, and nobody waits for a name server.
#pragma once

#include "upnpd/config/settings.h"
#include "upnpd/names/name_query.h"
#include "upnpd/portmap/lan.h"
#include "upnpd/portmap/neighbours.h"
#include "upnpd/util/time.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

class HostNames {
public:
    struct Parts {
        const Neighbours& neighbours;
        const Lans& lans;                                 ///< only hosts there have names
        std::function<std::vector<IpAddress>()> clients;  ///< hosts that people are shown
    };
    /// Files are looked at again after that at the earliest, and names that no file has are looked
    /// up again after the second.
    static constexpr Seconds kBetweenLooks{10};
    static constexpr Seconds kBetweenLookUps{600};
    /// The longest that somebody waits for files to be read.
    static constexpr std::chrono::milliseconds kPatience{500};

    HostNames(boost::asio::io_context& loop, HostNameFiles files, Parts parts,
              NameQuery::Start start = NameQuery::startProcess);

    /// Reads these files from now on.
    void setFiles(HostNameFiles files);

    /// Begins a look when one is due: a file has changed, or a client has no name yet.
    void refresh();
    /// Does that and calls `then` when the files are read, at once when there is nothing to read,
    /// and after kPatience at the latest.
    void whenFresh(std::function<void()> then);

    /// Returns the name of a host; empty: it is not known.
    [[nodiscard]] std::string nameOf(const IpAddress& host) const;
    /// Returns its hardware address: the neighbour's, else the one in the lease; nullopt: neither
    /// is known.
    [[nodiscard]] std::optional<MacAddress> macOf(const IpAddress& host) const;
    /// Returns the hosts that have that name (or that first part of it, whatever the case), or that
    /// hardware address, by address.
    [[nodiscard]] std::vector<NamedHost> find(std::string_view nameOrMac) const;

    /// A child may have ended (SIGCHLD).
    void childEnded() { query_.childEnded(); }
    /// Nobody is called any more.
    void stop();

private:
    /// A file with another one of these is another file.
    struct Version {
        std::uint64_t inode{};
        std::int64_t changed{};  ///< nanoseconds
        std::int64_t size{};
        bool operator==(const Version&) const = default;
    };
    using Versions = std::map<std::filesystem::path, Version>;
    struct LookedUp {
        std::string name;  ///< empty: there is none, or the answer is not here yet
        TimePoint at;
    };

    [[nodiscard]] std::vector<std::filesystem::path> paths() const;
    [[nodiscard]] NameQuery::Question questionFor(Versions& versions) const;
    [[nodiscard]] std::vector<IpAddress> nameless(TimePoint now) const;
    void found(const std::vector<NamedHost>& hosts);
    void filesRead();

    HostNameFiles files_;
    Parts parts_;
    std::map<IpAddress, NamedHost> named_;     ///< by the files
    std::map<IpAddress, NamedHost> incoming_;  ///< while they are read
    std::map<IpAddress, LookedUp> lookedUp_;
    Versions versions_;
    std::optional<TimePoint> lookedAt_;
    bool reading_ = false;
    std::vector<std::function<void()>> waiting_;
    boost::asio::steady_timer patience_;
    NameQuery query_;
};

}  // namespace igd
