// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/call_table.h"

#include "upnpd/util/log.h"

#include <utility>

namespace igd::ipc {
namespace {

constexpr std::chrono::milliseconds kSweep{200};
/// A stopped engine fails hundreds of calls a second.
constexpr Seconds kBetweenLines{10};

}  // namespace

CallTable::CallTable(boost::asio::io_context& loop, Channel& channel, Clock::duration grace)
    : channel_(channel), grace_(grace), timer_(loop) {}

void CallTable::ask(const GatewayRequest& request, TimePoint deadline, Answered answered) {
    const std::uint64_t id = nextId_++;
    const auto packet = encode(ToEngine{Call{id, deadline, request}});
    if (!packet) {
        log::debug("ipc: a request has a value that the engine would not read");
        return answered(MappingError::Backend);
    }
    const bool mayAsk = !closed_ && Clock::now() < deadline;
    if (!mayAsk || !isOnItsWay(channel_.send(*packet))) return fail({std::move(answered)});
    waiting_.emplace(id, Waiting{deadline + grace_, std::move(answered)});
    if (!std::exchange(sweeping_, true)) planSweep();
}

void CallTable::answered(const Answer& answer) {
    const auto waiting = waiting_.extract(answer.id);
    if (waiting) waiting.mapped().answered(answer.reply);
}

void CallTable::planSweep() {
    timer_.expires_after(kSweep);
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error) sweep();
    });
}

/// The table is as small as those are few who may wait.
void CallTable::sweep() {
    std::vector<Answered> late;
    const TimePoint now = Clock::now();
    for (auto entry = waiting_.begin(); entry != waiting_.end();) {
        const auto each = entry++;
        if (each->second.until > now) continue;
        late.push_back(std::move(each->second.answered));
        waiting_.erase(each);
    }
    sweeping_ = !waiting_.empty();
    if (sweeping_) planSweep();
    if (!late.empty()) fail(late);
}

void CallTable::close() {
    std::vector<Answered> callers;
    closed_ = true;
    for (auto& [id, waiting] : std::exchange(waiting_, {}))
        callers.push_back(std::move(waiting.answered));
    for (const Answered& answered : callers) answered(MappingError::Backend);
}

void CallTable::fail(const std::vector<Answered>& callers) {
    if (const std::size_t failed = unsaidWith(callers.size()); failed != 0)
        log::error("ipc: {} not carried out: the engine does not answer, or takes no more",
                   failed == 1 ? "a request was" : fmt::format("{} requests were", failed));
    for (const Answered& answered : callers) answered(MappingError::Backend);
}

/// Counts `failed` calls more. Returns how many the log is to speak of now.
std::size_t CallTable::unsaidWith(std::size_t failed) {
    unsaid_ += failed;
    const TimePoint now = Clock::now();
    if (closed_ || now < nextLine_) return 0;
    nextLine_ = now + kBetweenLines;
    return std::exchange(unsaid_, 0);
}

}  // namespace igd::ipc
