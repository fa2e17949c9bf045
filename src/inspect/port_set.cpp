// SPDX-License-Identifier: GPL-2.0-or-later
#include "port_set.h"

#include "match.h"

#include <algorithm>
#include <limits>

namespace igd::inspect {
namespace {

constexpr std::uint64_t kLast = std::numeric_limits<std::uint16_t>::max();

PortSet all() {
    return PortSet{}.set();
}

/// Returns a word as a number; a larger one than any port is one that no port has.
std::uint64_t numberOf(const Word& word) {
    constexpr std::size_t kPort = Word::kSize - 2;
    const bool larger = std::any_of(word.octets.begin(), word.octets.begin() + kPort,
                                    [](std::uint8_t octet) { return octet != 0; });
    if (larger) return kLast + 1;
    return static_cast<std::uint64_t>(word.octets[kPort]) << 8U | word.octets[kPort + 1];
}

PortSet within(const Word& mask, const Interval& interval) {
    if ((mask & wordOf(kLast)) == wordOf(kLast))
        return portsBetween(numberOf(interval.first), numberOf(interval.last));
    PortSet ports;
    for (std::size_t port = 0; port < ports.size(); ++port) {
        const Word word = wordOf(port) & mask;
        ports[port] = interval.first <= word && word <= interval.last;
    }
    return ports;
}

}  // namespace

PortSet portsBetween(std::uint64_t first, std::uint64_t last) {
    constexpr std::size_t kFew = 1024;  // shifting costs as much
    last = std::min(last, kLast);
    if (first > last) return {};
    const auto begin = static_cast<std::size_t>(first);
    const auto end = static_cast<std::size_t>(last) + 1;
    if (end - begin > kFew) return all() >> (PortSet{}.size() - (end - begin)) << begin;
    PortSet ports;
    for (std::size_t port = begin; port < end; ++port) ports.set(port);
    return ports;
}

bool isDestinationPort(Field field) {
    return field == Field::DestinationPort || field == Field::OriginalDestinationPort ||
           field == Field::ReplySourcePort;
}

void forEachElement(const Packet& packet, std::span<const Operand> operands, const Set& set,
                    const std::function<void(std::size_t, const PortSet&)>& found) {
    if (set.width != operands.size() || set.width == 0) return;
    for (std::size_t at = 0; at + set.width <= set.intervals.size(); at += set.width) {
        std::optional<PortSet> ports;  // nullopt: all
        bool fits = true;
        for (std::size_t i = 0; i < set.width && fits; ++i) {
            const Interval& interval = set.intervals[at + i];
            if (isDestinationPort(operands[i].field)) {
                const PortSet some = within(operands[i].mask, interval);
                ports = ports ? *ports & some : some;
                continue;
            }
            const Reading reading = read(packet, operands[i].field);
            const Word word = reading.word & operands[i].mask;
            fits = reading.known == Truth::Yes && interval.first <= word && word <= interval.last;
        }
        if (fits) found(at / set.width, ports ? *ports : all());
    }
}

bool asksForPort(const Step& condition) {
    if (const auto* const comparison = std::get_if<Comparison>(&condition))
        return isDestinationPort(comparison->field);
    const auto* const membership = std::get_if<Membership>(&condition);
    return membership != nullptr && membership->set &&
           std::ranges::any_of(membership->operands, isDestinationPort, &Operand::field);
}

PortSet portsThatMeet(const Packet& packet, const Step& condition) {
    if (!asksForPort(condition))
        return matches(packet, condition) == Truth::Yes ? all() : PortSet{};
    if (const auto* const comparison = std::get_if<Comparison>(&condition)) {
        const PortSet ports = within(comparison->mask, {comparison->first, comparison->last});
        return comparison->inverted ? ~ports : ports;
    }
    const auto* const membership = std::get_if<Membership>(&condition);
    PortSet ports;
    forEachElement(packet, membership->operands, *membership->set,
                   [&](std::size_t, const PortSet& some) { ports |= some; });
    return membership->inverted ? ~ports : ports;
}

}  // namespace igd::inspect
