// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/fair_limit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace igd {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeed = 4711;
constexpr Ipv4Address kAlice{0xc0a8320a};
const TimePoint t0{Seconds{100}};
/// The defaults of searches, and of requests over HTTP.
constexpr FairLimit::Rates kSearches{20, 200};
constexpr FairLimit::Rates kRequests{100, 1000, 32};

Ipv4Address four(std::uint32_t number) {
    return Ipv4Address{0xc0a80000 + number};
}

HostKey neighbour(std::uint32_t number) {
    return MacAddress{{2, 0, 0, static_cast<std::uint8_t>(number >> 16),
                       static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)}};
}

TEST(FairLimit, AHostHasItsRateAndASecondOfItAtOnce) {  // SSDP-MSEARCH-31
    FairLimit limit{{2, 100}, kSeed};
    EXPECT_TRUE(limit.admits(kAlice, kAlice, t0));
    EXPECT_TRUE(limit.admits(kAlice, kAlice, t0));
    EXPECT_EQ(limit.ask(kAlice, kAlice, t0 + 499ms).admission, Admission::OverItsRate);
    EXPECT_TRUE(limit.admits(kAlice, kAlice, t0 + 500ms));
    EXPECT_FALSE(limit.admits(kAlice, kAlice, t0 + 999ms));
    EXPECT_TRUE(limit.admits(kAlice, kAlice, t0 + 1000ms));
    EXPECT_TRUE(limit.admits(four(5), four(5), t0 + 1000ms));
}

TEST(FairLimit, WhatComesTooFastIsAdmittedLater) {
    FairLimit limit{{10, 1000, 2}, kSeed};
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(limit.admits(kAlice, kAlice, t0));
    for (const auto wait : {100ms, 200ms}) {
        const auto later = limit.ask(kAlice, kAlice, t0);
        EXPECT_EQ(later.admission, Admission::Later);
        EXPECT_NEAR(std::chrono::duration<double>(later.wait).count(),
                    std::chrono::duration<double>(wait).count(), 1e-6);
    }
    EXPECT_EQ(limit.ask(kAlice, kAlice, t0).admission, Admission::OverItsRate);
    EXPECT_EQ(limit.ask(kAlice, kAlice, t0 + 100ms).admission, Admission::Later);
}

TEST(FairLimit, ManyAddressesOfOneHostAreOneHost) {
    FairLimit limit{kSearches, kSeed};
    int admitted = 0;
    for (std::uint32_t i = 0; i < 20 * 100; ++i)
        admitted += limit.admits(four(i % 20), neighbour(1), t0 + i * 500us) ? 1 : 0;
    EXPECT_GE(admitted, 20);
    EXPECT_LE(admitted, 40);
}

/// A host, or many, that ask as fast as they can.
struct Flood {
    std::uint32_t hosts;
    int perSecond;          ///< of all of them
    bool isForged = false;  ///< nobody has those addresses
};

struct Seen {
    int admitted = 0;  ///< of the flood
    int asked = 0;     ///< by others
    int answered = 0;
};

/// Runs a flood for three seconds. Meanwhile `victims` a second ask, each once and never again.
Seen run(FairLimit::Rates rates, const Flood& flood, int victims, bool knownVictims = true) {
    FairLimit limit{rates, kSeed};
    Seen seen;
    std::uint32_t next = 0;
    std::uint32_t victim = 100000;
    constexpr int kSteps = 3000;
    const double perStep = flood.perSecond / 1000.0;
    for (int step = 0; step < kSteps; ++step) {
        const TimePoint now = t0 + std::chrono::milliseconds{step};
        while (next < (step + 1) * perStep) {
            const std::uint32_t host = next++ % flood.hosts;
            const HostKey key = flood.isForged ? HostKey{four(host)} : neighbour(host);
            const auto answer = limit.ask(four(host), key, now).admission;
            seen.admitted += answer == Admission::Admitted || answer == Admission::Later ? 1 : 0;
        }
        if (step % (1000 / victims) != 0) continue;
        ++seen.asked;
        const auto who = ++victim;
        seen.answered +=
            limit.admits(four(who), knownVictims ? neighbour(who) : HostKey{four(who)}, now) ? 1
                                                                                             : 0;
    }
    return seen;
}

