// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/util/build_parts.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace igd {
namespace {

struct Entry {
    BuildPart part;
    std::string_view name;
    bool builtIn;
};

/// src/util/CMakeLists.txt defines the numbers, 0 or 1.
constexpr std::array kParts{
    Entry{BuildPart::Nftables, "nftables", UPNPD_HAS_NFTABLES != 0},
    Entry{BuildPart::Iptables, "iptables", UPNPD_HAS_IPTABLES != 0},
    Entry{BuildPart::Pcp, "NAT-PMP and PCP", UPNPD_HAS_PCP != 0},
    Entry{BuildPart::Ipv6, "IPv6", UPNPD_HAS_IPV6 != 0},
    Entry{BuildPart::Seccomp, "seccomp", UPNPD_HAS_SECCOMP != 0},
    Entry{BuildPart::Systemd, "systemd (firewalld over D-Bus)", UPNPD_HAS_SYSTEMD != 0},
    Entry{BuildPart::Redis, "stores of leases (Redis)", UPNPD_HAS_REDIS != 0},
};

const Entry& entryOf(BuildPart part) {
    return *std::ranges::find(kParts, part, &Entry::part);
}

std::string namesOf(bool builtIn) {
    std::string names;
    for (const Entry& each : kParts)
        if (each.builtIn == builtIn) names.append(names.empty() ? "" : ", ").append(each.name);
    return names;
}

}  // namespace

bool isBuiltIn(BuildPart part) {
    return entryOf(part).builtIn;
}

std::string builtWithout(BuildPart part) {
    return "this upnpd was built without " + std::string{entryOf(part).name};
}

std::string buildPartsText() {
    const std::string out = namesOf(false);
    return namesOf(true) + (out.empty() ? "" : "\nleft out: " + out);
}

}  // namespace igd
