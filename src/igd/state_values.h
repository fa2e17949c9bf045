// SPDX-License-Identifier: GPL-2.0-or-later
// The values of state variables are in one place for actions that read them, for events and for
// queries, which therefore never contradict each other.
#pragma once

#include "errors.h"

#include "upnpd/igd/actions.h"

#include <optional>
#include <string>
#include <string_view>

namespace igd {

/// Values are made of these.
struct Source {
    const DeviceIdentity& identity;
    const GatewayStatus& status;
    TimePoint now;
};

/// Returns nullopt for a variable that has no value of its own and only types an argument
/// (RemoteHost, ...).
[[nodiscard]] std::optional<std::string> stateValue(std::string_view variable,
                                                    const Source& source);

/// Returns whether the value is a count of bytes or packets, which no announced status has.
[[nodiscard]] bool isCounted(std::string_view variable);

/// Returns what `make` makes of the status that was announced, or with `fresh` of one that the
/// gateway is asked for. Error: 501 when that does not answer.
template <class Result, class Make>
[[nodiscard]] Step<Result> withStatus(const ControlContext& context, bool fresh, Make make) {
    if (!fresh) return make(Source{context.identity, context.status, context.now});
    return Question<Result>{GetStatus{},
                            [make, &identity = context.identity,
                             now = context.now](const GatewayReply& reply) -> Step<Result> {
                                const auto status = resultIn<GatewayStatus>(reply);
                                if (!status) return Result{tl::unexpected(kNoStatus)};
                                return make(Source{identity, *status, now});
                            }};
}

/// Returns "uuid:...:WANConnectionDevice:1,urn:upnp-org:serviceId:WANIPConn1".
[[nodiscard]] std::string defaultConnectionService(const DeviceIdentity& identity);

}  // namespace igd
