// SPDX-License-Identifier: GPL-2.0-or-later
// The store as the process without rights knows it: connected, lost, connected again; read whole,
// followed or written. Loop thread only.
#pragma once

#include "batch.h"
#include "connection.h"
#include "lead_taker.h"
#include "store_reader.h"
#include "store_tail.h"

#include "upnpd/store/store_messages.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace igd::redis {

class StoreClient {
public:
    using Tell = std::function<void(const store::ToEngine&)>;
    /// Connects at once. `tell` gets each message for the engine.
    StoreClient(boost::asio::io_context& loop, const store::Begin& setup, Tell tell);

    /// Carries out a message that is no Begin.
    void take(const store::ToProcess& message);

private:
    void lead(store::UnixTime since);
    void follow();
    void readAgain();
    void write(std::uint32_t number);
    void confirm(std::uint32_t number);

    void connect();
    void begin();
    void lost(const std::string& problem);
    void readAll(const std::string& leadProblem);
    void takeLead(std::function<void(const std::string& problem)> done);
    void tookLead(const LeadOutcome& outcome,
                  const std::function<void(const std::string& problem)>& done);
    void reached(EntryId entry);
    void replacedBy(const store::Leader& leader);
    void lookAtLead(std::function<void()> done);
    void poll();

    /// Steps go one by one, since what one watches another would forget. Each calls next() at its
    /// end.
    void step(std::function<void()> step);
    void next();
    [[nodiscard]] Candidate candidate() const;

    boost::asio::io_context& loop_;
    store::Begin setup_;  ///< with the lead as it is now
    Tell tell_;
    std::unique_ptr<Connection> main_;
    StoreReader reader_;
    StoreTail tail_;
    boost::asio::steady_timer retry_;
    boost::asio::steady_timer poll_;
    std::deque<std::function<void()>> steps_;
    bool stepping_ = false;
    bool isRead_ = false;  ///< all was read on this connection
    Batch batch_;
    std::optional<TakenLead> awaited_;  ///< to be told when the tail is there
    std::uint64_t toldToken_ = 0;       ///< of another leader
    store::KeepEpoch toldLeft_;         ///< by it
    unsigned failures_ = 0;
};

}  // namespace igd::redis
