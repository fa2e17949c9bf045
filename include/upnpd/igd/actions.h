// SPDX-License-Identifier: GPL-2.0-or-later
// SOAP actions are carried out here: decoded arguments in, out arguments or a UPnP error out. There
// is no state of its own, so it is as thread-safe as the PortMappingService.
#pragma once

#include "upnpd/igd/description.h"
#include "upnpd/igd/soap.h"
#include "upnpd/portmap/gateway.h"

#include <string>
#include <string_view>
#include <vector>

namespace igd {

/// An error code of the device architecture or of a service, with its fixed text, which never holds
/// a client's words (IGD-SOAP-25).
struct UpnpError {
    int code{};
    std::string_view description;
    bool operator==(const UpnpError&) const = default;
};

using ActionResult =
    tl::expected<std::vector<ArgumentValue>, UpnpError>;  ///< out arguments in SCPD order

/// The control point that calls.
struct Requester {
    IpAddress address;  ///< the control point's own
    Ipv4Address four;   ///< the same host's over IPv4, for which alone there are mappings; 0.0.0.0:
                        ///< not known

    Requester(const IpAddress& own, Ipv4Address overIpv4) : address(own), four(overIpv4) {}
    Requester(Ipv4Address own) : address(own), four(own) {}  // NOLINT(google-explicit-constructor)
};

/// The objects that an action works on.
struct ControlContext {
    PortMappingService& gateway;
    const DeviceIdentity& identity;
};

/// Carries out an action. `service` is the one that the control URL belongs to, in the version that
/// the device has; a control point that calls it as a lower version gets that version's actions,
/// codes and namespace. Errors: 401 for what the service does not have (also another service's
/// type), 402 for missing, doubled or ill-typed arguments, then the action's own.
[[nodiscard]] ActionResult callAction(const ControlContext& context, const Service& service,
                                      const SoapCall& call, const Requester& requester);

/// Answers QueryStateVariable (UDA 1.0 section 3.3) for every variable that has a value of its own
/// (ConnectionStatus, PortMappingNumberOfEntries, Uptime, ...). Errors: 404 for variables that only
/// type an argument, and for unknown ones.
[[nodiscard]] tl::expected<std::string, UpnpError> queryVariable(const ControlContext& context,
                                                                 const Service& service,
                                                                 std::string_view variable);

/// Returns the values of all evented variables of `service`, in the table's order, for initial and
/// later events.
[[nodiscard]] std::vector<ArgumentValue> eventedValues(const Service& service,
                                                       const DeviceIdentity& identity,
                                                       const GatewayStatus& status);

/// Returns the event body `<e:propertyset>` for some variables, values escaped (UDA 1.0 section
/// 4.2).
[[nodiscard]] std::string propertySet(const std::vector<ArgumentValue>& values);

}  // namespace igd
