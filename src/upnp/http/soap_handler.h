// SPDX-License-Identifier: GPL-2.0-or-later
// SOAP: reads a stranger's request, writes it anew for libupnp, and tidies the answer. Of the loop
// thread.
#pragma once

#include "http/http_message.h"
#include "libupnp/relay.h"

#include "upnpd/igd/service_model.h"

namespace igd::upnp {

class SoapHandler {
public:
    explicit SoapHandler(Relay& relay) : relay_(relay) {}
    void handle(const Request& request, const Service& service, const RelayClient& client,
                Reply reply);

private:
    Relay& relay_;
};

}  // namespace igd::upnp
