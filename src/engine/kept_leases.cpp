// SPDX-License-Identifier: GPL-2.0-or-later
#include "kept_leases.h"

#include "upnpd/util/log.h"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace igd {
namespace {

/// Clients wait meanwhile: for the next answer, and for all of them.
constexpr std::chrono::seconds kPatience{1};
constexpr std::chrono::seconds kMostPatience{10};
constexpr std::chrono::milliseconds kLook{10};

/// When it was last asked for; the least: not known.
TimePoint lastAskedFor(const Opening& opening) {
    TimePoint last = TimePoint::min();
    for (const Claim& claim : opening.claims) last = std::max(last, claim.history.renewedAt);
    return last;
}

TimePoint monotonic(WallTime time, const Now& now) {
    return now.monotonic + std::chrono::floor<Clock::duration>(time - now.wall);
}

}  // namespace

LeftInStore leftInStore(StorePlace place) {
    place.isFirstLook = true;
    boost::asio::io_context loop{1};
    const auto store = openStore(loop, std::move(place));
    LeftInStore left;
    bool isSettled = false;
    store->start({.read = [&] { left.isRead = true; }, .replaced = [](const std::string&) {}});
    store->lead([&](const tl::expected<Lead, std::string>& taken) {
        isSettled = !taken;
        if (taken) left.lead = *taken;
    });
    const TimePoint end = Clock::now() + kMostPatience;
    TimePoint pause = Clock::now() + kPatience;
    std::size_t rows = 0;
    while (!isSettled && !(left.isRead && left.lead.token != 0) &&
           Clock::now() < std::min(pause, end)) {
        loop.run_one_for(kLook);
        if (const std::size_t now = store->view().openings; std::exchange(rows, now) != now)
            pause = Clock::now() + kPatience;
    }
    left.openings = store->openings(Clock::now());
    bool isOver = false;
    store->stop([&] { isOver = true; });
    while (!isOver) {
        loop.restart();
        loop.run_for(kLook);
        store->childEnded();
    }
    return left;
}

std::set<OpeningName> namesOf(const std::vector<Opening>& openings) {
    std::set<OpeningName> names;
    for (const Opening& each : openings) names.insert(each.name());
    return names;
}

std::vector<Opening> joined(std::vector<Opening> first, std::vector<Opening> second,
                            std::optional<WallTime> closedBy, const Now& now) {
    std::map<OpeningName, std::size_t> places;
    std::map<PinholeId, OpeningName> ids;
    for (std::size_t i = 0; i < first.size(); ++i) {
        places.emplace(first[i].name(), i);
        if (first[i].pinholeId) ids.emplace(*first[i].pinholeId, first[i].name());
    }
    for (Opening& opening : second) {
        const auto place = places.find(opening.name());
        const bool isInFirst = place != places.end();
        const auto id =
            opening.pinholeId ? ids.emplace(*opening.pinholeId, opening.name()).first : ids.end();
        if (id != ids.end() && id->second != opening.name()) continue;  // it was given again since
        if (isInFirst && lastAskedFor(opening) > lastAskedFor(first[place->second]))
            first[place->second] = std::move(opening);
        else if (!isInFirst && (!closedBy || lastAskedFor(opening) > monotonic(*closedBy, now)))
            first.push_back(std::move(opening));
    }
    return first;
}

KeptLeases::KeptLeases(std::unique_ptr<LeaseStore> store, std::function<LeftInStore()> look,
                       Parts parts)
    : store_(std::move(store)), look_(std::move(look)), parts_(std::move(parts)) {}

std::vector<Opening> KeptLeases::load(std::vector<Opening> inFile,
                                      std::optional<WallTime> fileWritten) {
    fileWritten_ = fileWritten;
    left_ = look_();
    isJoined_ = left_.isRead;
    return joined(std::move(inFile), std::exchange(left_.openings, {}), fileWritten, Now::sample());
}

std::optional<TimePoint> KeptLeases::epochStart(const std::string& external) const {
    const Lead& lead = left_.lead;
    const Now now = Now::sample();
    if (!left_.isRead || !lead.epochStart || lead.external != external) return std::nullopt;
    return std::min(monotonic(*lead.epochStart, now), now.monotonic);
}

void KeptLeases::begin() {
    store_->start({.read = [this] { wasRead(); },
                   .replaced =
                       [this](const std::string& by) {
                           log::error(
                               "store: {}: another daemon ({}) writes there since now: this one "
                               "goes on, and writes nothing there; give each a database of its own",
                               store_->view().name, by);
                       }});
    store_->lead([](const tl::expected<Lead, std::string>&) {});
    for (const Opening& opening : parts_.all()) store_->stored(opening);
}

/// An opening that the store alone has was ended here, unless the store has come late.
void KeptLeases::wasRead() {
    if (!store_->view().leads) return;
    std::vector<Opening> there = store_->openings(Clock::now());
    auto here = namesOf(parts_.all());
    if (!std::exchange(isJoined_, true)) {
        auto late = joined(parts_.all(), there, fileWritten_, Now::sample());
        std::erase_if(late, [&](const Opening& each) { return here.contains(each.name()); });
        if (!late.empty()) parts_.restore(late);
        here = namesOf(parts_.all());
    }
    for (const Opening& each : there)
        if (!here.contains(each.name())) store_->ended(each);
}

void KeptLeases::tell(TimePoint epochStart, std::uint32_t bootId, const std::string& external) {
    const Now now = Now::sample();
    store_->keep(now.wall + std::chrono::floor<WallTime::duration>(epochStart - now.monotonic),
                 bootId);
    store_->keepExternal(external);
}

}  // namespace igd
