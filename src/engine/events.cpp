// SPDX-License-Identifier: GPL-2.0-or-later
#include "events.h"

#include "opening_json.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace igd {
namespace {

using Json = nlohmann::json;

std::int64_t unixTime() {
    return std::chrono::duration_cast<Seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::string_view nameOf(const OpeningEvent& event) {
    if (event.after == nullptr) return "ended";
    if (event.before == nullptr) return "granted";
    return event.renewed ? "renewed" : "changed";
}

/// The protocol of the claim that is new or newest.
std::size_t originOf(const Opening& opening) {
    const auto newest = std::ranges::max_element(
        opening.claims, {}, [](const Claim& claim) { return claim.history.renewedAt; });
    return static_cast<std::size_t>(newest->origin);
}

Json refusalJson(const RefusalEvent& event) {
    return {{"via", name(event.via)},
            {"requester", toString(event.requester.address)},
            {"client", toString(event.client.address)},
            {"what", event.what},
            {"error", name(event.error)},
            {"reason", event.reason},
            {"description", event.description}};
}

}  // namespace

void Events::openingStored(const Opening& opening) {
    keeper_.openingStored(opening);
    if (alsoStored_) alsoStored_(opening);
}

void Events::openingEnded(const Opening& opening) {
    keeper_.openingEnded(opening);
    if (alsoEnded_) alsoEnded_(opening);
}

void Events::happened(const OpeningEvent& event) {
    if (event.after == nullptr)
        ++counts_.ended.at(static_cast<std::size_t>(event.end->cause));
    else if (event.before == nullptr)
        ++counts_.granted.at(originOf(*event.after));
    else if (event.renewed)
        ++counts_.renewed.at(originOf(*event.after));
    if (openingListener_) openingListener_(event);
    if (!listeners_.empty()) tell(nameOf(event), jsonOf(event));
}

Json Events::jsonOf(const OpeningEvent& event) const {
    const Opening& opening = event.opening();
    Json json{{"opening", igd::jsonOf(opening, Clock::now(), facts_(opening))}};
    if (event.end == nullptr) return json;
    json["cause"] = name(event.end->cause);
    json["reason"] = event.end->text;
    return json;
}

void Events::refused(const RefusalEvent& event) {
    ++counts_.refused.at(static_cast<std::size_t>(event.error));
    remember(event, Clock::now());
    if (refusalListener_) refusalListener_(event);
    if (!listeners_.empty()) tell("refused", refusalJson(event));
}

void Events::remember(const RefusalEvent& event, TimePoint now) {
    const auto same = std::ranges::find_if(refusals_, [&](const RefusedLately& each) {
        return each.refusal.requester.address == event.requester.address &&
               each.refusal.via == event.via && each.refusal.what == event.what &&
               each.refusal.reason == event.reason;
    });
    RefusedLately latest{event, now};
    if (same != refusals_.end()) {
        latest.count += same->count;
        refusals_.erase(same);
    }
    refusals_.push_back(std::move(latest));
    if (refusals_.size() > kMostRefusals) refusals_.pop_front();
}

const std::deque<RefusedLately>& Events::refusals(TimePoint now) {
    while (!refusals_.empty() && now - refusals_.front().at > kRemembered) refusals_.pop_front();
    return refusals_;
}

void Events::repaired(const std::string& damage) {
    ++counts_.repairs;
    tellText("repaired", damage);
}

void Events::addressChanged(const std::string& external) {
    ++counts_.addressChanges;
    tellText("address", external);
}

void Events::reloaded(const std::string& outcome) {
    tellText("reloaded", outcome);
}

void Events::frontEndRestarted(const std::string& how) {
    ++counts_.frontEndRestarts;
    tellText("front-end", how);
}

void Events::roleChanged(const std::string& text) {
    tellText("role", text);
}

void Events::tellText(std::string_view name, const std::string& text) {
    if (!listeners_.empty()) tell(name, {{"text", text}});
}

void Events::tell(std::string_view name, Json event) {
    event["event"] = name;
    event["time"] = unixTime();
    listeners_.remove_if([&](const Listener& listener) { return !listener(event); });
}

}  // namespace igd
