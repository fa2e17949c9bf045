// SPDX-License-Identifier: GPL-2.0-or-later
#include "libupnp/device_callbacks.h"

#include "libupnp/device_documents.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <algorithm>

#include <netinet/in.h>
#include <upnptools.h>

namespace igd::upnp {
namespace {

constexpr UpnpError kActionFailed{501, "Action Failed"};
constexpr UpnpError kInvalidAction{401, "Invalid Action"};

/// libupnp hands its events over as const, but takes the answers in the same objects.
template <class Event>
Event& eventOf(void* event) {
    return *static_cast<Event*>(event);
}

std::optional<Port> portOf(const sockaddr_storage* address) {
    if (address == nullptr || address->ss_family != AF_INET) return std::nullopt;
    return Port{ntohs(reinterpret_cast<const sockaddr_in*>(address)->sin_port)};
}

void refuse(UpnpActionRequest& request, const UpnpError& error) {
    UpnpActionRequest_set_ErrCode(&request, error.code);
    // An empty text would make libupnp say 501.
    UpnpActionRequest_strcpy_ErrStr(&request, std::string{error.description}.c_str());
}

}  // namespace

int DeviceCallbacks::entry(Upnp_EventType type, const void* event, void* self) noexcept {
    try {
        static_cast<DeviceCallbacks*>(self)->dispatch(type, const_cast<void*>(event));
    } catch (const std::exception& error) {
        log::error("upnp: a callback failed: {}", error.what());
    } catch (...) {
        log::error("upnp: a callback failed");
    }
    return 0;
}

void DeviceCallbacks::dispatch(Upnp_EventType type, void* event) {
    if (type == UPNP_CONTROL_ACTION_REQUEST) return perform(eventOf<UpnpActionRequest>(event));
    if (type == UPNP_CONTROL_GET_VAR_REQUEST) return query(eventOf<UpnpStateVarRequest>(event));
}

void DeviceCallbacks::perform(UpnpActionRequest& request) {
    refuse(request, kActionFailed);  // should anything below throw
    SoapCall soap;
    const auto result = call(request, soap);
    if (!result) return refuse(request, result.error());
    auto response = responseTo(soap, *result);
    if (!response) return;
    UpnpActionRequest_set_ActionResult(&request, response.release());
    UpnpActionRequest_set_ErrCode(&request, UPNP_E_SUCCESS);
}

ActionResult DeviceCallbacks::call(UpnpActionRequest& request, SoapCall& call) {
    const auto port = portOf(UpnpActionRequest_get_CtrlPtIPAddr(&request));
    const auto requester = port ? relays_.clientOf(*port) : std::nullopt;
    const Service* const service =
        serviceById(identity_.profile, UpnpActionRequest_get_ServiceID_cstr(&request));
    auto decoded = callOf(UpnpActionRequest_get_ActionRequest(&request));
    if (!requester || Clock::now() >= requester->until) return tl::unexpected(kActionFailed);
    if (service == nullptr || !decoded) return tl::unexpected(kInvalidAction);
    call = std::move(*decoded);
    const DeviceIdentity& seen = requester->version1 ? version1_ : identity_;
    const Service* const face = serviceById(seen.profile, service->id);
    if (face == nullptr) return tl::unexpected(kInvalidAction);
    return callAction({gateway_, seen}, *face, call, requesterOf(requester->address, call));
}

/// Returns the requester. One that speaks IPv6 needs its IPv4 address too, because mappings are for
/// IPv4.
Requester DeviceCallbacks::requesterOf(const IpAddress& address, const SoapCall& call) const {
    const auto* const six = std::get_if<Ipv6Address>(&address);
    if (six == nullptr) return std::get<Ipv4Address>(address);
    const auto client =
        std::ranges::find(call.arguments, "NewInternalClient", &ArgumentValue::first);
    const auto claimed =
        client != call.arguments.end() ? parseIpv4Address(client->second) : std::nullopt;
    const auto four = ipv4Of_ ? ipv4Of_(*six, claimed) : std::nullopt;
    return {address, four.value_or(Ipv4Address{})};
}

/// Answers a query. Without a value libupnp answers 404 Invalid Var; it gets no error of ours,
/// because 1.8.4 frees that text before it writes it. The value is escaped here, because libupnp
/// writes it as it is.
void DeviceCallbacks::query(UpnpStateVarRequest& request) {
    const Service* const service =
        serviceById(identity_.profile, UpnpStateVarRequest_get_ServiceID_cstr(&request));
    if (service == nullptr) return;
    const auto value = queryVariable({gateway_, identity_}, *service,
                                     UpnpStateVarRequest_get_StateVarName_cstr(&request));
    if (!value) return;
    std::string text = xmlEscaped(*value);
    UpnpStateVarRequest_set_CurrentVal(&request, text.data());
    UpnpStateVarRequest_set_ErrCode(&request, UPNP_E_SUCCESS);
}

}  // namespace igd::upnp
