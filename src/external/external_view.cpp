// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/external/external_view.h"

#include <fmt/format.h>

namespace igd {

std::string describe(const ExternalView& view) {
    if (view.interface == kNoInterfaceYet)
        return fmt::format("{} (no default route yet)", view.interface);
    if (!view.exists) return fmt::format("{} (no such interface yet)", view.interface);
    if (!view.address)
        return fmt::format("{} ({})", view.interface, view.up ? "no address" : "down");
    const std::string own = fmt::format("{} {}", view.interface, toString(*view.address));
    const std::string_view range = rangeName(*view.address);
    if (view.told && view.told != view.address)
        return fmt::format("{} ({}), told to clients: {} ({})", own, range, toString(*view.told),
                           view.toldFrom);
    const std::string_view warning =
        view.address->isPublic() ? "" : ": not reachable from the Internet";
    const std::string remark =
        view.remark.empty() ? "" : ", told to clients as it is: " + view.remark;
    return fmt::format("{} ({}{}){}", own, range, warning, remark);
}

}  // namespace igd