TEST(FairLimit, ANeighbourThatAsksOnceIsAdmittedBesideEachFlood) {
    const Flood floods[] = {{1, 50000},          {12, 192},           {20, 2000},
                            {60, 3000},          {253, 10000},        {400, 50000},
                            {1024, 20000},       {60, 3000, true},    {253, 3000, true},
                            {1024, 20000, true}, {65000, 50000, true}};
    for (const auto& rates : {kSearches, kRequests})
        for (const Flood& flood : floods) {
            const Seen seen = run(rates, flood, 10);
            const std::string what = std::to_string(flood.hosts) + " hosts, " +
                                     std::to_string(flood.perSecond) + " a second, total " +
                                     std::to_string(rates.total);
            EXPECT_EQ(seen.answered, seen.asked) << what;
            EXPECT_LE(seen.admitted, static_cast<int>(rates.total) * 4) << what;
        }
}

TEST(FairLimit, AnUnknownHostThatAsksOnceIsAdmittedBesideAFloodOfAWholeNetwork) {
    for (const Flood& flood : {Flood{60, 3000, true}, Flood{253, 3000, true}, Flood{20, 2000}}) {
        const Seen seen = run(kSearches, flood, 4, false);
        EXPECT_EQ(seen.answered, seen.asked) << flood.hosts;
    }
}

TEST(FairLimit, ForgedSourcesOfOneFamilyTakeNothingFromTheOther) {
    FairLimit limit{{500, 50000}, kSeed};
    const HostKey network = hostKeyOf(Ipv6Address{}, std::nullopt);
    for (std::uint32_t i = 0; i < 100000; ++i) {
        const HostKey forged = Ipv6Prefix{
            Ipv6Address{{0x20, 1, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}},
            64};
        static_cast<void>(limit.ask(Ipv6Address{}, i % 2 == 0 ? forged : network, t0));
    }
    for (int i = 0; i < 400; ++i) EXPECT_TRUE(limit.admits(kAlice, neighbour(1), t0)) << i;
}

TEST(FairLimit, WhoAsksForLittleIsAdmittedBesideThoseWhoAskForAll) {
    FairLimit limit{kRequests, kSeed};
    int admitted = 0;
    int flooded = 0;
    for (int step = 0; step < 10000; ++step) {
        const TimePoint now = t0 + std::chrono::milliseconds{step};
        for (std::uint32_t host = 1; host <= 30; ++host)
            flooded += limit.admits(four(host), neighbour(host), now) ? 1 : 0;
        if (step % 125 == 0) admitted += limit.admits(kAlice, neighbour(0), now) ? 1 : 0;
    }
    EXPECT_EQ(admitted, 80);  // eight a second
    EXPECT_GE(flooded, 7000);
}

TEST(FairLimit, AloneAHostIsNeverToldThatTheTotalIsUsedUp) {
    FairLimit limit{kRequests, kSeed};
    for (int step = 0; step < 5000; ++step) {
        const auto answer = limit.ask(kAlice, kAlice, t0 + std::chrono::milliseconds{step});
        EXPECT_NE(answer.admission, Admission::TotalUsedUp) << step;
    }
}

TEST(FairLimit, HostsThatAskAlikeGetAlike) {
    FairLimit limit{kSearches, kSeed};
    std::vector<int> admitted(40);
    for (int step = 0; step < 20000; ++step)
        for (std::uint32_t host = 0; host < admitted.size(); ++host)
            admitted[host] +=
                limit.admits(four(host), neighbour(host), t0 + std::chrono::milliseconds{step}) ? 1
                                                                                                : 0;
    const auto [least, most] = std::ranges::minmax_element(admitted);
    EXPECT_GT(*least * 2, *most);
}

TEST(FairLimit, ForgedSourcesDoNotPushOutAHostAtItsLimit) {
    FairLimit limit{{20, 1000000}, kSeed};
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(limit.admits(kAlice, neighbour(0), t0));
    for (std::uint32_t i = 1; i < 50000; ++i) static_cast<void>(limit.ask(four(i), four(i), t0));
    EXPECT_EQ(limit.ask(kAlice, neighbour(0), t0).admission, Admission::OverItsRate);
}

TEST(FairLimit, TheClockOfMillisecondsMayWrap) {
    FairLimit limit{{2, 100}, kSeed};
    const TimePoint before{std::chrono::milliseconds{0xffffff00}};
    EXPECT_TRUE(limit.admits(kAlice, kAlice, before));
    EXPECT_TRUE(limit.admits(kAlice, kAlice, before));
    EXPECT_FALSE(limit.admits(kAlice, kAlice, before + 300ms));
    EXPECT_TRUE(limit.admits(kAlice, kAlice, before + 600ms));
}

}  // namespace
}  // namespace igd
