// SPDX-License-Identifier: GPL-2.0-or-later
// UPnP IGD as a control point speaks it: searches and calls out, answers in. It is pure: texts in,
// texts out.
#pragma once

#include "upnpd/net/port.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace igd::above {

/// An address of the gateway's own HTTP server.
struct HttpPlace {
    Port port;
    std::string path;  ///< begins with a slash
    bool operator==(const HttpPlace&) const = default;
};

/// Reads a URL of http whose host is `gateway`, or one that is relative to `base`. Returns nullopt
/// for anything else: nothing is asked of other hosts.
[[nodiscard]] std::optional<HttpPlace> placeIn(std::string_view url, Ipv4Address gateway,
                                               const HttpPlace& base);

/// Returns an M-SEARCH for gateways (UPnP Device Architecture 1.1, section 1.3.2) to that host.
[[nodiscard]] std::string searchFor(std::string_view host);
/// Returns LOCATION of the answer to a search; empty: it is none.
[[nodiscard]] std::string locationIn(std::string_view datagram);

/// The service of a gateway that maps ports.
struct Connection {
    std::string type;        ///< "urn:schemas-upnp-org:service:WANIPConnection:1"
    std::string controlUrl;  ///< as the description has it
    std::string urlBase;     ///< empty: there is none
    std::string uuid;        ///< the device's, in small letters, without "uuid:"
};
/// Returns all services for mapping ports in a description, in their order, 8 at most.
[[nodiscard]] std::vector<Connection> connectionsIn(std::string_view description);

using Arguments = std::vector<std::pair<std::string, std::string>>;
/// Returns the envelope of a call (UPnP Device Architecture 1.1, section 3.1.1).
[[nodiscard]] std::string callText(std::string_view type, std::string_view action,
                                   const Arguments& arguments);

struct CallAnswer {
    int error = 0;  ///< UPnP's code; 0: success
    std::string description;
    std::map<std::string, std::string> values;
};
/// Reads the answer to `action`, or a fault. Returns nullopt for anything else.
[[nodiscard]] std::optional<CallAnswer> readCallAnswer(std::string_view action,
                                                       std::string_view body);

}  // namespace igd::above
