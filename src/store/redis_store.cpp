// SPDX-License-Identifier: GPL-2.0-or-later
#include "redis_store.h"

#include "kept_row.h"

#include "upnpd/system/child_process.h"
#include "upnpd/system/lease_row.h"
#include "upnpd/util/log.h"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <system_error>

namespace igd {
namespace {

using namespace store;

constexpr Seconds kPatience{1};
constexpr Seconds kLongestRest{60};
constexpr Seconds kLongestRetry{8};
constexpr UnixTime kLastUnixTime = 9'000'000'000'000;  // in 2255: no arithmetic on it fails

std::uint64_t newInstance() {
    std::random_device source;
    return (std::uint64_t{source()} << 32 | source()) | 1;
}

std::chrono::system_clock::time_point systemTime(UnixTime time) {
    const auto bounded = static_cast<std::int64_t>(std::min(time, kLastUnixTime));
    return std::chrono::system_clock::time_point{std::chrono::milliseconds{bounded}};
}

}  // namespace

std::unique_ptr<LeaseStore> openStore(boost::asio::io_context& loop, StorePlace place) {
    return std::make_unique<RedisStore>(loop, std::move(place));
}

RedisStore::RedisStore(boost::asio::io_context& loop, StorePlace place, Start start)
    : loop_(loop),
      place_(std::move(place)),
      health_(toString(place_.setting), place_.isFirstLook),
      instance_(newInstance()),
      start_(std::move(start)),
      process_(loop),
      restart_(loop),
      patience_(loop),
      confirmPatience_(loop),
      rest_(loop) {}

/// The version that was there at the first time runs again.
pid_t RedisStore::startProcess(UniqueFd channel) {
    static const Program program{kLeaseStoreProgram};
    return startChild(program, std::move(channel), {kLeaseStoreProgram});
}

void RedisStore::start(Events events) {
    events_ = std::move(events);
    launch();
}

void RedisStore::launch() {
    if (stopped_ || process_.isRunning()) return;
    try {
        process_.start(start_, {[this](HelperProcess::Packet packet) { heard(packet); }});
    } catch (const std::system_error& error) {
        return health_.away(fmt::format("no process speaks with it: {}", error.what()));
    }
    say(Begin{place_.setting, place_.login, place_.name, instance_, token_, leadsSince_});
}

/// Its end of the channel is closed: it ends, and SIGCHLD reports that.
void RedisStore::endChild() {
    process_.hangUp();
    isRead_ = false;
    writing_ = false;
    table_.failed();
    tellConfirmed();
}

bool RedisStore::say(const ToProcess& message) {
    const auto packet = encode(message);
    return packet && process_.say(*packet);
}

void RedisStore::childEnded() {
    const auto how = process_.takeEnd();
    if (!how) return;
    if (stopped_) return finish();
    endChild();
    health_.away(fmt::format("the process that speaks with it has ended: {}", *how));
    restart_.expires_after(std::min(Seconds{1U << std::min(failures_++, 6U)}, kLongestRest));
    restart_.async_wait([this](boost::system::error_code error) {
        if (!error) launch();
    });
}

void RedisStore::stop(std::function<void()> done) {
    stopped_ = true;
    health_.fallSilent();
    done_ = std::move(done);
    restart_.cancel();
    if (!process_.isRunning()) return finish();
    patience_.expires_after(kPatience);
    patience_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        process_.kill();
        finish();
    });
    leave();
}

/// Writes first, where there is somebody who takes it.
void RedisStore::leave() {
    const bool isIdle = table_.waiting() == 0 && !epoch_;
    if (isIdle || !leads_ || health_.isAway()) endChild();
}

void RedisStore::finish() {
    patience_.cancel();
    if (done_) boost::asio::post(loop_, std::exchange(done_, {}));
}

void RedisStore::lead(Taken taken) {
    leads_ = true;
    token_ = 0;
    leadsSince_ = unixTime(std::chrono::system_clock::now());
    taken_ = std::move(taken);
    say(TakeLead{leadsSince_});
    if (health_.isAway()) return tellTaken(tl::unexpected(health_.problem()));
    patience_.expires_after(kPatience);
    patience_.async_wait([this](boost::system::error_code error) {
        if (!error) tellTaken(tl::unexpected<std::string>("it does not answer within a second"));
    });
}

void RedisStore::tellTaken(const tl::expected<Lead, std::string>& taken) {
    if (!taken_) return;
    boost::asio::post(loop_, [tell = std::exchange(taken_, {}), taken] { tell(taken); });
}

void RedisStore::follow() {
    leads_ = false;
    token_ = 0;
    leadsSince_ = 0;
    taken_ = {};
    table_.stopWriting();
    say(Follow{});
}

void RedisStore::confirm(std::function<void(bool leads)> answered) {
    const std::uint32_t number = ++lastConfirm_;
    confirming_[number] = std::move(answered);
    if (health_.isAway() || !say(Confirm{number})) return tellConfirmed();
    confirmPatience_.expires_after(kPatience);
    confirmPatience_.async_wait([this](boost::system::error_code error) {
        if (!error) tellConfirmed();
    });
}

void RedisStore::tellConfirmed() {
    for (auto& each : std::exchange(confirming_, {}))
        boost::asio::post(loop_, [this, answered = std::move(each.second)] { answered(leads_); });
}

void RedisStore::stored(const Opening& opening) {
    if (!leads_) return;
    if (isKept(opening))
        table_.keep(opening);
    else
        table_.forget(opening.name());
    write();
}

