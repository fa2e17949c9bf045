// SPDX-License-Identifier: GPL-2.0-or-later
#include "batch.h"

#include "problem_text.h"
#include "row_decoder.h"

#include <algorithm>
#include <utility>

namespace igd::redis {
namespace {

/// Rows outlast their leases a little: no clock is right.
constexpr store::UnixTime kGrace = 60'000;
constexpr const char* kMostChanges = "10000";

std::string keyOf(const std::string& name) {
    return std::string{kRowPrefix} + name;
}

/// The answers are one for each command; what was refused when it came is told before EXEC's.
std::string problemIn(const std::vector<Reply>& answers) {
    const auto refused = std::find_if(answers.begin(), answers.end() - 1,
                                      [](const Reply& each) { return each.isError(); });
    return refused != answers.end() - 1 ? problemText(refused->text) : problemIn(answers.back());
}

void execute(Connection& connection, std::uint64_t token, const Batch& batch,
             std::function<void(const BatchOutcome&)> done) {
    std::vector<Command> commands{{"MULTI"}};
    commands.insert(commands.end(), batch.commands().begin(), batch.commands().end());
    commands.push_back({"INCR", std::string{kBatch}});
    commands.push_back({"EXEC"});
    connection.ask(commands, [&connection, token, batch,
                              done = std::move(done)](const std::vector<Reply>& answers) {
        // Somebody was in between: the lead is looked at again.
        if (answers.back().kind == Reply::Kind::Nothing)
            return write(connection, token, batch, done);
        done({.problem = problemIn(answers)});
    });
}

}  // namespace

Command changeCommand(const std::vector<std::string>& fields) {
    Command command{"XADD", std::string{kChanges}, "MAXLEN", "~", kMostChanges, "*"};
    command.insert(command.end(), fields.begin(), fields.end());
    return command;
}

void Batch::tell(const std::vector<std::string>& fields) {
    commands_.push_back(changeCommand(fields));
}

void Batch::add(const store::Keep& row) {
    const std::string key = keyOf(row.name);
    const std::string first = std::to_string(row.first);
    commands_.push_back({"HSETNX", key, "first", first});
    commands_.push_back({"HSET", key, "line", row.line});
    if (row.end == 0)
        commands_.push_back({"PERSIST", key});
    else
        commands_.push_back({"PEXPIREAT", key, std::to_string(row.end + kGrace)});
    tell({"kind", "kept", "name", row.name, "first", first, "line", row.line});
}

void Batch::add(const store::Forget& row) {
    commands_.push_back({"DEL", keyOf(row.name)});
    tell({"kind", "gone", "name", row.name});
}

void Batch::add(const store::KeepEpoch& epoch) {
    if (epoch.start != 0)
        commands_.push_back({"SET", std::string{kEpoch}, std::to_string(epoch.start)});
    if (epoch.bootId != 0)
        commands_.push_back({"SET", std::string{kBootId}, std::to_string(epoch.bootId)});
    if (!epoch.external.empty())
        commands_.push_back({"SET", std::string{kExternal}, epoch.external});
}

std::string problemIn(const Reply& executed) {
    if (executed.isError()) return problemText(executed.text);
    const auto refused = std::ranges::find_if(executed.items, &Reply::isError);
    return refused == executed.items.end() ? std::string{} : problemText(refused->text);
}

void write(Connection& connection, std::uint64_t token, const Batch& batch,
           std::function<void(const BatchOutcome&)> done) {
    connection.ask(
        {{"WATCH", std::string{kToken}, std::string{kBatch}}, {"GET", std::string{kToken}}},
        [&connection, token, batch, done = std::move(done)](const std::vector<Reply>& answers) {
            for (const Reply& each : answers)
                if (each.isError()) return done({.problem = problemText(each.text)});
            if (answers[1].asCount() == token) return execute(connection, token, batch, done);
            connection.ask({{"UNWATCH"}}, [done](const std::vector<Reply>&) {
                done({.leadsStill = false, .problem = "another daemon leads"});
            });
        });
}

}  // namespace igd::redis
