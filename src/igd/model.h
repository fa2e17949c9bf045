// SPDX-License-Identifier: GPL-2.0-or-later
// Each service has a table in a file of its own. This file says what a table has to be: a wrong one
// does not compile. A further version of a service is a further table.
#pragma once

#include "upnpd/igd/service_model.h"

#include <algorithm>

namespace igd {

// Layer3Forwarding names the connection device with its version, so each tree has one of its own.
extern const Service kLayer3ForwardingOf1;
extern const Service kLayer3ForwardingOf2;
extern const Service kWanCommonInterfaceConfig1;
extern const Service kWanIpConnection1;
extern const Service kWanIpConnection2;
extern const Service kWanPppConnection1;
extern const Service kWanIpv6FirewallControl1;

/// Checks that the default is one of the allowed values, if both are there (DESC-15).
constexpr bool isWellFormed(const StateVariable& variable) {
    const auto& allowed = variable.allowedValues;
    return allowed.empty() || variable.defaultValue.empty() ||
           std::ranges::find(allowed, variable.defaultValue) != allowed.end();
}

/// Checks that in-arguments come before out-arguments (DESC-14), and that only an in-argument can
/// be missing.
constexpr bool isWellFormed(const Action& action) {
    const auto isIn = [](const Argument& a) { return a.direction == Direction::In; };
    return std::ranges::is_partitioned(action.arguments, isIn) &&
           std::ranges::all_of(action.arguments,
                               [&](const Argument& a) { return isIn(a) || !a.whenMissing; });
}

/// Checks that each argument is of a variable of the same service (DESC-14).
constexpr bool isWellFormed(const Service& service) {
    const auto known = [&](const Argument& argument) {
        return std::ranges::find(service.variables, argument.variable, &StateVariable::name) !=
               service.variables.end();
    };
    return std::ranges::all_of(service.variables,
                               [](const StateVariable& v) { return isWellFormed(v); }) &&
           std::ranges::all_of(service.actions, [&](const Action& action) {
               return isWellFormed(action) && std::ranges::all_of(action.arguments, known);
           });
}

}  // namespace igd
