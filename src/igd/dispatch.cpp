// SPDX-License-Identifier: GPL-2.0-or-later
#include "dispatch.h"

#include "errors.h"
#include "model.h"
#include "state_values.h"

#include <algorithm>

namespace igd {
namespace {

std::span<const Binding> bindingsOf(const Service& service) {
    if (&service == &kLayer3ForwardingOf1 || &service == &kLayer3ForwardingOf2)
        return layer3ForwardingBindings();
    if (&service == &kWanCommonInterfaceConfig1) return wanCommonBindings();
    if (&service == &kWanIpConnection1 || &service == &kWanIpConnection2 ||
        &service == &kWanPppConnection1)
        return wanIpBindings();
    if (&service == &kWanIpv6FirewallControl1) return ipv6FirewallBindings();
    return {};
}

}  // namespace

Handler handlerOf(const Service& service, const Action& action) {
    const auto bindings = bindingsOf(service);
    const auto found = std::ranges::find(bindings, action.name, &Binding::action);
    return found == bindings.end() ? nullptr : found->handler;
}

Step<OutValues> readVariables(const ActionCall& call) {
    const bool counted = std::ranges::any_of(call.action.arguments, isCounted, &Argument::variable);
    return withStatus<OutValues>(call.context, counted,
                                 [&action = call.action](const Source& source) -> OutValues {
                                     std::vector<std::string> values;
                                     for (const auto& argument : action.arguments) {
                                         auto value = stateValue(argument.variable, source);
                                         if (!value) return failed(kActionFailed);
                                         values.push_back(std::move(*value));
                                     }
                                     return values;
                                 });
}

std::span<const Binding> wanCommonBindings() {
    static constexpr Binding kBindings[] = {
        {"GetCommonLinkProperties", readVariables}, {"GetTotalBytesSent", readVariables},
        {"GetTotalBytesReceived", readVariables},   {"GetTotalPacketsSent", readVariables},
        {"GetTotalPacketsReceived", readVariables},
    };
    return kBindings;
}

}  // namespace igd
