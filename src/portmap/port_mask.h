// SPDX-License-Identifier: GPL-2.0-or-later
// A set of ports in which the next one that is not there is found 64 ports at a time.
#pragma once

#include "upnpd/net/port.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace igd {

class PortMask {
public:
    static constexpr unsigned kEnd = 65536;  ///< one beyond the last port

    void insert(const PortRange& ports);
    void erase(const PortRange& ports);
    PortMask& operator|=(const PortMask& other);

    /// Returns the first number from `from` on that is not in the set; kEnd: none.
    [[nodiscard]] unsigned nextFree(unsigned from) const;
    /// Returns the last number up to `from` that is not in the set, and is a port; 0: none.
    [[nodiscard]] unsigned lastFree(unsigned from) const;

private:
    static constexpr unsigned kBits = 64;
    std::array<std::uint64_t, kEnd / kBits> words_{};
};

}  // namespace igd
