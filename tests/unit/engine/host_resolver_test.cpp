// SPDX-License-Identifier: GPL-2.0-or-later
#include "host_resolver.h"

#include "fakes.h"

#include <array>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class HostResolverTest : public LoopTest {
protected:
    void ask(const IpAddress& requester) { ask(requester, requester); }
    void ask(const IpAddress& requester, const IpAddress& client) {
        hosts_.whenKnown(kLan, requester, client,
                         [this, number = asked_++] { ready_.push_back(number); });
    }
    void find(const IpAddress& host) {
        neighbours_.known[host] = kConsoleMac;
        hosts_.hostFound(host);
    }

    FakeNeighbours neighbours_;
    HostResolver hosts_{loop_, neighbours_};
    int asked_ = 0;
    std::vector<int> ready_;  ///< the numbers of those that are ready, in their order
};

TEST_F(HostResolverTest, AKnownHostIsReadyAtOnce) {
    neighbours_.known[kConsole] = kConsoleMac;
    ask(kConsole, kConsole);
    EXPECT_THAT(ready_, ElementsAre(0));
    EXPECT_THAT(neighbours_.asked, IsEmpty());
}

TEST_F(HostResolverTest, AnUnknownHostIsLookedForOnceAndWaits) {
    ask(kConsole, kConsole);
    EXPECT_THAT(neighbours_.asked, ElementsAre(HostPresence::Watched{kLan.interface, kConsole}));
    EXPECT_THAT(ready_, IsEmpty());
    find(kConsole);
    EXPECT_THAT(ready_, ElementsAre(0));
    runFor(HostResolver::kPatience + 20ms);
    EXPECT_THAT(ready_, SizeIs(1)) << "once";
}

TEST_F(HostResolverTest, RequesterAndClientAreBothWaitedFor) {
    ask(kConsole, kPhone);
    EXPECT_THAT(neighbours_.asked, SizeIs(2));
    find(kConsole);
    EXPECT_THAT(ready_, IsEmpty());
    find(kPhone);
    EXPECT_THAT(ready_, ElementsAre(0));
}

TEST_F(HostResolverTest, WhoeverWaitsForAHostGoesOnInOrder) {
    ask(kConsole);
    ask(kPhone);
    ask(kConsole);
    find(kConsole);
    EXPECT_THAT(ready_, ElementsAre(0, 2));
}

TEST_F(HostResolverTest, AHostThatIsNotFoundIsNotWaitedForLongerThanThat) {
    const TimePoint start = Clock::now();
    ask(kConsole);
    ask(kPhone);
    runUntil([this] { return ready_.size() == 2; });
    EXPECT_THAT(ready_, ElementsAre(0, 1));
    EXPECT_GE(Clock::now() - start, HostResolver::kPatience);
}

TEST_F(HostResolverTest, AClientThatNobodyKnowsIsNotWaitedForAsLongAsARequester) {
    neighbours_.known[kConsole] = kConsoleMac;
    const TimePoint start = Clock::now();
    ask(kPhone);
    ask(kConsole, kPhone);
    runUntil([this] { return ready_.size() == 1; });
    EXPECT_THAT(ready_, ElementsAre(1)) << "the second goes first";
    EXPECT_GE(Clock::now() - start, HostResolver::kPatienceForClient);
    runUntil([this] { return ready_.size() == 2; });
    EXPECT_GE(Clock::now() - start, HostResolver::kPatience);
}

TEST_F(HostResolverTest, WhoComesAfterOneThatWasFoundWaitsNoShorter) {
    ask(kConsole);
    find(kConsole);
    const TimePoint start = Clock::now();
    ask(kPhone);
    runUntil([this] { return ready_.size() == 2; });
    EXPECT_THAT(ready_, ElementsAre(0, 1));
    EXPECT_GE(Clock::now() - start, HostResolver::kPatience);
}

TEST_F(HostResolverTest, ForgedSourcesCannotMakeMoreWait) {
    for (std::size_t i = 0; i < HostResolver::kMostWaiting; ++i) ask(kConsole);
    EXPECT_THAT(ready_, IsEmpty());
    ask(kPhone);
    EXPECT_THAT(ready_, ElementsAre(static_cast<int>(HostResolver::kMostWaiting)));
    find(kConsole);
    EXPECT_THAT(ready_, SizeIs(HostResolver::kMostWaiting + 1));
    ask(kPhone);
    EXPECT_THAT(ready_, SizeIs(HostResolver::kMostWaiting + 1)) << "there is room again";
}

TEST_F(HostResolverTest, TheRoutersOwnAddressesDoNotWait) {
    ask(ipv4("192.168.1.1"));
    ask(ipv6("2001:db8::1"));
    EXPECT_THAT(ready_, ElementsAre(0, 1));
}

TEST_F(HostResolverTest, HostsBehindAnotherRouterDoNotWaitAndHaveNoHardwareAddress) {
    const Ipv4Address routed = ipv4("192.168.50.7");
    ask(routed);
    EXPECT_THAT(ready_, ElementsAre(0));
    neighbours_.known[routed] = kConsoleMac;  // the router's, if anybody's
    EXPECT_EQ(hosts_.resolve(kLan, routed), Host{routed});
}

TEST_F(HostResolverTest, TellsWhoAHostIs) {
    EXPECT_EQ(hosts_.resolve(kLan, kConsole), Host{kConsole});
    neighbours_.known = {{kConsole, kConsoleMac}, {kConsole6, kConsoleMac}, {kPhone, kPhoneMac}};
    const Host console = hosts_.resolve(kLan, kConsole);
    EXPECT_EQ(console.mac, kConsoleMac);
    const Host console6 = hosts_.resolve(kLan, kConsole6);
    EXPECT_EQ(console6.mac, kConsoleMac);
    EXPECT_THAT(console6.ipv4, ElementsAre(kConsole));
    neighbours_.known[ipv4("169.254.3.4")] = kConsoleMac;
    EXPECT_THAT(hosts_.resolve(kLan, kConsole6).ipv4, ElementsAre(kConsole))
        << "that one is of no network here";
}

TEST_F(HostResolverTest, NobodyIsReadyAfterStop) {
    ask(kConsole);
    hosts_.stop();
    find(kConsole);
    runFor(HostResolver::kPatience + 20ms);
    EXPECT_THAT(ready_, IsEmpty());
}

}  // namespace
}  // namespace igd
