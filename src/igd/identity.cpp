// SPDX-License-Identifier: GPL-2.0-or-later
// UUIDs stay the same: those of machine, device and embedded devices.
#include "upnpd/igd/description.h"
#include "upnpd/util/text.h"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>
#include <boost/uuid/uuid_io.hpp>

#include <algorithm>

namespace igd {
namespace {

/// The namespace of everything derived here: 905dbdf7-c271-4448-a6af-c7cf3ee2a6d2, drawn at random
/// once.
constexpr boost::uuids::uuid kNamespace{{0x90, 0x5d, 0xbd, 0xf7, 0xc2, 0x71, 0x44, 0x48, 0xa6, 0xaf,
                                         0xc7, 0xcf, 0x3e, 0xe2, 0xa6, 0xd2}};

boost::uuids::uuid derived(const boost::uuids::uuid& space, std::string_view name) {
    return boost::uuids::name_generator_sha1{space}(name.data(), name.size());
}

std::string_view nameOf(DeviceRole role) {
    switch (role) {
        case DeviceRole::InternetGateway:
            return "InternetGatewayDevice";
        case DeviceRole::Wan:
            return "WANDevice";
        case DeviceRole::WanConnection:
            return "WANConnectionDevice";
    }
    return {};
}

}  // namespace

std::string deriveUuid(std::string_view machineId, std::string_view name) {
    // The two steps keep any pair of a machine and a name from being mistaken for another pair.
    return boost::uuids::to_string(derived(derived(kNamespace, machineId), name));
}

DeviceIdentity asVersion1(DeviceIdentity identity) {
    identity.profile = kVersion1;
    return identity;
}

DeviceIdentity asAnnounced(const DeviceIdentity& identity) {
    return identity.announced == IgdVersion::One ? asVersion1(identity) : identity;
}

std::vector<Profile> profilesOf(const DeviceIdentity& identity) {
    std::vector<Profile> profiles{asAnnounced(identity).profile};
    for (const Profile profile : {identity.profile, kVersion1, kVersion1Ppp})
        if (std::ranges::find(profiles, profile) == profiles.end()) profiles.push_back(profile);
    return profiles;
}

std::string udn(const DeviceIdentity& identity, DeviceRole role) {
    if (role == DeviceRole::InternetGateway) return "uuid:" + identity.uuid;
    return "uuid:" + deriveUuid(toLower(identity.uuid), nameOf(role));
}

}  // namespace igd
