// SPDX-License-Identifier: GPL-2.0-or-later
// Sends each request of the LAN through the door that its path names. Of the loop thread.
#pragma once

#include "gena/gena_handler.h"
#include "http/gate_request.h"
#include "http/soap_handler.h"

#include "upnpd/igd/description.h"

#include <map>

namespace igd::upnp {

class GateRouter final : public RequestHandler {
public:
    GateRouter(const DeviceIdentity& identity, SoapHandler& control, GenaHandler& events);

    [[nodiscard]] std::optional<Response> refusal(const RequestHeader& header,
                                                  const Peer& peer) const override {
        return upnp::refusal(header, peer.local, profile_);
    }
    void handle(Request request, const Peer& peer, Reply reply) override;

private:
    const Profile profile_;
    SoapHandler& control_;
    GenaHandler& events_;
    // They never change: written once.
    const std::string description_;
    const std::string version1Description_;
    const std::string page_;
    std::map<const Service*, std::string> scpds_;
};

}  // namespace igd::upnp
