// SPDX-License-Identifier: GPL-2.0-or-later
#include "opening_timers.h"

namespace igd {

OpeningTimers::OpeningTimers(boost::asio::io_context& loop, Openings& openings, Pace pace)
    : openings_(openings), pace_(pace), expiry_(loop), flows_(loop), log_(loop) {}

void OpeningTimers::changed() {
    if (stopped_) return;
    armExpiry();
    armFlows();
    armLog();
}

void OpeningTimers::stop() {
    stopped_ = true;
    expiry_.cancel();
    flows_.cancel();
    log_.cancel();
}

void OpeningTimers::armExpiry() {
    const auto next = openings_.nextExpiry();
    if (next == armedFor_) return;
    armedFor_ = next;
    expiry_.cancel();
    if (!next) return;
    expiry_.expires_at(*next);
    expiry_.async_wait([this](boost::system::error_code error) {
        if (!error && !stopped_) endLeases();
    });
}

void OpeningTimers::endLeases() {
    if (openings_.expire(Clock::now())) {
        armedFor_.reset();  // more may be over that had the same end
        return armExpiry();
    }
    // The firewall refused: they stay listed, for they are still there, and it is tried again.
    // armedFor_ stays the end that is overdue, so other changes do not bring the next try forward.
    expiry_.expires_after(pace_.retry);
    expiry_.async_wait([this](boost::system::error_code error) {
        if (!error && !stopped_) endLeases();
    });
}

void OpeningTimers::armFlows() {
    if (flowsArmed_ || openings_.lists().count(OpeningKind::Peer) == 0) return;
    flowsArmed_ = true;
    flows_.expires_after(pace_.refresh);
    flows_.async_wait([this](boost::system::error_code error) {
        flowsArmed_ = false;
        if (error || stopped_) return;
        openings_.refreshFlows(Clock::now());
        armFlows();
    });
}

void OpeningTimers::armLog() {
    const TimePoint next = openings_.nextLogFlush();
    if (logArmed_ || next == TimePoint::max()) return;
    logArmed_ = true;
    log_.expires_at(next);
    log_.async_wait([this](boost::system::error_code error) {
        logArmed_ = false;
        if (error || stopped_) return;
        openings_.flushLog(Clock::now());
        armLog();
    });
}

}  // namespace igd
