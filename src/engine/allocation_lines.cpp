// SPDX-License-Identifier: GPL-2.0-or-later
#include "allocation_lines.h"

#include "opening_facts.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <string_view>
#include <variant>

namespace igd {
namespace {

/// A pinhole and a flow of IPv6 are reached at the client's own address.
bool isTranslated(const Opening& opening) {
    return opening.externalPort != Port{0} &&
           std::holds_alternative<Ipv4Address>(opening.internal.address);
}

std::string portsText(const PortRange& ports) {
    return ports.first == ports.last ? std::to_string(ports.first.value) : toString(ports);
}

/// A flow has the address from which it began.
std::string externalText(const Opening& opening, std::optional<Ipv4Address> external) {
    if (opening.flowAddress) return toString(*opening.flowAddress);
    return external ? toString(*external) : "none";
}

std::string allocationText(const Opening& opening, std::optional<Ipv4Address> external) {
    return fmt::format("{} {}:{} for {}:{}, host {}, by {}", lowerName(opening.protocol),
                       externalText(opening, external), portsText(opening.externalPorts()),
                       toString(opening.internal.address), portsText(opening.internalPorts()),
                       toString(opening.account), logName(opening.claims.front().origin));
}

/// "2026-01-31T10:00:00Z"
std::string utcText(std::chrono::system_clock::time_point time) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

/// Nothing where an earlier run of the daemon did not note it.
std::string sinceText(const Opening& opening, TimePoint now,
                      std::chrono::system_clock::time_point wall) {
    const TimePoint made = historyOf(opening).madeAt;
    if (made == TimePoint{}) return {};
    const auto age = std::chrono::duration_cast<std::chrono::system_clock::duration>(now - made);
    return ", since " + utcText(wall - age);
}

log::Subject subjectOf(const Opening& opening, std::string_view action) {
    return {toString(opening.internal.address), opening.externalPort.value, action};
}

AllocationLine beginning(const Opening& opening, std::optional<Ipv4Address> external) {
    return {"allocation begins: " + allocationText(opening, external),
            subjectOf(opening, "granted")};
}

AllocationLine ending(const Opening& opening, std::optional<Ipv4Address> external,
                      std::string_view since, std::string_view why) {
    return {fmt::format("allocation ends: {}{}, {}", allocationText(opening, external), since, why),
            subjectOf(opening, "ended")};
}

bool isSameAllocation(const Opening& before, const Opening& after) {
    return before.internal == after.internal && before.account == after.account;
}

}  // namespace

std::vector<AllocationLine> allocationLines(const OpeningEvent& event,
                                            std::optional<Ipv4Address> external, TimePoint now,
                                            std::chrono::system_clock::time_point wall) {
    const auto& [before, after, end, renewed] = event;
    if (renewed || !isTranslated(event.opening())) return {};
    if (before != nullptr && after != nullptr && isSameAllocation(*before, *after)) return {};
    std::vector<AllocationLine> lines;
    if (before != nullptr)
        lines.push_back(ending(*before, external, sinceText(*before, now, wall),
                               name(end != nullptr ? end->cause : EndCause::Replaced)));
    if (after != nullptr) lines.push_back(beginning(*after, external));
    return lines;
}

}  // namespace igd