void RedisStore::ended(const Opening& opening) {
    if (!leads_) return;
    table_.forget(opening.name());
    write();
}

void RedisStore::keep(std::chrono::system_clock::time_point epochStart, std::uint32_t bootId) {
    if (!leads_) return;
    if (!epoch_) epoch_.emplace();
    epoch_->start = unixTime(epochStart);
    epoch_->bootId = bootId;
    epochIsWritten_ = false;
    write();
}

void RedisStore::keepExternal(const std::string& address) {
    if (!leads_) return;
    if (!epoch_) epoch_.emplace();
    epoch_->external = address;
    epochIsWritten_ = false;
    write();
}

/// One batch at a time, so that nothing is written out of order.
void RedisStore::write() {
    if (!process_.isConnected() || !leads_ || token_ == 0 || !isRead_ || resting_ || writing_)
        return;
    if (table_.isToBeCompared()) return endChild();
    const Now now = Now::sample();
    bool isSaid = true;
    const std::size_t count = table_.takeBatch(
        kMaxBatch, [&](const OpeningName& name, const Opening* opening, std::uint64_t first) {
            if (opening == nullptr) {
                isSaid = say(Forget{leaseNameText(name)}) && isSaid;
                return std::uint64_t{0};
            }
            const Keep row = rowOf(*opening, first, now);
            isSaid = say(row) && isSaid;
            return digestOf(row.line);
        });
    if (count == 0 && !epoch_) return;
    if (epoch_) isSaid = say(*epoch_) && isSaid;
    epochIsWritten_ = epoch_.has_value();
    writing_ = true;
    // Half a batch is none: the next process begins anew.
    if (!isSaid || !say(Write{++lastWrite_})) endChild();
}

void RedisStore::heard(HelperProcess::Packet packet) {
    const auto message = decodeToEngine(packet);
    if (!message) return failed("the process that speaks with it makes no sense");
    std::visit([this](const auto& each) { take(each); }, *message);
}

void RedisStore::take(const Away& away) {
    isRead_ = false;
    writing_ = false;
    table_.failed();
    health_.away(away.problem);
    tellTaken(tl::unexpected(away.problem));
    tellConfirmed();
    if (stopped_) endChild();
}

void RedisStore::take(const Row& row) {
    table_.put(row, Clock::now());
}

void RedisStore::take(const Gone& gone) {
    table_.gone(gone.name);
}

void RedisStore::take(const Pause& pause) {
    health_.bad(pause.bad);
    say(GoOn{});
}

/// Whoever leads is told when what it has to write is there as well.
void RedisStore::take(const Read& read) {
    health_.bad(read.bad);
    table_.endReading(leads_);
    isRead_ = true;
    failures_ = 0;
    if (!leads_ || (token_ != 0 && table_.waiting() == 0)) health_.back();
    if (events_.read) boost::asio::post(loop_, events_.read);
    write();
}

void RedisStore::take(const Led& led) {
    if (!leads_) return;
    token_ = leaderToken_ = led.token;
    leader_ = place_.name;
    take(KeepEpoch{led.epochStart, led.bootId, led.external});
    if (led.ledSince != 0) known_.ledSince = systemTime(led.ledSince);
    tellTaken(known_);
    write();
}

void RedisStore::take(const KeepEpoch& left) {
    known_ = {.token = leaderToken_, .bootId = left.bootId, .external = left.external};
    if (left.start != 0) known_.epochStart = systemTime(left.start);
}

void RedisStore::take(const Leader& leader) {
    leaderToken_ = leader.token;
    leader_ = leader.name;
    if (!leader.replaces || !leads_) return;
    follow();
    if (events_.replaced) events_.replaced(leader.name);
}

void RedisStore::take(const Confirmed& confirmed) {
    const auto found = confirming_.find(confirmed.number);
    if (found == confirming_.end()) return;
    boost::asio::post(loop_, [this, answered = std::move(found->second)] { answered(leads_); });
    confirming_.erase(found);
    if (confirming_.empty()) confirmPatience_.cancel();
}

void RedisStore::take(const Written& written) {
    if (!writing_ || written.number != lastWrite_) return;
    writing_ = false;
    if (!written.problem.empty()) return failed(written.problem);
    refusals_ = 0;
    const std::size_t before = table_.waiting();
    table_.written();
    health_.wrote(before - table_.waiting());
    if (epochIsWritten_) epoch_.reset();
    epochIsWritten_ = false;
    if (table_.waiting() == 0 && !epoch_) health_.back();
    if (stopped_) leave();
    write();
}

/// The store is there, and takes nothing.
void RedisStore::failed(const std::string& problem) {
    table_.failed();
    health_.away(problem);
    if (stopped_) return endChild();
    resting_ = true;
    rest_.expires_after(std::min(Seconds{1U << std::min(refusals_++, 3U)}, kLongestRetry));
    rest_.async_wait([this](boost::system::error_code error) {
        resting_ = false;
        if (!error) write();
    });
}

std::vector<Opening> RedisStore::openings(TimePoint now) const {
    return table_.openings(now);
}

LeaseStoreView RedisStore::view() const {
    return {.name = health_.url(),
            .problem = health_.problem(),
            .leads = leads_,
            .token = leaderToken_,
            .leader = leader_,
            .waiting = table_.waiting(),
            .openings = table_.size()};
}

}  // namespace igd
