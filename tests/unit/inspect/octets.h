// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's structures as octets.
#pragma once

#include <cstddef>
#include <cstring>
#include <vector>

namespace igd::inspect::test {

template <class Info>
std::vector<std::byte> octetsOf(const Info& info) {
    std::vector<std::byte> octets(sizeof info);
    std::memcpy(octets.data(), &info, sizeof info);
    return octets;
}

}  // namespace igd::inspect::test
