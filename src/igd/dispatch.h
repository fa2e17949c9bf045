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

/// A call whose service, action and arguments are sound.
struct ActionCall {
    const ControlContext& context;
    const Service& service;
    const Action& action;
    const Arguments& in;
    const Requester& requester;
};

/// The values of the out-arguments, in the order of the table, which has their names.
using OutValues = tl::expected<std::vector<std::string>, UpnpError>;

using Handler = OutValues (*)(const ActionCall& call);

struct Binding {
    std::string_view action;
    Handler handler;
};

[[nodiscard]] std::span<const Binding> layer3ForwardingBindings();
[[nodiscard]] std::span<const Binding> wanCommonBindings();
[[nodiscard]] std::span<const Binding> wanIpBindings();
[[nodiscard]] std::span<const Binding> ipv6FirewallBindings();

// The next three actions are in WANIPConnection:2 alone.
[[nodiscard]] OutValues addAnyPortMapping(const ActionCall& call);
[[nodiscard]] OutValues deletePortMappingRange(const ActionCall& call);
[[nodiscard]] OutValues getListOfPortMappings(const ActionCall& call);

/// Carries out an action that does nothing but tell: it returns the value of each out-argument's
/// state variable.
[[nodiscard]] OutValues readVariables(const ActionCall& call);

/// Returns nullptr when there is none, which is an error in the tables.
[[nodiscard]] Handler handlerOf(const Service& service, const Action& action);

}  // namespace igd
