// SPDX-License-Identifier: GPL-2.0-or-later
// Use of the machine by this process, as the kernel counts it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace igd {

struct ProcessUse {
    std::chrono::microseconds processorTime{};  ///< its own and the kernel's for it
    std::uint64_t residentBytes{};
    std::uint64_t virtualBytes{};
    std::size_t openDescriptors{};
    std::size_t mostDescriptors{};
};

/// Returns the use at present; 0 for what the kernel does not tell.
[[nodiscard]] ProcessUse useOfThisProcess();

}  // namespace igd
