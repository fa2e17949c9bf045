// SPDX-License-Identifier: GPL-2.0-or-later
#include "lead_taker.h"

#include "batch.h"
#include "problem_text.h"

#include "upnpd/util/text.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace igd::redis {
namespace {

/// A start, or a promotion, that reaches the store by then is no late one.
constexpr store::UnixTime kAtOnce = 5'000;
constexpr std::size_t kLongestName = 64;

using Done = std::function<void(const LeadOutcome&)>;

std::string key(std::string_view name) {
    return std::string{name};
}

void record(Connection& connection, const Candidate& candidate, const store::Led& led, Done done) {
    const std::string token = std::to_string(led.token);
    connection.ask(
        {{"MULTI"},
         {"SET", key(kToken), token},
         {"DEL", key(kLeader)},
         {"HSET", key(kLeader), "instance", std::to_string(candidate.instance), "taken",
          std::to_string(candidate.since), "name", candidate.name},
         changeCommand({"kind", "lead", "token", token, "name", candidate.name}),
         {"EXEC"}},
        [&connection, candidate, led, done = std::move(done)](const std::vector<Reply>& answers) {
            const Reply& executed = answers.back();
            // Somebody else has taken it at the same moment.
            if (executed.kind == Reply::Kind::Nothing) return takeLead(connection, candidate, done);
            for (const Reply& each : answers)
                if (each.isError()) return done(problemText(each.text));
            if (auto problem = problemIn(executed); !problem.empty()) return done(problem);
            constexpr std::size_t kEntry = 3;
            done(TakenLead{led, parseEntryId(executed.at(kEntry).text).value_or(EntryId{})});
        });
}

void judged(Connection& connection, const Candidate& candidate, const LeadRecord& there,
            store::Led led, Done done) {
    const LeadRight right = judge(candidate, there);
    if (right == LeadRight::Take) {
        led.token = std::max(there.token, candidate.token) + 1;
        if (there.name == candidate.name) led.ledSince = there.taken;
        return record(connection, candidate, led, std::move(done));
    }
    LeadOutcome outcome = TakenLead{led};
    if (right == LeadRight::Lost) outcome = store::Leader{there.token, there.name, true};
    connection.ask({{"UNWATCH"}},
                   [done = std::move(done), outcome](const std::vector<Reply>&) { done(outcome); });
}

}  // namespace

LeadRight judge(const Candidate& candidate, const LeadRecord& record) {
    const bool isOwn = record.instance == candidate.instance;
    if (isOwn && record.token == candidate.token && record.token != 0) return LeadRight::Has;
    if (isOwn || record.token == 0) return LeadRight::Take;
    if (candidate.token != 0 && record.token > candidate.token) return LeadRight::Lost;
    const bool isLate = candidate.token != 0 || candidate.now > candidate.since + kAtOnce;
    return isLate && record.taken > candidate.since ? LeadRight::Lost : LeadRight::Take;
}

std::vector<Command> leadQuestion() {
    return {{"GET", key(kToken)},
            {"HMGET", key(kLeader), "instance", "taken", "name"},
            {"MGET", key(kEpoch), key(kBootId), key(kExternal)}};
}

LeadRecord leadIn(const std::vector<Reply>& answers) {
    const Reply& fields = answers[1];
    return {.token = answers[0].asCount(),
            .instance = fields.at(0).asCount(),
            .taken = fields.at(1).asCount(),
            .name = cleanUtf8(fields.at(2).text, kLongestName)};
}

store::KeepEpoch leftIn(const std::vector<Reply>& answers) {
    const Reply& kept = answers[2];
    const auto bootId =
        std::min<std::uint64_t>(kept.at(1).asCount(), std::numeric_limits<std::uint32_t>::max());
    return {kept.at(0).asCount(), static_cast<std::uint32_t>(bootId), kept.at(2).text};
}

void takeLead(Connection& connection, const Candidate& candidate, Done done) {
    std::vector<Command> commands = leadQuestion();
    commands.push_back({"WATCH", key(kToken), key(kBatch)});
    // Once more, since the lead may be another one's before WATCH.
    commands.push_back({"GET", key(kToken)});
    connection.ask(commands, [&connection, candidate,
                              done = std::move(done)](const std::vector<Reply>& answers) {
        for (const Reply& each : answers)
            if (each.isError()) return done(problemText(each.text));
        const LeadRecord there = leadIn(answers);
        if (answers.back().asCount() != there.token) return takeLead(connection, candidate, done);
        const store::KeepEpoch left = leftIn(answers);
        judged(connection, candidate, there,
               store::Led{there.token, left.start, left.bootId, left.external}, done);
    });
}

}  // namespace igd::redis
