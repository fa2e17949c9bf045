// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/end_cause.h"

namespace igd {

std::string_view name(EndCause cause) {
    switch (cause) {
        case EndCause::Client:
            return "client";
        case EndCause::Expired:
            return "expired";
        case EndCause::HostAbsent:
            return "host-absent";
        case EndCause::Administrator:
            return "administrator";
        case EndCause::Cleared:
            return "cleared";
        case EndCause::Policy:
            return "policy";
        case EndCause::Replaced:
            return "replaced";
        case EndCause::AddressGone:
            return "address-gone";
        case EndCause::GatewayAbove:
            return "gateway-above";
    }
    return "policy";
}

}  // namespace igd
