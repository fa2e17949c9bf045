// SPDX-License-Identifier: GPL-2.0-or-later
// The store in a Redis server, as the engine knows it: a process without rights speaks with it;
// this starts that process, and keeps what is to be written and what was read. Loop thread only.
#pragma once

#include "store_health.h"
#include "store_table.h"

#include "upnpd/store/lease_store.h"
#include "upnpd/store/open_store.h"
#include "upnpd/store/store_messages.h"
#include "upnpd/system/helper_process.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace igd {

class RedisStore final : public LeaseStore {
public:
    using Start = HelperProcess::Start;
    [[nodiscard]] static pid_t startProcess(UniqueFd channel);

    RedisStore(boost::asio::io_context& loop, StorePlace place, Start start = startProcess);

    void start(Events events) override;
    void stop(std::function<void()> done) override;
    void lead(Taken taken) override;
    void follow() override;
    void confirm(std::function<void(bool leads)> answered) override;
    void stored(const Opening& opening) override;
    void ended(const Opening& opening) override;
    void keep(std::chrono::system_clock::time_point epochStart, std::uint32_t bootId) override;
    void keepExternal(const std::string& address) override;
    [[nodiscard]] std::vector<Opening> openings(TimePoint now) const override;
    [[nodiscard]] Lead known() const override { return known_; }
    [[nodiscard]] LeaseStoreView view() const override;
    void childEnded() override;

private:
    void launch();
    void endChild();
    void leave();
    void finish();
    void heard(HelperProcess::Packet packet);
    void take(const store::Away& away);
    void take(const store::ReadBegins& /*begins*/) { table_.beginReading(); }
    void take(const store::Row& row);
    void take(const store::Gone& gone);
    void take(const store::Read& read);
    void take(const store::Pause& pause);
    void take(const store::Led& led);
    void take(const store::Leader& leader);
    void take(const store::Confirmed& confirmed);
    void take(const store::Written& written);
    void take(const store::KeepEpoch& left);
    void tellTaken(const tl::expected<Lead, std::string>& taken);
    void tellConfirmed();
    void write();
    void failed(const std::string& problem);
    bool say(const store::ToProcess& message);

    boost::asio::io_context& loop_;
    StorePlace place_;
    store::StoreHealth health_;
    std::uint64_t instance_;
    Start start_;
    Events events_;
    store::StoreTable table_;
    HelperProcess process_;
    boost::asio::steady_timer restart_;
    boost::asio::steady_timer patience_;  ///< of those who want an answer within a second
    boost::asio::steady_timer confirmPatience_;
    boost::asio::steady_timer rest_;  ///< until a batch that was refused goes again
    unsigned failures_ = 0;
    unsigned refusals_ = 0;

    bool leads_ = false;
    store::UnixTime leadsSince_ = 0;
    std::uint64_t token_ = 0;        ///< of the lead that this daemon has; 0: it has none yet
    std::uint64_t leaderToken_ = 0;  ///< of whoever leads
    std::string leader_;
    Lead known_;           ///< by the one that leads
    bool isRead_ = false;  ///< by this process, on the present connection
    Taken taken_;
    std::map<std::uint32_t, std::function<void(bool)>> confirming_;
    std::uint32_t lastConfirm_ = 0;
    std::uint32_t lastWrite_ = 0;
    std::optional<store::KeepEpoch> epoch_;  ///< to be written
    bool epochIsWritten_ = false;            ///< it is part of the batch on its way
    bool writing_ = false;                   ///< a batch is on its way
    bool resting_ = false;
    bool stopped_ = false;
    std::function<void()> done_;
};

}  // namespace igd
