// SPDX-License-Identifier: GPL-2.0-or-later
// Sends each request of the LAN through the door that its path names. Of the loop thread.
#pragma once

#include "gena/gena_handler.h"
#include "http/gate_request.h"
#include "http/soap_handler.h"
#include "page/page.h"
#include "page/page_actions.h"

#include "upnpd/igd/description.h"

#include <map>

namespace igd::upnp {

class GateRouter final : public RequestHandler {
public:
    GateRouter(const DeviceIdentity& identity, SoapHandler& control, GenaHandler& events,
               Page& page, PageActions& actions);

    [[nodiscard]] std::optional<Response> refusal(const RequestHeader& header,
                                                  const Peer& peer) const override {
        return upnp::refusal(header, peer.local, profile_);
    }
    void handle(Request request, const Peer& peer, Reply reply) override;

private:
    [[nodiscard]] const std::string& descriptionFor(const Route& route, bool version1) const;

    const Profile profile_;
    SoapHandler& control_;
    GenaHandler& events_;
    Page& page_;
    PageActions& actions_;
    // They never change: written once.
    std::map<std::string_view, std::string> descriptions_;  ///< by path
    std::map<const Service*, std::string> scpds_;
};

}  // namespace igd::upnp
