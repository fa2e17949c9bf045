// SPDX-License-Identifier: GPL-2.0-or-later
#include "store_reader.h"

#include "problem_text.h"

#include <utility>

namespace igd::redis {

void StoreReader::read(Connection& connection, Done done) {
    reset();
    connection_ = &connection;
    done_ = std::move(done);
    tell_(store::ReadBegins{});
    connection.ask({{"XREVRANGE", std::string{kChanges}, "+", "-", "COUNT", "1"}},
                   [this](const std::vector<Reply>& answers) {
                       if (answers[0].isError()) return finish(problemText(answers[0].text));
                       last_ = firstIdIn(answers[0]);
                       scan("0");
                   });
}

void StoreReader::scan(const std::string& cursor) {
    const std::string pattern = std::string{kRowPrefix} + "*";
    connection_->ask({{"SCAN", cursor, "MATCH", pattern, "COUNT", "100"}},
                     [this](const std::vector<Reply>& answers) { fetch(answers[0]); });
}

void StoreReader::fetch(const Reply& scanned) {
    if (scanned.isError()) return finish(problemText(scanned.text));
    auto found = keysIn(scanned);
    if (!found) return finish("it answers what is no list of keys");
    cursor_ = found->cursor;
    if (found->keys.empty()) return tellRows({}, {});
    std::vector<Command> commands;
    for (const std::string& key : found->keys) commands.push_back({"HMGET", key, "line", "first"});
    connection_->ask(commands, [this, keys = std::move(found->keys)](
                                   const std::vector<Reply>& answers) { tellRows(keys, answers); });
}

/// A row that has ended since its key was found has no fields.
void StoreReader::tellRows(const std::vector<std::string>& keys,
                           const std::vector<Reply>& answers) {
    const Now now = Now::sample();
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const bool isGone = answers[i].at(0).kind == Reply::Kind::Nothing &&
                            answers[i].at(1).kind == Reply::Kind::Nothing && !answers[i].isError();
        if (isGone) continue;
        if (const auto row = rowIn(keys[i], answers[i], now))
            tell_(*row);
        else
            ++bad_;
    }
    rows_ += keys.size();
    if (rows_ > store::kMaxRows) return finish("it has more openings than there can be");
    if (cursor_ != "0") {
        if (keys.empty()) return scan(std::exchange(cursor_, {}));
        return tell_(store::Pause{});
    }
    tell_(store::Read{bad_});
    finish({});
}

void StoreReader::goOn() {
    if (connection_ != nullptr && !cursor_.empty()) scan(std::exchange(cursor_, {}));
}

void StoreReader::finish(const std::string& problem) {
    const EntryId last = last_;
    const Done done = std::move(done_);
    reset();
    done(problem, last);
}

void StoreReader::reset() {
    connection_ = nullptr;
    done_ = {};
    cursor_.clear();
    last_ = {};
    bad_ = 0;
    rows_ = 0;
}

}  // namespace igd::redis
