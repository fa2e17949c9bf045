// SPDX-License-Identifier: GPL-2.0-or-later
// This table says which function carries out which action. It is private to the room; a unit test
// checks that every action of the service tables has one.
#pragma once

#include "arguments.h"

#include "upnpd/igd/actions.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

/// A call whose service, action and arguments are sound. Service and action are of the tables; all
/// else ends with the handler.
struct ActionCall {
    const ControlContext& context;
    const Service& service;
    const Action& action;
    const Arguments& in;
    const IpAddress& requester;
};

/// The values of the out-arguments, in the order of the table, which has their names.
using OutValues = tl::expected<std::vector<std::string>, UpnpError>;

/// A handler plans its action.
using Handler = Step<OutValues> (*)(const ActionCall& call);

/// Returns the question whose reply is a `T` or an error; `then` makes the values, or the next
/// question, of it.
template <class T, class Then>
[[nodiscard]] Step<OutValues> question(GatewayRequest request, Then then) {
    return Question<OutValues>{
        std::move(request),
        [then](const GatewayReply& reply) -> Step<OutValues> { return then(resultIn<T>(reply)); }};
}

[[nodiscard]] inline OutValues failed(UpnpError error) {
    return tl::unexpected(error);
}

struct Binding {
    std::string_view action;
    Handler handler;
};

[[nodiscard]] std::span<const Binding> layer3ForwardingBindings();
[[nodiscard]] std::span<const Binding> wanCommonBindings();
[[nodiscard]] std::span<const Binding> wanIpBindings();
[[nodiscard]] std::span<const Binding> ipv6FirewallBindings();

// The next three actions are in WANIPConnection:2 alone.
[[nodiscard]] Step<OutValues> addAnyPortMapping(const ActionCall& call);
[[nodiscard]] Step<OutValues> deletePortMappingRange(const ActionCall& call);
[[nodiscard]] Step<OutValues> getListOfPortMappings(const ActionCall& call);

/// Plans an action that does nothing but tell: it returns the value of each out-argument's
/// state variable.
[[nodiscard]] Step<OutValues> readVariables(const ActionCall& call);

/// Returns nullptr when there is none, which is an error in the tables.
[[nodiscard]] Handler handlerOf(const Service& service, const Action& action);

}  // namespace igd
