// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/inspect/xt_decoder.h"

#include "xt_matches.h"
#include "xt_targets.h"

#include <algorithm>

namespace igd::inspect {

void decodeXtMatch(std::vector<Step>& steps, std::string_view name, std::uint8_t revision,
                   std::span<const std::byte> info, bool ipv6) {
    const xt::Match match = xt::matchOf(name);
    if (match == nullptr || !match({steps, ipv6}, revision, info))
        steps.emplace_back(Guess{Truth::Unknown});
}

void decodeXtTarget(std::vector<Step>& steps, std::string_view name, std::uint8_t revision,
                    std::span<const std::byte> info, bool ipv6) {
    const xt::Target target = xt::targetOf(name);
    if (target == nullptr || !target({steps, ipv6}, revision, info))
        steps.emplace_back(Verdict{Ending::Unknown});
}

std::optional<std::string> xtComment(std::string_view name, std::span<const std::byte> info) {
    if (name != "comment") return std::nullopt;
    const auto end = std::ranges::find(info, std::byte{0});
    const auto size = static_cast<std::size_t>(end - info.begin());
    return std::string{reinterpret_cast<const char*>(info.data()), size};
}

}  // namespace igd::inspect
