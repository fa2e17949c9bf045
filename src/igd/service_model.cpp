// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/igd/service_model.h"

#include "model.h"

#include <algorithm>
#include <array>

namespace igd {
namespace {

constexpr Device kWanConnectionDevice{
    DeviceRole::WanConnection,
    "urn:schemas-upnp-org:device:WANConnectionDevice:1",
    {&kWanIpConnection1, 1},
};
constexpr Device kWanDevice{
    DeviceRole::Wan,
    "urn:schemas-upnp-org:device:WANDevice:1",
    {&kWanCommonInterfaceConfig1, 1},
    &kWanConnectionDevice,
};
constexpr Device kInternetGatewayDevice{
    DeviceRole::InternetGateway,
    "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
    {&kLayer3Forwarding1, 1},
    &kWanDevice,
};

constexpr std::array kServices{&kLayer3Forwarding1, &kWanCommonInterfaceConfig1, &kWanIpConnection1};

const Service* serviceBy(std::string_view Service::*property, std::string_view value) {
    const auto found =
        std::ranges::find_if(kServices, [&](const Service* s) { return s->*property == value; });
    return found == kServices.end() ? nullptr : *found;
}

}  // namespace

const Device& rootDevice() {
    return kInternetGatewayDevice;
}

std::span<const Service* const> allServices() {
    return kServices;
}

const Service* serviceByControlPath(std::string_view path) {
    return serviceBy(&Service::controlPath, path);
}

const Service* serviceByEventPath(std::string_view path) {
    return serviceBy(&Service::eventPath, path);
}

const Service* serviceByScpdPath(std::string_view path) {
    return serviceBy(&Service::scpdPath, path);
}

const Service* serviceById(std::string_view id) {
    return serviceBy(&Service::id, id);
}

const Action* findAction(const Service& service, std::string_view name) {
    const auto found = std::ranges::find(service.actions, name, &Action::name);
    return found == service.actions.end() ? nullptr : &*found;
}

const StateVariable* findVariable(const Service& service, std::string_view name) {
    const auto found = std::ranges::find(service.variables, name, &StateVariable::name);
    return found == service.variables.end() ? nullptr : &*found;
}

}  // namespace igd
