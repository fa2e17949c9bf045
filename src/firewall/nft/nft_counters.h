// SPDX-License-Identifier: GPL-2.0-or-later
// The counters of rules' elements, asked for one by one: some microseconds each. The kernel goes
// through a set from its beginning for each part of a dump, so one of 100,000 elements takes it 12
// s.
#pragma once

#include "nft/nft_elements.h"
#include "nft/nft_socket.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>

namespace igd::firewall {

class NftCounters {
public:
    /// Asks the kernel for the counters of `rules`.
    void read(NftSocket& kernel, std::span<const Rule> rules);

    /// Takes the elements in one message of the kernel's about `set`, behind its netlink header.
    void take(const NftSet& set, std::span<const std::byte> message);

    /// Returns the sum of the counters of the rule's elements; nullopt: one of them was not there,
    /// or the rule has none.
    [[nodiscard]] std::optional<Traffic> of(const Rule& rule) const;

private:
    [[nodiscard]] std::optional<Traffic> of(const NftElement& element) const;

    /// By set and by the octets of the key.
    std::map<std::string_view, std::unordered_map<std::string, Traffic>> counters_;
};

}  // namespace igd::firewall
