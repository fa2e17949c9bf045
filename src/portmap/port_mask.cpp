// SPDX-License-Identifier: GPL-2.0-or-later
#include "port_mask.h"

#include <bit>

namespace igd {

void PortMask::insert(const PortRange& ports) {
    for (unsigned port = ports.first.value; port <= ports.last.value; ++port)
        words_[port / kBits] |= std::uint64_t{1} << (port % kBits);
}

void PortMask::erase(const PortRange& ports) {
    for (unsigned port = ports.first.value; port <= ports.last.value; ++port)
        words_[port / kBits] &= ~(std::uint64_t{1} << (port % kBits));
}

PortMask& PortMask::operator|=(const PortMask& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
}

unsigned PortMask::nextFree(unsigned from) const {
    if (from >= kEnd) return kEnd;
    std::uint64_t free = ~words_[from / kBits] & (~std::uint64_t{0} << (from % kBits));
    for (unsigned word = from / kBits;; free = ~words_[word]) {
        if (free != 0) return word * kBits + static_cast<unsigned>(std::countr_zero(free));
        if (++word == words_.size()) return kEnd;
    }
}

unsigned PortMask::lastFree(unsigned from) const {
    std::uint64_t free = ~words_[from / kBits] & (~std::uint64_t{0} >> (kBits - 1 - from % kBits));
    for (unsigned word = from / kBits;; free = ~words_[word]) {
        if (free != 0)
            return word * kBits + kBits - 1 - static_cast<unsigned>(std::countl_zero(free));
        if (word-- == 0) return 0;
    }
}

}  // namespace igd
