// SPDX-License-Identifier: GPL-2.0-or-later
#include "uplinks.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace igd {
namespace {

constexpr Seconds kKept{5};
/// With more clients than that all are asked for anew.
constexpr std::size_t kMostKept = 256;

}  // namespace

bool Uplinks::look(const Configuration& configuration, const Wan& first, TimePoint now) {
    others_.clear();
    for (const InterfaceName& name : configuration.external.names)
        if (name != first.name())
            for (const Ipv4Prefix& each : interfaces_.state(name).addresses)
                others_.push_back(each.address);
    const Sides before = std::exchange(sides_, configuration.sides());
    for (UplinkSide& each : sides_.uplinks) {
        Wan other{interfaces_, each.interface, {}, {}};
        (void)other.refresh(now);
        each.addresses = each.interface == first.name() ? first.addresses() : other.addresses();
    }
    if (before.uplinks == sides_.uplinks) return false;
    answers_.clear();
    return true;
}

std::vector<Ipv4Address> Uplinks::mappedAt(std::vector<Ipv4Address> first) const {
    for (const UplinkSide& each : sides_.uplinks)
        for (const Ipv4Address address : each.addresses)
            if (std::ranges::find(first, address) == first.end()) first.push_back(address);
    return first;
}

std::function<std::optional<Ipv4Address>(Ipv4Address)> Uplinks::elsewhere() {
    if (sides_.uplinks.empty()) return {};
    return [this](Ipv4Address client) { return addressFor(client, Clock::now()); };
}

std::optional<Ipv4Address> Uplinks::addressFor(Ipv4Address client, TimePoint now) {
    if (answers_.size() >= kMostKept) answers_.clear();
    Answer& answer = answers_[client];
    if (now < answer.until) return answer.address;
    const auto by = leavesBy_(client);
    const auto found =
        by ? std::ranges::find(sides_.uplinks, *by, &UplinkSide::interface) : sides_.uplinks.end();
    const bool isOther = found != sides_.uplinks.end() && *by != sides_.external;
    answer.address = isOther && !found->addresses.empty() ? std::optional{found->addresses.front()}
                                                          : std::nullopt;
    answer.until = now + kKept;
    return answer.address;
}

std::string Uplinks::describe() const {
    std::string text;
    for (const UplinkSide& each : sides_.uplinks)
        text +=
            fmt::format("{}{} at {}", text.empty() ? "" : ", ", each.interface.text(),
                        each.addresses.empty() ? "no address" : toString(each.addresses.front()));
    return text.empty() ? sides_.external.text() : text;
}

}  // namespace igd
