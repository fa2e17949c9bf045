// SPDX-License-Identifier: GPL-2.0-or-later
// One question to the gateway's HTTP server, on a connection of its own, within some seconds and
// under bounds: 8 KiB of headers, 64 KiB of body.
#pragma once

#include "igd_documents.h"
#include "link_socket.h"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <optional>
#include <string>

namespace igd::above {

struct HttpQuestion {
    HttpPlace place;
    std::string soapAction;  ///< "TYPE#ACTION"; empty: a document is fetched
    std::string body;
};

/// Calls `answered` once, later, with the body of the answer, whatever its code; nullopt: there is
/// none.
void askHttp(boost::asio::io_context& loop, const Link& link, const HttpQuestion& question,
             std::function<void(const std::optional<std::string>&)> answered);

}  // namespace igd::above
