// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/igd/service_model.h"

#include "model.h"

#include <algorithm>
#include <array>

namespace igd {
namespace {

constexpr std::array kServices1{&kLayer3Forwarding1, &kWanCommonInterfaceConfig1,
                                &kWanIpConnection1};
constexpr std::array kServices2{&kLayer3Forwarding1, &kWanCommonInterfaceConfig1,
                                &kWanIpConnection2};
constexpr std::array kServices2WithPinholes{&kLayer3Forwarding1, &kWanCommonInterfaceConfig1,
                                            &kWanIpConnection2, &kWanIpv6FirewallControl1};

constexpr Device kConnection1{DeviceRole::WanConnection,
                              "urn:schemas-upnp-org:device:WANConnectionDevice:1",
                              std::span{kServices1}.subspan(2)};
constexpr Device kWan1{DeviceRole::Wan, "urn:schemas-upnp-org:device:WANDevice:1",
                       std::span{kServices1}.subspan(1, 1), &kConnection1};
constexpr Device kGateway1{DeviceRole::InternetGateway,
                           "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
                           std::span{kServices1}.first(1), &kWan1};

constexpr std::string_view kConnectionType2 = "urn:schemas-upnp-org:device:WANConnectionDevice:2";
constexpr std::string_view kWanType2 = "urn:schemas-upnp-org:device:WANDevice:2";
constexpr std::string_view kGatewayType2 = "urn:schemas-upnp-org:device:InternetGatewayDevice:2";

constexpr Device kConnection2{DeviceRole::WanConnection, kConnectionType2,
                              std::span{kServices2}.subspan(2)};
constexpr Device kWan2{DeviceRole::Wan, kWanType2, std::span{kServices2}.subspan(1, 1),
                       &kConnection2};
constexpr Device kGateway2{DeviceRole::InternetGateway, kGatewayType2,
                           std::span{kServices2}.first(1), &kWan2};

constexpr Device kConnection2WithPinholes{DeviceRole::WanConnection, kConnectionType2,
                                          std::span{kServices2WithPinholes}.subspan(2)};
constexpr Device kWan2WithPinholes{DeviceRole::Wan, kWanType2, std::span{kServices2}.subspan(1, 1),
                                   &kConnection2WithPinholes};
constexpr Device kGateway2WithPinholes{DeviceRole::InternetGateway, kGatewayType2,
                                       std::span{kServices2}.first(1), &kWan2WithPinholes};

const Service* serviceBy(Profile profile, std::string_view Service::*property,
                         std::string_view value) {
    const auto services = allServices(profile);
    const auto found =
        std::ranges::find_if(services, [&](const Service* s) { return s->*property == value; });
    return found == services.end() ? nullptr : *found;
}

}  // namespace

const Device& rootDevice(Profile profile) {
    if (profile.version == IgdVersion::One) return kGateway1;
    return profile.pinholes ? kGateway2WithPinholes : kGateway2;
}

std::span<const Service* const> allServices(Profile profile) {
    if (profile.version == IgdVersion::One) return kServices1;
    if (profile.pinholes) return kServices2WithPinholes;
    return kServices2;
}

const Service* serviceByControlPath(Profile profile, std::string_view path) {
    return serviceBy(profile, &Service::controlPath, path);
}

const Service* serviceByEventPath(Profile profile, std::string_view path) {
    return serviceBy(profile, &Service::eventPath, path);
}

const Service* serviceById(Profile profile, std::string_view id) {
    return serviceBy(profile, &Service::id, id);
}

const Service* serviceAs(const Service& service, std::string_view type) {
    if (service.type == type) return &service;
    const Service* const lower = serviceById(kVersion1, service.id);
    return lower != nullptr && lower->type == type ? lower : nullptr;
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
