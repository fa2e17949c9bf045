// SPDX-License-Identifier: GPL-2.0-or-later
#include "store_client.h"

#include "problem_text.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace igd::redis {
namespace {

using std::chrono::milliseconds;

/// How often the lead is looked at: one that was taken is noticed within a second.
constexpr milliseconds kPoll{400};
constexpr milliseconds kShortestRest{500};
constexpr milliseconds kLongestRest{8000};

store::UnixTime unixNow() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<store::UnixTime>(std::chrono::floor<milliseconds>(now).count());
}

}  // namespace

StoreClient::StoreClient(boost::asio::io_context& loop, const store::Begin& setup, Tell tell)
    : loop_(loop),
      setup_(setup),
      tell_(std::move(tell)),
      reader_(tell_),
      tail_(loop, {.tell =
                       [this](const store::ToEngine& message) {
                           const auto* const leader = std::get_if<store::Leader>(&message);
                           if (leader == nullptr || leader->token != setup_.token) tell_(message);
                       },
                   .reached = [this](EntryId entry) { reached(entry); },
                   .missed = [this] { readAgain(); },
                   .lost = [this](const std::string& problem) { lost(problem); }}),
      retry_(loop),
      poll_(loop) {
    connect();
}

void StoreClient::take(const store::ToProcess& message) {
    if (const auto* const row = std::get_if<store::Keep>(&message)) return batch_.add(*row);
    if (const auto* const name = std::get_if<store::Forget>(&message)) return batch_.add(*name);
    if (const auto* const epoch = std::get_if<store::KeepEpoch>(&message))
        return batch_.add(*epoch);
    if (const auto* const order = std::get_if<store::Write>(&message)) return write(order->number);
    if (const auto* const order = std::get_if<store::Confirm>(&message))
        return confirm(order->number);
    if (const auto* const order = std::get_if<store::TakeLead>(&message)) return lead(order->since);
    if (std::holds_alternative<store::Follow>(message)) return follow();
    if (!std::holds_alternative<store::GoOn>(message)) return;
    reader_.goOn();
    tail_.goOn();
}

void StoreClient::connect() {
    main_ = std::make_unique<Connection>(
        loop_, setup_.setting, setup_.login,
        Connection::Handlers{.ready = [this] { begin(); },
                             .lost = [this](const std::string& problem) { lost(problem); }});
}

/// Whoever leads takes the lead first: nobody else writes while it reads.
void StoreClient::begin() {
    isRead_ = false;
    if (setup_.leadsSince == 0)
        step([this] { readAll({}); });
    else
        step([this] { takeLead([this](const std::string& problem) { readAll(problem); }); });
}

/// Whoever cannot take the lead, because the store takes nothing, reads all the same.
void StoreClient::readAll(const std::string& leadProblem) {
    reader_.read(*main_, [this, leadProblem](const std::string& problem, EntryId last) {
        if (!problem.empty() || !leadProblem.empty())
            return lost(problem.empty() ? leadProblem : problem);
        isRead_ = true;
        failures_ = 0;
        if (awaited_) reached(awaited_->entry);
        if (setup_.token == 0) tail_.follow(setup_, last);
        if (setup_.token == 0 && setup_.leadsSince != 0) lead(setup_.leadsSince);
        poll();
        next();
    });
}

/// Everything is begun anew with the next connection.
void StoreClient::lost(const std::string& problem) {
    main_.reset();
    tail_.stop();
    reader_.reset();
    steps_.clear();
    stepping_ = false;
    isRead_ = false;
    awaited_.reset();
    batch_ = {};
    poll_.cancel();
    tell_(store::Away{problem});
    retry_.expires_after(std::min(kShortestRest * (1U << std::min(failures_++, 4U)), kLongestRest));
    retry_.async_wait([this](boost::system::error_code error) {
        if (!error) connect();
    });
}

Candidate StoreClient::candidate() const {
    return {setup_.name, setup_.instance, setup_.token, setup_.leadsSince, unixNow()};
}

/// Without a connection the lead is taken as soon as there is one.
void StoreClient::lead(store::UnixTime since) {
    setup_.leadsSince = since;
    setup_.token = 0;
    if (!isRead_) return;
    step([this] {
        if (setup_.leadsSince == 0 || setup_.token != 0) return next();
        takeLead([this](const std::string& problem) {
            if (!problem.empty()) return lost(problem);
            next();
        });
    });
}

