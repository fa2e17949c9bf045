// SPDX-License-Identifier: GPL-2.0-or-later
// This file has the actions of Layer3Forwarding:1. There is one connection, so the default can be
// told but not changed.
#include "dispatch.h"
#include "errors.h"
#include "state_values.h"

#include "upnpd/util/text.h"

#include <algorithm>

namespace igd {
namespace {

constexpr std::size_t kUdnLength = 41;  // "uuid:" and 36 characters

bool isDeviceOfOurs(std::string_view device, const DeviceIdentity& identity) {
    const auto rest = device.substr(std::min(kUdnLength, device.size()));
    if (!rest.empty() && rest.front() != ':') return false;
    for (const Device* own = &rootDevice(identity.profile); own != nullptr; own = own->child) {
        if (equalsIgnoringCase(device.substr(0, kUdnLength), udn(identity, own->role))) return true;
    }
    return false;
}

/// Takes NewDefaultConnectionService, "uuid:...:WANConnectionDevice:1,urn:upnp-org:serviceId:...".
Step<OutValues> setDefaultConnectionService(const ActionCall& call) {
    const std::string_view wanted = call.in.text("NewDefaultConnectionService");
    if (equalsIgnoringCase(wanted, defaultConnectionService(call.context.identity)))
        return OutValues{};
    const auto comma = std::min(wanted.find(','), wanted.size());
    if (!isDeviceOfOurs(wanted.substr(0, comma), call.context.identity))
        return failed(kInvalidDeviceUuid);
    const Profile profile = call.context.identity.profile;
    if (serviceById(profile, trimmed(wanted.substr(std::min(comma + 1, wanted.size())))) == nullptr)
        return failed(kInvalidServiceId);
    return failed(profile.version == IgdVersion::One ? kActionFailed : kNotAuthorized);
}

constexpr Binding kBindings[] = {
    {"SetDefaultConnectionService", setDefaultConnectionService},
    {"GetDefaultConnectionService", readVariables},
};

}  // namespace

std::span<const Binding> layer3ForwardingBindings() {
    return kBindings;
}

}  // namespace igd
