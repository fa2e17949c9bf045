// SPDX-License-Identifier: GPL-2.0-or-later
// Reads all rows of the store, some at a time: what the engine has not taken yet is not asked for.
#pragma once

#include "connection.h"
#include "row_decoder.h"

#include "upnpd/store/store_messages.h"

#include <functional>
#include <string>

namespace igd::redis {

class StoreReader {
public:
    explicit StoreReader(std::function<void(const store::ToEngine&)> tell)
        : tell_(std::move(tell)) {}

    /// Tells ReadBegins, the rows and Read. `done` gets the last change that was there before the
    /// first row, or a problem; it is not called when the connection is lost.
    using Done = std::function<void(const std::string& problem, EntryId last)>;
    void read(Connection& connection, Done done);
    /// The engine has taken what it was told.
    void goOn();
    /// The connection is gone.
    void reset();

private:
    void scan(const std::string& cursor);
    void fetch(const Reply& scanned);
    void tellRows(const std::vector<std::string>& keys, const std::vector<Reply>& answers);
    void finish(const std::string& problem);

    std::function<void(const store::ToEngine&)> tell_;
    Connection* connection_ = nullptr;
    Done done_;
    std::string cursor_;  ///< where GoOn goes on; empty: nothing waits for it
    EntryId last_{};
    std::uint32_t bad_ = 0;
    std::size_t rows_ = 0;
};

}  // namespace igd::redis
