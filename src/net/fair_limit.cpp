// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/fair_limit.h"

#include <algorithm>
#include <random>
#include <utility>

namespace igd {
namespace {

using FloatSeconds = std::chrono::duration<float>;
using Milliseconds = std::chrono::duration<std::uint32_t, std::milli>;

constexpr float kMostOfWhatIsLeft = 8;
/// A quarter is kept, one half of it for neighbours.
constexpr float kCommon = 0.75F;
constexpr float kKept = 0.125F;
constexpr std::uint32_t kSecond = 1000;  ///< milliseconds

std::uint64_t randomSeed() {
    std::random_device random;
    return std::uint64_t{random()} << 32 | random();
}

/// Returns how many times what is left a host may have had: so many that a host alone has all of
/// its rate at once.
float ofWhatIsLeft(float perHost, float common) {
    if (common <= perHost) return kMostOfWhatIsLeft;
    return std::clamp(perHost / (common - perHost), 1.0F, kMostOfWhatIsLeft);
}

std::uint32_t millisecondsOf(TimePoint now) {
    return static_cast<std::uint32_t>(
        std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count());
}

}  // namespace

void FairLimit::Pool::refill(float seconds) {
    tokens = std::min(std::max(rate, 1.0F), tokens + rate * seconds);
}

bool FairLimit::Pool::take() {
    if (tokens < 1) return false;
    --tokens;
    return true;
}

FairLimit::FairLimit(const Rates& rates, std::uint64_t seed)
    : perHost_(static_cast<float>(rates.perHost)),
      later_(static_cast<float>(rates.later)),
      seed_(seed),
      ofWhatIsLeft_(ofWhatIsLeft(perHost_, static_cast<float>(rates.total) * kCommon)) {
    const auto total = static_cast<float>(rates.total);
    for (Family& family : families_) {
        family.common.rate = family.common.tokens = total * kCommon;
        for (Pool& kept : family.kept) kept.rate = kept.tokens = total * kKept;
    }
}

FairLimit::FairLimit(const Rates& rates) : FairLimit(rates, randomSeed()) {}

Admitted FairLimit::ask(const IpAddress& address, const HostKey& key, TimePoint now) {
    Family& family = families_[address.index()];
    refill(family, now);
    const std::uint64_t hash = hashOf(key, seed_);
    const std::uint32_t time = millisecondsOf(now);
    const auto place = static_cast<std::size_t>(hash % family.hosts->size());
    Host& host =
        find((*family.hosts)[place], std::max(static_cast<std::uint32_t>(hash >> 32), 1U), time);
    const bool isNew = time - host.time >= kSecond;
    refill(host, time);
    if (host.tokens - 1 < -later_) return {Admission::OverItsRate};
    if (!takeFromTotal(family, host, isNew, isNeighbour(key))) return {Admission::TotalUsedUp};
    --host.tokens;
    ++host.recent;
    if (host.tokens >= 0) return {Admission::Admitted};
    return {Admission::Later,
            std::chrono::ceil<Clock::duration>(FloatSeconds{-host.tokens / perHost_})};
}

void FairLimit::refill(Family& family, TimePoint now) {
    const float seconds =
        std::clamp(FloatSeconds{now - family.refilled}, FloatSeconds{0}, FloatSeconds{1}).count();
    family.refilled = now;
    if (!family.hosts) family.hosts = std::make_unique<Table>();
    family.common.refill(seconds);
    for (Pool& kept : family.kept) kept.refill(seconds);
}

float FairLimit::tokensAt(const Host& host, std::uint32_t time) const {
    const float seconds = FloatSeconds{Milliseconds{time - host.time}}.count();
    return std::min(perHost_, host.tokens + perHost_ * seconds);
}

/// A host forgets what it has had, and all of it after a silent second.
void FairLimit::refill(Host& host, std::uint32_t time) const {
    const float seconds = FloatSeconds{Milliseconds{time - host.time}}.count();
    host.tokens = tokensAt(host, time);
    host.recent *= std::max(0.0F, 1 - seconds);
    host.time = time;
}

/// Forgetting a host that has been silent for a second changes nothing.
FairLimit::Host& FairLimit::find(Set& set, std::uint32_t id, std::uint32_t time) const {
    const auto worth = [&](const Host& host) {
        const bool isSilent = host.id == 0 || time - host.time >= kSecond;
        return std::pair{!isSilent, perHost_ - tokensAt(host, time)};
    };
    for (Host& each : set)
        if (each.id == id) return each;
    Host& leaves = *std::ranges::min_element(set, {}, worth);
    leaves = {id, perHost_, 0, time - kSecond};
    return leaves;
}

bool FairLimit::takeFromTotal(Family& family, const Host& host, bool isNew,
                              bool isNeighbour) const {
    if (host.recent <= ofWhatIsLeft_ * family.common.tokens && family.common.take()) return true;
    return isNew && family.kept[isNeighbour ? 0 : 1].take();
}

}  // namespace igd