void StoreClient::takeLead(std::function<void(const std::string& problem)> done) {
    redis::takeLead(
        *main_, candidate(),
        [this, done = std::move(done)](const LeadOutcome& outcome) { tookLead(outcome, done); });
}

/// A follower leads when it knows all that the one before has written.
void StoreClient::tookLead(const LeadOutcome& outcome,
                           const std::function<void(const std::string& problem)>& done) {
    if (const auto* const problem = std::get_if<std::string>(&outcome)) return done(*problem);
    if (const auto* const leader = std::get_if<store::Leader>(&outcome)) {
        replacedBy(*leader);
        return done({});
    }
    awaited_ = std::get<TakenLead>(outcome);
    setup_.token = awaited_->led.token;
    // The tail may have read the entry before this answer came.
    reached(tail_.isFollowing() ? tail_.last() : awaited_->entry);
    done({});
}

void StoreClient::reached(EntryId entry) {
    if (!awaited_ || entry < awaited_->entry) return;
    tail_.stop();
    tell_(std::exchange(awaited_, std::nullopt)->led);
}

void StoreClient::replacedBy(const store::Leader& leader) {
    setup_.leadsSince = 0;
    setup_.token = 0;
    toldToken_ = leader.token;
    tell_(store::Leader{leader.token, leader.name, true});
    if (isRead_) follow();
}

/// Nobody knows what was missed.
void StoreClient::follow() {
    setup_.leadsSince = 0;
    setup_.token = 0;
    awaited_.reset();
    readAgain();
}

void StoreClient::readAgain() {
    tail_.stop();
    if (!main_ || !std::exchange(isRead_, false)) return;
    step([this] { readAll({}); });
}

void StoreClient::write(std::uint32_t number) {
    const Batch batch = std::exchange(batch_, {});
    if (!isRead_ || setup_.token == 0)
        return tell_(store::Written{number, "the store is not ready"});
    step([this, batch, number] {
        redis::write(*main_, setup_.token, batch, [this, number](const BatchOutcome& outcome) {
            tell_(store::Written{number, outcome.problem});
            if (outcome.leadsStill) return next();
            lookAtLead([this] { next(); });
        });
    });
}

/// Somebody else has the lead, or the store has lost it, with all that was in it.
void StoreClient::lookAtLead(std::function<void()> done) {
    main_->ask(leadQuestion(), [this, done = std::move(done)](const std::vector<Reply>& answers) {
        for (const Reply& each : answers)
            if (each.isError()) return lost(problemText(each.text));
        const LeadRecord there = leadIn(answers);
        const store::Leader leader{there.token, there.name};
        if (const auto left = leftIn(answers); setup_.token == 0 && left != toldLeft_)
            tell_(toldLeft_ = left);
        if (setup_.token != 0) {
            const LeadRight right = judge(candidate(), there);
            if (right == LeadRight::Lost) replacedBy(leader);
            if (right == LeadRight::Take) return lost("it has lost what was in it");
        } else if (there.token != toldToken_) {
            toldToken_ = there.token;
            tell_(leader);
        }
        done();
    });
}

void StoreClient::confirm(std::uint32_t number) {
    if (!isRead_) return tell_(store::Confirmed{number});
    step([this, number] {
        lookAtLead([this, number] {
            tell_(store::Confirmed{number});
            next();
        });
    });
}

void StoreClient::poll() {
    poll_.expires_after(kPoll);
    poll_.async_wait([this](boost::system::error_code error) {
        if (error || !isRead_) return;
        if (stepping_) return poll();  // whoever writes looks at the lead as well
        step([this] {
            lookAtLead([this] {
                poll();
                next();
            });
        });
    });
}

void StoreClient::step(std::function<void()> step) {
    steps_.push_back(std::move(step));
    if (!stepping_) next();
}

void StoreClient::next() {
    stepping_ = !steps_.empty();
    if (!stepping_) return;
    const auto step = std::move(steps_.front());
    steps_.pop_front();
    step();
}

}  // namespace igd::redis
