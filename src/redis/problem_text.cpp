// SPDX-License-Identifier: GPL-2.0-or-later
#include "problem_text.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace igd::redis {
namespace {

struct Known {
    std::string_view start;
    std::string_view text;
};

constexpr std::array kKnown{
    Known{"OOM", "it is full: raise its maxmemory, or take another database"},
    Known{"NOPERM",
          "the user of lease_store_login may not do that: let it use the keys upnpd:* (ACL "
          "SETUSER NAME ~upnpd:* +@all)"},
    Known{"READONLY", "it is a read-only replica: name its primary in lease_store"},
    Known{"LOADING", "it loads its data"},
    Known{"NOAUTH", "it asks for a password: set lease_store_login"},
    Known{"WRONGPASS", "it does not know the user and the password of lease_store_login"},
    Known{"ERR invalid password", "it does not take the password of lease_store_login"},
    Known{"MISCONF", "it cannot save to its disk, and takes nothing: mend that first"},
    Known{"MASTERDOWN", "it is a replica that has lost its primary"},
    Known{"CLUSTERDOWN", "its cluster is down"},
    Known{"MOVED", "it is part of a cluster: upnpd wants one server"},
    Known{"WRONGTYPE", "a key of upnpd:* is somebody else's: take another database"},
    Known{"ERR max number of clients", "it has too many clients: raise its maxclients"},
    Known{"DENIED", "it refuses connections of other hosts: see its protected-mode and bind"},
};

}  // namespace

std::string problemText(std::string_view error) {
    const auto known = std::ranges::find_if(
        kKnown, [&](const Known& each) { return error.starts_with(each.start); });
    const std::string said = quoted(error, 120);
    return known == kKnown.end() ? fmt::format("it says {}", said)
                                 : fmt::format("{} ({})", known->text, said);
}

}  // namespace igd::redis
