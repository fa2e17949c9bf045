// SPDX-License-Identifier: GPL-2.0-or-later
#include "store_tail.h"

#include "problem_text.h"

#include <utility>

namespace igd::redis {

void StoreTail::follow(const store::Begin& setup, EntryId last) {
    last_ = last;
    waits_ = false;
    connection_ = std::make_unique<Connection>(
        loop_, setup.setting, setup.login,
        Connection::Handlers{.ready = [this] { look(); }, .lost = handlers_.lost});
}

/// The first command says whether entries are gone that were never read: entries go in their order.
void StoreTail::look() {
    const std::string stream{kChanges};
    connection_->ask(
        {{"XRANGE", stream, "-", "+", "COUNT", "1"},
         {"XREAD", "COUNT", "64", "BLOCK", "1000", "STREAMS", stream, toString(last_)}},
        [this](const std::vector<Reply>& answers) { looked(answers); });
}

void StoreTail::looked(const std::vector<Reply>& answers) {
    for (const Reply& each : answers)
        if (each.isError()) return handlers_.lost(problemText(each.text));
    if (last_ != EntryId{} && firstIdIn(answers[0]) > last_) return handlers_.missed();
    const auto entries = entriesIn(answers[1], Now::sample());
    if (answers[1].kind == Reply::Kind::Nothing) return look();
    if (entries.empty()) return handlers_.lost("it answers what is no list of changes");
    std::uint32_t bad = 0;
    for (const Entry& each : entries) {
        if (const auto* const row = std::get_if<store::Row>(&each.change))
            handlers_.tell(*row);
        else if (const auto* const gone = std::get_if<store::Gone>(&each.change))
            handlers_.tell(*gone);
        else if (const auto* const leader = std::get_if<store::Leader>(&each.change))
            handlers_.tell(*leader);
        else
            ++bad;
        last_ = each.id;
    }
    waits_ = true;
    handlers_.tell(store::Pause{bad});
    handlers_.reached(last_);
}

void StoreTail::goOn() {
    if (connection_ && std::exchange(waits_, false)) look();
}

void StoreTail::stop() {
    connection_.reset();
    waits_ = false;
}

}  // namespace igd::redis
