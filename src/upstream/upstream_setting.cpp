// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/upstream/upstream_setting.h"

namespace igd {

std::string_view name(Upstream upstream) {
    switch (upstream) {
        case Upstream::Off:
            return "off";
        case Upstream::Auto:
            return "auto";
        case Upstream::Pcp:
            return "pcp";
        case Upstream::NatPmp:
            return "nat-pmp";
        case Upstream::Upnp:
            return "upnp";
    }
    return "off";
}

}  // namespace igd
