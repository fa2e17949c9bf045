// SPDX-License-Identifier: GPL-2.0-or-later
// SOAP actions are planned here: decoded arguments in, out arguments, a UPnP error or a question
// for the gateway out. Nothing here waits for anybody.
#pragma once

#include "upnpd/igd/description.h"
#include "upnpd/igd/soap.h"
#include "upnpd/igd/step.h"
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

/// A service that does not have an action answers this.
constexpr UpnpError kInvalidAction{401, "Invalid Action"};

using ActionResult =
    tl::expected<std::vector<ArgumentValue>, UpnpError>;  ///< out arguments in SCPD order

using QueryResult = tl::expected<std::string, UpnpError>;

/// An action goes by this.
struct ControlContext {
    const GatewayStatus& status;     ///< as it was announced last
    const DeviceIdentity& identity;  ///< outlives the last step
    TimePoint now;
    /// The client is told 0 for a lease that was asked for without an end, whatever that has
    /// become.
    bool leasesAsAsked = false;
    std::string agent{};  ///< what the client's program calls itself, clean
};

/// Plans an action that the control point at `requester` calls. `service` is the one that the
/// control URL belongs to, in the version that the device has; a control point that calls it as a
/// lower version gets that version's actions, codes and namespace. Errors: 401 for what the service
/// does not have (also another service's type), 402 for missing, doubled or ill-typed arguments,
/// then the action's own.
[[nodiscard]] Step<ActionResult> callAction(const ControlContext& context, const Service& service,
                                            const SoapCall& call, const IpAddress& requester);

/// Returns the variable that a call of QueryStateVariable names, which must outlive that. Errors:
/// 401 for another action, 402 unless one variable is named.
[[nodiscard]] tl::expected<std::string_view, UpnpError> queriedVariable(const SoapCall& call);

/// Plans the answer to QueryStateVariable (UDA 1.0 section 3.3) for every variable that has a value
/// of its own (ConnectionStatus, PortMappingNumberOfEntries, Uptime, ...). Errors: 404 for
/// variables that only type an argument, and for unknown ones.
[[nodiscard]] Step<QueryResult> queryVariable(const ControlContext& context, const Service& service,
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
