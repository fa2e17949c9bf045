// SPDX-License-Identifier: GPL-2.0-or-later
#include "followed_interfaces.h"

#include <algorithm>

#include <net/if.h>

namespace igd {

void FollowedInterfaces::set(std::vector<InterfaceName> names) {
    all_.clear();
    for (InterfaceName& name : names) {
        const unsigned index = ::if_nametoindex(name.text().c_str());
        all_.push_back({std::move(name), static_cast<int>(index)});
    }
}

int FollowedInterfaces::indexOf(const InterfaceName& name) const {
    const auto found = std::ranges::find(all_, name, &Followed::name);
    return found == all_.end() ? 0 : found->index;
}

const FollowedInterfaces::Followed* FollowedInterfaces::byIndex(int index) const {
    const auto found = std::ranges::find(all_, index, &Followed::index);
    return index == 0 || found == all_.end() ? nullptr : &*found;
}

FollowedInterfaces::Change FollowedInterfaces::named(int index, std::string_view name) {
    Change change;
    for (Followed& each : all_) {
        const bool isIt = each.name.text() == name;
        if (isIt == (each.index == index)) continue;
        if (each.index != 0) change.gone.push_back(each.index);
        each.index = isIt ? index : 0;
        change.isNew = change.isNew || isIt;
    }
    return change;
}

}  // namespace igd
