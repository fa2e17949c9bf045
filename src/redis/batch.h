// SPDX-License-Identifier: GPL-2.0-or-later
// Changes that are written at once or not at all, and by nobody who has lost the lead: the server
// carries them out only if neither the lead nor the last batch is another one meanwhile (WATCH).
// So a batch that was on its way when its connection broke never comes behind a later one.
#pragma once

#include "connection.h"

#include "upnpd/store/store_messages.h"

#include <functional>
#include <string>
#include <vector>

namespace igd::redis {

class Batch {
public:
    void add(const store::Keep& row);
    void add(const store::Forget& row);
    void add(const store::KeepEpoch& epoch);
    [[nodiscard]] const std::vector<Command>& commands() const { return commands_; }

private:
    void tell(const std::vector<std::string>& fields);
    std::vector<Command> commands_;
};

/// Returns the command that appends an entry with these names and values to the stream of changes.
[[nodiscard]] Command changeCommand(const std::vector<std::string>& fields);

struct BatchOutcome {
    bool leadsStill = true;  ///< false: the lead has another token, and nothing is written
    std::string problem{};   ///< why it is not written; empty: it is
};
/// Writes `batch` for whoever has the lead with `token`. `done` is not called when the connection
/// is lost.
void write(Connection& connection, std::uint64_t token, const Batch& batch,
           std::function<void(const BatchOutcome&)> done);

/// Returns the problem in the answer to EXEC; empty: all was carried out.
[[nodiscard]] std::string problemIn(const Reply& executed);

}  // namespace igd::redis
