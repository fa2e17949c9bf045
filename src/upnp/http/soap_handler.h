// SPDX-License-Identifier: GPL-2.0-or-later
// SOAP: reads a stranger's request, asks the gateway what has to be asked, and writes the answer.
// Loop thread only.
#pragma once

#include "http/http_message.h"

#include "upnpd/igd/description.h"
#include "upnpd/igd/soap.h"
#include "upnpd/igd/step.h"

namespace igd::upnp {

/// The client that calls.
struct ControlPoint {
    IpAddress address;
    bool version1 = false;          ///< it is to see a device of version 1
    bool editsOnlyEndless = false;  ///< and no mapping that has an end
    std::string agent{};            ///< what its program calls itself
};

class SoapHandler {
public:
    /// `status` is the one that was announced last. All three must outlive this.
    SoapHandler(Gateway& gateway, const DeviceIdentity& identity, const GatewayStatus& status)
        : gateway_(gateway),
          identity_(identity),
          version1_(asVersion1(identity)),
          status_(status) {}

    /// Answers `request` for `service`, at once or when the gateway has answered. `reply` is called
    /// once, unless the process ends before.
    void handle(const Request& request, const Service& service, const ControlPoint& client,
                Reply reply);

private:
    [[nodiscard]] Step<Response> stepFor(const SoapCall& call, const Service& service,
                                         const ControlPoint& client) const;
    void proceed(Step<Response> step, TimePoint deadline, Reply reply);

    Gateway& gateway_;
    const DeviceIdentity& identity_;
    const DeviceIdentity version1_;
    const GatewayStatus& status_;
};

}  // namespace igd::upnp
