// SPDX-License-Identifier: GPL-2.0-or-later
// Interfaces by their names and the indexes that the kernel has for them at present. Pure but for
// set(), which asks the kernel once.
#pragma once

#include "upnpd/net/interface_name.h"

#include <string_view>
#include <vector>

namespace igd {

class FollowedInterfaces {
public:
    struct Followed {
        InterfaceName name;
        int index;  ///< 0: there is no such interface now
    };

    /// Follows `names` from now on, with the indexes that they have now.
    void set(std::vector<InterfaceName> names);

    /// Returns the index of `name`; 0: it is not followed, or is not there.
    [[nodiscard]] int indexOf(const InterfaceName& name) const;
    /// Returns the interface with that index, or nullptr.
    [[nodiscard]] const Followed* byIndex(int index) const;
    [[nodiscard]] const std::vector<Followed>& all() const { return all_; }

    /// Takes in that the interface with `index` is called `name` now, or is gone (`name` is empty).
    /// Returns the indexes that no longer are what they were, and whether one is new.
    struct Change {
        std::vector<int> gone;
        bool isNew = false;
    };
    Change named(int index, std::string_view name);

private:
    std::vector<Followed> all_;
};

}  // namespace igd
