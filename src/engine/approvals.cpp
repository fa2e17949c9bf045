// SPDX-License-Identifier: GPL-2.0-or-later
#include "approvals.h"

#include "upnpd/system/own_files.h"
#include "upnpd/util/log.h"
#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <limits>
#include <utility>

namespace igd {
namespace {

constexpr std::string_view kHeader = "# upnpd: hosts that may open ports; see approve\n";

std::int64_t unixTime() {
    return std::chrono::duration_cast<Seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// Reads `HOST [PROTOCOL PORT] SECONDS`.
std::optional<std::pair<Approvals::Approved, std::int64_t>> parseLine(std::string_view line) {
    const auto words = igd::words(line);
    if (words.size() != 2 && words.size() != 4) return std::nullopt;
    const auto host = parseAccount(words[0]);
    const auto time = parseUnsigned<std::uint32_t>(words.back());
    if (!host || !time) return std::nullopt;
    Approvals::Approved approved{*host};
    if (words.size() == 4) {
        approved.protocol = parseAnyProtocol(words[1]);
        const auto port =
            approved.protocol ? parsePortOf(*approved.protocol, words[2]) : std::nullopt;
        if (!port) return std::nullopt;
        approved.port = *port;
    }
    return std::pair{approved, std::int64_t{*time}};
}

std::string lineOf(const Approvals::Approved& approved, std::int64_t time) {
    if (!approved.protocol) return fmt::format("{} {}\n", toString(approved.host), time);
    return fmt::format("{} {} {} {}\n", toString(approved.host), lowerName(*approved.protocol),
                       approved.port.value, time);
}

}  // namespace

void Approvals::load(std::filesystem::path file) {
    file_ = std::move(file);
    std::ifstream in{file_};
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        if (line.empty() || line.starts_with('#')) continue;
        const auto read = parseLine(line);
        if (read && approved_.size() < kMostApproved)
            approved_.insert(*read);
        else
            log::warning("approve: {}:{}: this line is left out: {}", file_.string(), number,
                         read ? "there are too many" : "it is no HOST [PROTOCOL PORT] SECONDS");
    }
}

bool Approvals::isApproved(const Asked& asked) const {
    const HostKey host = accountOf(asked.client);
    if (approved_.contains({host})) return true;
    const auto first = approved_.lower_bound({host, asked.protocol, asked.internalPort});
    return first != approved_.end() && first->first.host == host &&
           first->first.protocol == asked.protocol &&
           first->first.port.value < asked.internalPort.value + asked.portCount;
}

std::optional<Refusal> Approvals::refuses(const Asked& asked) const {
    if (mode_() == ApprovalMode::Off || isApproved(asked)) return std::nullopt;
    return Refusal{MappingError::NotApproved, fmt::format("it waits for `upnpctl approve {}`",
                                                          toString(asked.client.address))};
}

void Approvals::refused(const RefusalEvent& event, TimePoint now) {
    if (event.error != MappingError::NotApproved || !event.protocol) return;
    Waiting latest{accountOf(event.client),
                   event.client.address,
                   *event.protocol,
                   event.internalPort,
                   event.what,
                   event.via,
                   now};
    const auto same = std::ranges::find_if(waiting_, [&](const Waiting& each) {
        return each.host == latest.host && each.protocol == latest.protocol &&
               each.port == latest.port;
    });
    if (same != waiting_.end()) {
        latest.count += same->count;
        waiting_.erase(same);
    }
    waiting_.push_back(std::move(latest));
    if (waiting_.size() > kMostWaiting) waiting_.pop_front();
}

std::size_t Approvals::approve(const HostKey& host, TimePoint now) {
    std::size_t count = 0;
    if (mode_() != ApprovalMode::All) put({host});
    for (const Waiting& each : waiting(now)) {
        if (each.host != host) continue;
        if (mode_() == ApprovalMode::All) put({host, each.protocol, each.port});
        ++count;
    }
    std::erase_if(waiting_, [&](const Waiting& each) { return each.host == host; });
    save();
    return count;
}

/// The oldest yes gives way when there are too many.
void Approvals::put(const Approved& approved) {
    approved_[approved] = unixTime();
    if (approved_.size() > kMostApproved)
        approved_.erase(std::ranges::min_element(approved_, {},
                                                 [](const auto& entry) { return entry.second; }));
}

bool Approvals::unapprove(const HostKey& host) {
    const auto count =
        std::erase_if(approved_, [&](const auto& entry) { return entry.first.host == host; });
    if (count != 0) save();
    return count != 0;
}

const std::deque<Approvals::Waiting>& Approvals::waiting(TimePoint now) {
    while (!waiting_.empty() && now - waiting_.front().at > kRemembered) waiting_.pop_front();
    return waiting_;
}

void Approvals::save() {
    if (file_.empty()) return;
    std::string text{kHeader};
    for (const auto& [approved, time] : approved_) text += lineOf(approved, time);
    try {
        (void)replaceFile(file_, text);
    } catch (const FileError& error) {
        log::error("approve: {}: what was approved now does not survive a restart", error.what());
    }
}

}  // namespace igd
