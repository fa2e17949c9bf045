// SPDX-License-Identifier: GPL-2.0-or-later
// The programs that the engine runs are opened once, while it may.
#include "upnpd/supervisor/front_ends.h"
#include "upnpd/system/child_process.h"

#include <memory>
#include <utility>

namespace igd {

StartHelper startHelpers() {
    struct Programs {
        Program frontEnd{kFrontEndProgram};
        Program advertiser{kAdvertiserProgram};
    };
    return [programs = std::make_shared<const Programs>()](Helper helper, UniqueFd channel,
                                                           const InterfaceName& interface) {
        const bool advertises = helper == Helper::Advertiser;
        return startChild(advertises ? programs->advertiser : programs->frontEnd,
                          std::move(channel),
                          {advertises ? kAdvertiserProgram : kFrontEndProgram, interface.text()});
    };
}

}  // namespace igd
