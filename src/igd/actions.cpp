// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/igd/actions.h"

#include "arguments.h"
#include "dispatch.h"
#include "errors.h"
#include "state_values.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <cassert>

namespace igd {
namespace {

/// Gives the values that a handler returned their names from the table.
std::vector<ArgumentValue> named(const Action& action, std::vector<std::string> values) {
    std::vector<ArgumentValue> result;
    auto value = values.begin();
    for (const auto& argument : action.arguments) {
        if (argument.direction == Direction::In) continue;
        assert(value != values.end());
        result.emplace_back(argument.name, std::move(*value++));
    }
    assert(value == values.end());
    return result;
}

Step<ActionResult> plan(const ControlContext& context, const Service& service, const SoapCall& call,
                        const IpAddress& requester) {
    const Service* const face = serviceAs(service, call.serviceType);
    const Action* const action = face != nullptr ? findAction(*face, call.action) : nullptr;
    const Handler handler = action != nullptr ? handlerOf(*face, *action) : nullptr;
    if (handler == nullptr) return ActionResult{tl::unexpected(kInvalidAction)};
    const auto in = Arguments::decode(*face, *action, call.arguments);
    if (!in) return ActionResult{tl::unexpected(in.error())};
    return mapped<OutValues>(handler({context, *face, *action, *in, requester}),
                             [action](OutValues values) -> ActionResult {
                                 if (!values) return tl::unexpected(values.error());
                                 return named(*action, std::move(*values));
                             });
}

/// Returns `AddPortMapping(NewExternalPort="80x", ...)` for the log.
std::string describe(const SoapCall& call) {
    std::string arguments;
    for (const auto& [name, value] : call.arguments)
        arguments += fmt::format("{}{}={}", arguments.empty() ? "" : ", ", igd::quoted(name),
                                 igd::quoted(value));
    return fmt::format("{}({})", igd::quoted(call.action), arguments);
}

/// Returns whether the error is in the arguments themselves: such a call has not reached the
/// engine, which logs all others.
bool isAboutArguments(const UpnpError& error) {
    return error == kInvalidArgs || error == kArgumentValueInvalid ||
           error == kArgumentValueOutOfRange || error == kWildcardInSource ||
           error == kWildcardInExternalPort || error == kWildcardInInternalPort ||
           error == kInconsistentParameters || error == kSourceWildcard ||
           error == kInternalPortWildcard || error == kProtocolWildcard;
}

void logOutcome(const SoapCall& call, const IpAddress& requester, const ActionResult& result) {
    const auto level =
        !result && isAboutArguments(result.error()) ? log::Level::Info : log::Level::Debug;
    if (!log::enabled(level)) return;
    if (result)
        log::format(level, "upnp: {} called {}: done", toString(requester), describe(call));
    else
        log::format(level, "upnp: refused {} for {}: {} {}", describe(call), toString(requester),
                    result.error().code, result.error().description);
}

}  // namespace

Step<ActionResult> callAction(const ControlContext& context, const Service& service,
                              const SoapCall& call, const IpAddress& requester) {
    return mapped<ActionResult>(plan(context, service, call, requester),
                                [call, requester](ActionResult result) {
                                    logOutcome(call, requester, result);
                                    return result;
                                });
}

tl::expected<std::string_view, UpnpError> queriedVariable(const SoapCall& call) {
    if (call.action != kQueryAction) return tl::unexpected(kInvalidAction);
    if (call.arguments.size() != 1) return tl::unexpected(kInvalidArgs);
    const auto& [name, variable] = call.arguments.front();
    if (name != "varName" || variable.empty()) return tl::unexpected(kInvalidArgs);
    return variable;
}

Step<QueryResult> queryVariable(const ControlContext& context, const Service& service,
                                std::string_view variable) {
    const StateVariable* const known = findVariable(service, variable);
    if (known == nullptr) return QueryResult{tl::unexpected(kInvalidVariable)};
    return withStatus<QueryResult>(context, isCounted(known->name),
                                   [name = known->name](const Source& source) -> QueryResult {
                                       auto value = stateValue(name, source);
                                       if (!value) return tl::unexpected(kInvalidVariable);
                                       return std::move(*value);
                                   });
}

std::vector<ArgumentValue> eventedValues(const Service& service, const DeviceIdentity& identity,
                                         const GatewayStatus& status) {
    // No evented variable tells a time, so none is given.
    std::vector<ArgumentValue> values;
    for (const auto& variable : service.variables) {
        if (!variable.evented) continue;
        if (auto value = stateValue(variable.name, {identity, status, {}}))
            values.emplace_back(variable.name, std::move(*value));
    }
    return values;
}

}  // namespace igd
