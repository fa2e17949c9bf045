// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/igd/service_model.h"

#include "model.h"

#include <algorithm>
#include <array>

namespace igd {
namespace {

constexpr std::array kServices1{&kLayer3ForwardingOf1, &kWanCommonInterfaceConfig1,
                                &kWanIpConnection1};
constexpr std::array kServices1Ppp{&kLayer3ForwardingOf1, &kWanCommonInterfaceConfig1,
                                   &kWanPppConnection1};
constexpr std::array kServices2{&kLayer3ForwardingOf2, &kWanCommonInterfaceConfig1,
                                &kWanIpConnection2};
constexpr std::array kServices2WithPinholes{&kLayer3ForwardingOf2, &kWanCommonInterfaceConfig1,
                                            &kWanIpConnection2, &kWanIpv6FirewallControl1};

constexpr std::string_view kConnectionType1 = "urn:schemas-upnp-org:device:WANConnectionDevice:1";
constexpr std::string_view kWanType1 = "urn:schemas-upnp-org:device:WANDevice:1";
constexpr std::string_view kGatewayType1 = "urn:schemas-upnp-org:device:InternetGatewayDevice:1";

constexpr Device kConnection1{DeviceRole::WanConnection, kConnectionType1,
                              std::span{kServices1}.subspan(2)};
constexpr Device kWan1{DeviceRole::Wan, kWanType1, std::span{kServices1}.subspan(1, 1),
                       &kConnection1};
constexpr Device kGateway1{DeviceRole::InternetGateway, kGatewayType1,
                           std::span{kServices1}.first(1), &kWan1};

constexpr Device kConnection1Ppp{DeviceRole::WanConnection, kConnectionType1,
                                 std::span{kServices1Ppp}.subspan(2)};
constexpr Device kWan1Ppp{DeviceRole::Wan, kWanType1, std::span{kServices1Ppp}.subspan(1, 1),
                          &kConnection1Ppp};
constexpr Device kGateway1Ppp{DeviceRole::InternetGateway, kGatewayType1,
                              std::span{kServices1Ppp}.first(1), &kWan1Ppp};

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

}  // namespace

std::string_view descriptionPath(Profile profile) {
    if (profile.version == IgdVersion::Two) return "/rootDesc2.xml";
    return profile.ppp ? "/rootDescPPP.xml" : "/rootDesc.xml";
}

const Device& rootDevice(Profile profile) {
    if (profile.version == IgdVersion::One) return profile.ppp ? kGateway1Ppp : kGateway1;
    return profile.pinholes ? kGateway2WithPinholes : kGateway2;
}

std::span<const Service* const> allServices(Profile profile) {
    if (profile.version == IgdVersion::One && profile.ppp) return kServices1Ppp;
    if (profile.version == IgdVersion::One) return kServices1;
    if (profile.pinholes) return kServices2WithPinholes;
    return kServices2;
}

const Service* serviceById(Profile profile, std::string_view id) {
    const auto services = allServices(profile);
    const auto found =
        std::ranges::find_if(services, [&](const Service* s) { return s->id == id; });
    return found == services.end() ? nullptr : *found;
}

const Service* serviceAs(const Service& service, std::string_view type) {
    if (service.type == type) return &service;
    for (const Profile profile : {kVersion1, kVersion1Ppp}) {
        const Service* const other = serviceById(profile, service.id);
        if (other != nullptr && other->type == type) return other;
    }
    return nullptr;
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
