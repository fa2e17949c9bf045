// SPDX-License-Identifier: GPL-2.0-or-later
#include "rates.h"

#include "members.h"
#include "openings_text.h"
#include "shown_text.h"
#include "table.h"
#include "units.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace igd::ctl {
namespace {

/// Returns what stays the same while an opening is there.
std::string nameOf(const Json& opening) {
    Json name = Json::array();
    for (const char* const key : {"kind", "protocol", "external_port", "internal_address",
                                  "internal_port", "remote_host", "id"})
        name.push_back(opening.contains(key) ? opening[key] : Json());
    return name.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string rateText(std::optional<double> rate) {
    return rate ? bytesText(static_cast<std::int64_t>(*rate)) + "/s" : "-";
}

}  // namespace

std::vector<Used> Rates::take(const std::vector<Json>& openings, TimePoint now) {
    std::vector<Used> used;
    std::map<std::string, Look> looks;
    for (const Json& opening : openings) {
        Used one{opening};
        if (const auto bytes = numberOf(opening, "bytes")) {
            const std::string name = nameOf(opening);
            const auto before = before_.find(name);
            const bool isLater = before != before_.end() && now > before->second.at;
            if (isLater && *bytes >= before->second.bytes)
                one.rate = static_cast<double>(*bytes - before->second.bytes) /
                           std::chrono::duration<double>(now - before->second.at).count();
            looks[name] = {*bytes, now};
        }
        used.push_back(std::move(one));
    }
    before_ = std::move(looks);
    const auto order = [](const Used& each) {
        return std::tuple{-each.rate.value_or(-1), -numberOf(each.opening, "bytes").value_or(-1)};
    };
    std::ranges::stable_sort(used, {}, order);
    return used;
}

std::string ratesText(const std::vector<Used>& used, std::int64_t time, const Screen& screen) {
    constexpr std::size_t kAround = 3;  // the line above, the heading, the cursor
    double all = 0;
    for (const Used& each : used) all += each.rate.value_or(0);
    std::string text =
        fmt::format("{}  {} opening(s), {}\n", clockText(time), used.size(), rateText(all));
    Table table{{{"RATE", true},
                 {"BYTES", true},
                 {"LEFT"},
                 {"CLIENT"},
                 {"NAME", false, true},
                 {"OPENING"},
                 {"DESCRIPTION", false, true}}};
    const std::size_t room =
        screen.lines ? *screen.lines - std::min(*screen.lines, kAround) : used.size();
    for (std::size_t i = 0; i < std::min(room, used.size()); ++i) {
        const Json& opening = used[i].opening;
        const auto bytes = numberOf(opening, "bytes");
        const std::string description = descriptionOf(opening);
        table.add({rateText(used[i].rate), bytes ? bytesText(*bytes) : "-",
                   leaseText(numberOf(opening, "lease").value_or(0)),
                   textOf(opening, "internal_address", "?"),
                   textOf(objectOf(opening, "client"), "name"), endsText(opening),
                   description.empty() ? "" : shown(description, screen.unicode)});
    }
    table.dropEmptyColumns();
    if (!used.empty()) text += table.text(screen);
    return text;
}

}  // namespace igd::ctl
