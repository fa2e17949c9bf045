// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/fingerprints.h"

#include "upnpd/util/text.h"

#include <algorithm>

namespace igd::upnp {
namespace {

struct Fingerprint {
    std::string_view agent;  ///< a part of its User-Agent, in lower case
    IgdVersion version;
    bool editsOnlyEndless = false;
};

// tests/network/lab/fingerprints.py has what these clients and others send. A PlayStation and a
// Switch send no User-Agent; they search for version 1, so they see it.
constexpr Fingerprint kFingerprints[] = {
    // It searches for version 1 alone, takes any version of a service, and calls AddPinhole where
    // the description has it. Source: miniupnpc 2.2, miniupnpc.c (deviceList), igd_desc_parse.c.
    {"miniupnpc", IgdVersion::Two},
    // Windows Vista to 11, Xbox One: "Microsoft-Windows/10.0 UPnP/1.0". They stop reading at an
    // SCPD that has GetListOfPortMappings. Source: github.com/miniupnp/miniupnp issue 539.
    {"microsoft", IgdVersion::One, true},
    // The discovery service of Windows, which reads the description for the others. Source:
    // miniupnpd's upnphttp.c, 2021.
    {"fdssdp", IgdVersion::One},
    // Xbox 360: "Xbox/2.0.17559.0 UPnP/1.0 Xbox/2.0.17559.0". Source: github.com/openwrt/packages
    // pull request 14656.
    {"xbox", IgdVersion::One},
    // Windows XP: "Mozilla/4.0 (compatible; UPnP/1.0; Windows 9x)", which old BitTorrent clients
    // send too; Apple's mDNSResponder: "Mozilla/4.0 (compatible; UPnP/1.0; Windows NT/5.1)".
    // Source: mDNSResponder's LegacyNATTraversal.c; OpenWrt's patch 10 of miniupnpd.
    {"(compatible; upnp/1.0; windows", IgdVersion::One, true},
    // Control points made with libupnp: aMule and eMule compare types with those of version 1.
    // Source: aMule's UPnPBase.cpp.
    {"portable sdk for upnp devices", IgdVersion::One},
    // Java: Cling and SBBI refuse ":2", weupnp compares whole types. Source:
    // github.com/kaklakariada/portmapper issue 29, weupnp's GatewayDeviceHandler.java.
    {"cling/", IgdVersion::One},
    {"java/", IgdVersion::One},
};

/// Returns nullptr when it is none of the table.
const Fingerprint* fingerprintOf(std::string_view userAgent) {
    const std::string agent = toLower(userAgent);
    const auto* const found = std::ranges::find_if(kFingerprints, [&](const Fingerprint& each) {
        return agent.find(each.agent) != std::string::npos;
    });
    return found == std::end(kFingerprints) ? nullptr : found;
}

}  // namespace

std::optional<IgdVersion> versionFor(std::string_view userAgent) {
    const Fingerprint* const found = fingerprintOf(userAgent);
    return found != nullptr ? std::optional{found->version} : std::nullopt;
}

bool editsOnlyEndless(std::string_view userAgent) {
    const Fingerprint* const found = fingerprintOf(userAgent);
    return found != nullptr && found->editsOnlyEndless;
}

}  // namespace igd::upnp
