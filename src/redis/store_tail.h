// SPDX-License-Identifier: GPL-2.0-or-later
// Follows what the leader writes, on a connection of its own.
#pragma once

#include "connection.h"
#include "row_decoder.h"

#include "upnpd/store/store_messages.h"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>

namespace igd::redis {

class StoreTail {
public:
    struct Handlers {
        std::function<void(const store::ToEngine&)> tell;
        /// All entries up to that one have been told.
        std::function<void(EntryId)> reached;
        /// The stream was cut behind what was read: all is to be read again.
        std::function<void()> missed;
        std::function<void(const std::string& problem)> lost;
    };
    explicit StoreTail(boost::asio::io_context& loop, Handlers handlers)
        : loop_(loop), handlers_(std::move(handlers)) {}

    /// Follows behind the entry `last`, on a new connection.
    void follow(const store::Begin& setup, EntryId last);
    /// The engine has taken what it was told.
    void goOn();
    void stop();
    /// Returns the last entry that was told.
    [[nodiscard]] EntryId last() const { return last_; }
    [[nodiscard]] bool isFollowing() const { return connection_ != nullptr; }

private:
    void look();
    void looked(const std::vector<Reply>& answers);

    boost::asio::io_context& loop_;
    Handlers handlers_;
    std::unique_ptr<Connection> connection_;
    EntryId last_{};
    bool waits_ = false;  ///< for goOn()
};

}  // namespace igd::redis
