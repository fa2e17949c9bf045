// SPDX-License-Identifier: GPL-2.0-or-later
#include "request_dispatcher.h"

#include "fakes.h"

#include <array>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Ipv4Address kStranger = ipv4("10.9.9.9");
constexpr Seconds kLease{3600};

MappingRequest mapping(std::uint16_t port, Ipv4Address requester = kConsole) {
    return {.key = udp(port),
            .remoteHost = std::nullopt,
            .internal = {requester, Port{port}},
            .description = "game",
            .lease = kLease,
            .requester = requester};
}
PortRequest mapOf(const IpAddress& client, std::uint16_t port = 5000) {
    return {.protocol = Protocol::Udp,
            .client = client,
            .internalPort = Port{port},
            .suggestedPort = Port{0},
            .suggestedAddress = std::nullopt,
            .lifetime = kLease,
            .requester = client,
            .origin = Origin::Pcp,
            .nonce = Nonce{1},
            .filters = {},
            .description = ""};
}
PeerRequest peerOf(const IpAddress& client) {
    return {.protocol = Protocol::Udp,
            .client = client,
            .internalPort = Port{6000},
            .remote = ipv4("80.1.2.3"),
            .remotePort = Port{53},
            .suggestedPort = Port{0},
            .suggestedAddress = std::nullopt,
            .lifetime = kLease,
            .requester = client,
            .nonce = Nonce{1}};
}
PinholeRequest pinhole(const Ipv6Address& client, const IpAddress& requester) {
    return {.key = {.remoteHost = std::nullopt,
                    .remotePort = std::nullopt,
                    .client = client,
                    .internalPort = Port{5000},
                    .protocol = Protocol::Udp},
            .lease = kLease,
            .requester = requester};
}
RangeRequest range(Ipv4Address requester) {
    return {.protocol = Protocol::Udp, .ports = {Port{1024}, Port{65535}}, .requester = requester};
}
/// A release of what mapOf() asks for.
PortRelease unmapOf(const IpAddress& client) {
    return {.protocol = Protocol::Udp,
            .client = client,
            .internalPort = Port{5000},
            .requester = client,
            .origin = Origin::Pcp,
            .nonce = Nonce{1}};
}

class RequestDispatcherTest : public EngineTest {
protected:
    RequestDispatcherTest() {
        neighbours_.known = {
            {kConsole, kConsoleMac}, {kConsole6, kConsoleMac}, {kPhone, kPhoneMac}};
    }

    /// Its answer is at(number) from then on.
    std::size_t ask(GatewayRequest request, std::chrono::milliseconds patience = 5s) {
        const std::size_t number = asked_++;
        dispatcher_.dispatch(
            {.id = number, .deadline = Clock::now() + patience, .request = std::move(request)},
            kLan, [this, number](const GatewayReply& reply) {
                order_.push_back(number);
                EXPECT_TRUE(replies_.emplace(number, reply).second) << "once";
            });
        return number;
    }
    /// Asks, lets the loop turn and returns the answer.
    GatewayReply answerTo(GatewayRequest request) {
        const std::size_t number = ask(std::move(request));
        poll();
        return replies_.at(number);
    }
    [[nodiscard]] GatewayReply at(std::size_t number) const { return replies_.at(number); }

    FakeNeighbours neighbours_;
    HostResolver hosts_{loop_, neighbours_};
    int batches_ = 0;
    std::size_t answeredAtBatch_ = 0;  ///< when the last batch was told of
    std::optional<Seconds> timeout_{120s};
    RequestTimes times_;
    RequestDispatcher dispatcher_{
        loop_,
        {.openings = openings_,
         .hosts = hosts_,
         .busy = [this] { return firewall_.isBusy(); },
         .status =
             [] {
                 GatewayStatus status;
                 status.serial = 7;
                 return status;
             },
         .outboundTimeout =
             [this](Protocol protocol) {
                 return protocol == Protocol::Udp ? timeout_ : std::nullopt;
             },
         .applied =
             [this] {
                 ++batches_;
                 answeredAtBatch_ = order_.size();
             },
         .show = [](const GatewayRequest&, const Host&) -> GatewayReply { return Done{}; },
         .times = &times_}};
    std::size_t asked_ = 0;
    std::map<std::size_t, GatewayReply> replies_;
    std::vector<std::size_t> order_;  ///< in which answers came
};

TEST_F(RequestDispatcherTest, WhatArrivesInOneTurnIsOneChangeOfTheKernel) {
    ask(mapping(3000));
    ask(mapOf(kPhone));
    ask(pinhole(kConsole6, kConsole6));
    ask(mapping(3001, kPhone));
    EXPECT_EQ(firewall_.changes, 0);
    EXPECT_THAT(order_, IsEmpty());
    poll();
    EXPECT_EQ(firewall_.changes, 1);
    EXPECT_EQ(batches_, 1);
    EXPECT_EQ(answeredAtBatch_, 0U) << "the status is told first";
    EXPECT_THAT(firewall_.rules, SizeIs(4));
    EXPECT_THAT(order_, ElementsAre(0, 1, 2, 3));
    ask(mapping(3002));
    poll();
    EXPECT_EQ(firewall_.changes, 2);
    EXPECT_EQ(batches_, 2);
}

TEST_F(RequestDispatcherTest, ARequesterOverIpv6IsTheHostOfIpv4ThatItIsToo) {
    const Ipv4Address second = ipv4("192.168.1.20");
    neighbours_.known[second] = kConsoleMac;
    MappingRequest request = mapping(3000);
    request.requester = kConsole6;
    EXPECT_EQ(answerTo(request), GatewayReply{Done{}});
    EXPECT_EQ(openings_.lists().all().back().claims.front().requester, IpAddress{kConsole});
    request = mapping(3001, second);
    request.requester = kConsole6;
    EXPECT_EQ(answerTo(request), GatewayReply{Done{}}) << "each of its addresses is its own";
    EXPECT_EQ(openings_.lists().all().back().claims.front().requester, IpAddress{second});
    request = mapping(3002, kPhone);
    request.requester = kConsole6;
    EXPECT_EQ(answerTo(request), GatewayReply{MappingError::NotAuthorized});
    EXPECT_EQ(std::get<MappingView>(answerTo(FindMapping{udp(3000), kConsole6})).key, udp(3000));
    EXPECT_EQ(answerTo(ReleaseRequest{udp(3000), std::nullopt, kConsole6}), GatewayReply{Done{}});
    RangeRequest rest = range(kConsole);
    rest.requester = kConsole6;
    EXPECT_EQ(answerTo(DeleteMappings{rest}), GatewayReply{Done{}});
    EXPECT_EQ(openings_.lists().size(), 0U);
}

/// From `requester`, for a client that an address of IPv6 names, or nothing.
MappingRequest mappingBySix(std::uint16_t port, const IpAddress& requester,
                            std::optional<Ipv6Address> client = std::nullopt) {
    MappingRequest request = mapping(port, Ipv4Address{});
    request.requester = requester;
    request.client6 = client;
    return request;
}

TEST_F(RequestDispatcherTest, AClientThatARequesterOverIpv6DoesNotNameIsItsFirstAddress) {
    neighbours_.known[ipv4("192.168.1.9")] = kConsoleMac;
    const MappingRequest request = mappingBySix(3000, kConsole6);
    EXPECT_EQ(answerTo(request), GatewayReply{Done{}});
    EXPECT_EQ(openings_.lists().all().back().internal.address, IpAddress{ipv4("192.168.1.9")});
    EXPECT_EQ(answerTo(AnyMappingRequest{request}), GatewayReply{Port{3000}});
    neighbours_.known = {{kConsole6, kConsoleMac}};
    EXPECT_EQ(answerTo(request), GatewayReply{MappingError::NoInternalAddress}) << "none is known";
}

TEST_F(RequestDispatcherTest, AClientThatAnAddressOfIpv6NamesIsTheHostOfIpv4ThatItIsToo) {
    const Ipv6Address privacy = ipv6("2001:db8::1:2:3");
    const Ipv6Address linkLocal = ipv6("fe80::10");
    for (const Ipv6Address& each : {privacy, linkLocal}) neighbours_.known[each] = kConsoleMac;
    std::uint16_t port = 3000;
    for (const Ipv6Address& named : {kConsole6, privacy, linkLocal})
        for (const IpAddress& requester :
             {IpAddress{kConsole}, IpAddress{kConsole6}, IpAddress{linkLocal}}) {
            EXPECT_EQ(answerTo(mappingBySix(port, requester, named)), GatewayReply{Done{}});
            const auto view = std::get<MappingView>(answerTo(FindMapping{udp(port), requester}));
            EXPECT_EQ(view.internal, (Endpoint{kConsole, Port{port}})) << toString(named);
            ++port;
        }
}

TEST_F(RequestDispatcherTest, OfSeveralAddressesAClientIsTheOneThatItAsksFrom) {
    neighbours_.known[ipv4("192.168.1.9")] = kConsoleMac;
    EXPECT_EQ(answerTo(mappingBySix(3000, kConsole, kConsole6)), GatewayReply{Done{}});
    EXPECT_EQ(openings_.lists().all().back().internal.address, IpAddress{kConsole});
}

TEST_F(RequestDispatcherTest, AnotherHostsAddressOfIpv6IsAThirdParty) {
    const Ipv6Address phone6 = ipv6("2001:db8::11");
    neighbours_.known[phone6] = kPhoneMac;
    for (const IpAddress& requester : {IpAddress{kConsole}, IpAddress{kConsole6}})
        EXPECT_EQ(answerTo(mappingBySix(3000, requester, phone6)),
                  GatewayReply{MappingError::NotAuthorized});
    EXPECT_EQ(answerTo(mappingBySix(3000, kConsole, ipv6("2001:db8::1"))),
              GatewayReply{MappingError::NotAuthorized})
        << "the router's own";
}

TEST_F(RequestDispatcherTest, AClientNamedByAnUnknownAddressOfIpv6IsLookedFor) {
    const Ipv6Address unknown = ipv6("2001:db8::99");
    const auto number = ask(mappingBySix(3000, kConsole, unknown));
    EXPECT_THAT(neighbours_.asked, ElementsAre(HostPresence::Watched{kLan.interface, unknown}));
    neighbours_.known[unknown] = kConsoleMac;
    hosts_.hostFound(unknown);
    poll();
    EXPECT_EQ(at(number), GatewayReply{Done{}});
    EXPECT_EQ(answerTo(mappingBySix(3001, kConsole, ipv6("2001:db8:1::1"))),
              GatewayReply{MappingError::NoInternalAddress})
        << "it is of no network here";
}

TEST_F(RequestDispatcherTest, AReadComesAfterTheChangesBeforeIt) {
    ask(mapping(3000));
    const auto found = ask(FindMapping{udp(3000), kConsole});
    const auto last = ask(ReleaseRequest{udp(3000), std::nullopt, kConsole});
    const auto gone = ask(FindMapping{udp(3000), kConsole});
    EXPECT_EQ(std::get<MappingView>(at(found)).key, udp(3000));
    EXPECT_EQ(at(gone), GatewayReply{MappingError::NotFound});
    EXPECT_EQ(at(last), GatewayReply{Done{}});
    EXPECT_THAT(order_, ElementsAre(0, 1, 2, 3));
    poll();
    EXPECT_EQ(batches_, 2) << "nothing was left to do";
}

TEST_F(RequestDispatcherTest, AChangeWaitsWhileAnotherProgramWorksOnTheRules) {
    firewall_.busy = true;
    const auto change = ask(mapping(3000));
    poll();
    const auto found = ask(FindMapping{udp(3000), kConsole});
    EXPECT_EQ(at(found), GatewayReply{MappingError::NotFound}) << "whoever reads need not wait";
    EXPECT_EQ(firewall_.changes, 0);
    EXPECT_FALSE(replies_.contains(change));
    firewall_.busy = false;
    runFor(100ms);
    EXPECT_EQ(firewall_.changes, 1);
    EXPECT_TRUE(replies_.contains(change));
}

TEST_F(RequestDispatcherTest, AChangeWaitsForAnotherProgramToAgreeAndNoOtherDoes) {
    firewall_.another = FakeFirewall::Another::Thinks;
    const auto change = ask(pinhole(kConsole6, kConsole6));
    const auto other = ask(mapping(3000));
    const auto later = ask(mapping(3001), 5s);
    runFor(50ms);
    EXPECT_EQ(at(other), GatewayReply{Done{}});
    EXPECT_EQ(at(later), GatewayReply{Done{}});
    EXPECT_FALSE(replies_.contains(change));
    EXPECT_EQ(firewall_.rules.size(), 2U);
    firewall_.another = FakeFirewall::Another::Agrees;
    runFor(50ms);
    EXPECT_TRUE(std::holds_alternative<PinholeOpened>(at(change)));
    EXPECT_EQ(firewall_.rules.size(), 3U);
}

TEST_F(RequestDispatcherTest, AChangeThatAnotherProgramRefusesIsNotMade) {
    firewall_.another = FakeFirewall::Another::Thinks;
    const auto change = ask(pinhole(kConsole6, kConsole6));
    runFor(50ms);
    firewall_.another = FakeFirewall::Another::Refuses;
    runFor(50ms);
    EXPECT_EQ(at(change), GatewayReply{MappingError::Backend});
    EXPECT_THAT(firewall_.rules, IsEmpty());
}

TEST_F(RequestDispatcherTest, AChangeToWhichNobodyAgreesIsRefusedInTime) {
    firewall_.another = FakeFirewall::Another::Thinks;
    const auto change = ask(pinhole(kConsole6, kConsole6), 100ms);
    runFor(200ms);
    EXPECT_EQ(at(change), GatewayReply{MappingError::Backend});
    firewall_.another = FakeFirewall::Another::Agrees;
    runFor(50ms);
    EXPECT_THAT(firewall_.rules, IsEmpty());
}

TEST_F(RequestDispatcherTest, OneThatIsRefusedHarmsNoOther) {
    firewall_.refused = Port{3001};
    ask(mapping(3000));
    ask(mapping(3001));
    ask(mapping(3002));
    poll();
    EXPECT_EQ(at(0), GatewayReply{Done{}});
    EXPECT_EQ(at(1), GatewayReply{MappingError::Backend});
    EXPECT_EQ(at(2), GatewayReply{Done{}});
}

TEST_F(RequestDispatcherTest, EachKindOfRequestHasItsReply) {
    EXPECT_EQ(answerTo(mapping(3000)), GatewayReply{Done{}});
    EXPECT_EQ(answerTo(AnyMappingRequest{mapping(3001)}), GatewayReply{Port{3001}});
    EXPECT_EQ(std::get<MappingView>(answerTo(FindMapping{udp(3000), kConsole})).internal,
              (Endpoint{kConsole, Port{3000}}));
    EXPECT_EQ(std::get<MappingView>(answerTo(MappingAt{1, kConsole})).key, udp(3001));
    EXPECT_THAT(std::get<MappingViews>(answerTo(ListMappings{range(kConsole)})).views, SizeIs(2));
    EXPECT_EQ(answerTo(ReleaseRequest{udp(3000), std::nullopt, kConsole}), GatewayReply{Done{}});
    EXPECT_EQ(answerTo(DeleteMappings{range(kConsole)}), GatewayReply{Done{}});
    const auto grant = std::get<PortGrant>(answerTo(mapOf(kConsole)));
    EXPECT_EQ(grant.externalAddress, IpAddress{kExternal});
    EXPECT_TRUE(std::holds_alternative<PortGrant>(answerTo(unmapOf(kConsole))));
    EXPECT_EQ(openings_.lists().size(), 0U);
    EXPECT_TRUE(std::holds_alternative<PortGrant>(answerTo(peerOf(kConsole))));
    const auto status = answerTo(GetStatus{});
    EXPECT_EQ(std::get<GatewayStatus>(status).serial, 7U);
    EXPECT_EQ(answerTo(GetOutboundTimeout{Protocol::Udp}), GatewayReply{Seconds{120}});
    EXPECT_EQ(answerTo(GetOutboundTimeout{Protocol::Tcp}), GatewayReply{MappingError::NotFound});
}

TEST_F(RequestDispatcherTest, EachKindOfRequestAboutPinholesHasItsReply) {
    const auto opened = std::get<PinholeOpened>(answerTo(pinhole(kConsole6, kConsole6)));
    EXPECT_EQ(answerTo(CountPinhole{opened.id, kConsole6}), GatewayReply{PacketCount{3}});
    EXPECT_EQ(answerTo(PinholeUpdate{opened.id, kLease, kConsole6}), GatewayReply{Done{}});
    EXPECT_EQ(answerTo(PinholeRelease{opened.id, kConsole6}), GatewayReply{Done{}});
    EXPECT_EQ(answerTo(CountPinhole{opened.id, kConsole6}), GatewayReply{MappingError::NotFound});
}

TEST_F(RequestDispatcherTest, ErrorsHaveTheTypeOfTheRequest) {
    firewall_.broken = true;
    EXPECT_EQ(answerTo(mapping(3000)), GatewayReply{MappingError::Backend});
    EXPECT_EQ(answerTo(AnyMappingRequest{mapping(3000)}), GatewayReply{MappingError::Backend});
    EXPECT_EQ(answerTo(pinhole(kConsole6, kConsole6)), GatewayReply{MappingError::Backend});
    EXPECT_EQ(std::get<PortRefusal>(answerTo(mapOf(kConsole))).error, MappingError::Backend);
    EXPECT_EQ(std::get<PortRefusal>(answerTo(peerOf(kConsole))).error, MappingError::Backend);
    EXPECT_EQ(answerTo(FindMapping{udp(3000), kConsole}), GatewayReply{MappingError::NotFound});
    EXPECT_EQ(answerTo(MappingAt{0, kConsole}), GatewayReply{MappingError::IndexOutOfRange});
    EXPECT_EQ(answerTo(ListMappings{range(kConsole)}), GatewayReply{MappingError::NotFound});
}

TEST_F(RequestDispatcherTest, ALateCallIsRefusedAndNeverCarriedOut) {
    ask(mapping(3000), 0ms);
    ask(mapping(3001));
    ask(mapOf(kConsole), 0ms);
    ask(FindMapping{udp(3001), kConsole}, 0ms);
    ask(GetStatus{}, 0ms);
    poll();
    EXPECT_EQ(at(0), GatewayReply{MappingError::Backend});
    EXPECT_EQ(at(1), GatewayReply{Done{}});
    EXPECT_EQ(at(2), GatewayReply{PortRefusal{.error = MappingError::Backend}});
    EXPECT_EQ(at(3), GatewayReply{MappingError::Backend});
    EXPECT_EQ(at(4), GatewayReply{MappingError::Backend});
    EXPECT_EQ(openings_.lists().size(), 1U);
}

TEST_F(RequestDispatcherTest, ACallThatBecameLateWhileItWaitedForAHostIsNotCarriedOut) {
    neighbours_.known.erase(kPhone);
    ask(mapping(3000, kPhone), 30ms);
    runUntil([this] { return !order_.empty(); });
    EXPECT_EQ(at(0), GatewayReply{MappingError::Backend});
    EXPECT_EQ(openings_.lists().size(), 0U);
    EXPECT_THAT(firewall_.rules, IsEmpty());
}

TEST_F(RequestDispatcherTest, ACallWaitsForAHostThatIsLookedFor) {
    neighbours_.known.erase(kPhone);
    ask(mapping(3000, kPhone));
    ask(mapping(3001));
    poll();
    EXPECT_THAT(order_, ElementsAre(1)) << "others do not wait";
    neighbours_.known[kPhone] = kPhoneMac;
    hosts_.hostFound(kPhone);
    poll();
    EXPECT_EQ(at(0), GatewayReply{Done{}});
    EXPECT_EQ(openings_.lists().all().back().account, Account{kPhoneMac});
}

TEST_F(RequestDispatcherTest, AHostThatIsNotFoundIsServedByItsAddress) {
    neighbours_.known.erase(kPhone);
    ask(mapping(3000, kPhone));
    runUntil([this] { return !order_.empty(); });
    EXPECT_EQ(at(0), GatewayReply{Done{}});
    EXPECT_EQ(openings_.lists().all().back().account, Account{kPhone});
}

TEST_F(RequestDispatcherTest, TheClientOfAnUpdateIsThePinholes) {
    const auto opened = std::get<PinholeOpened>(answerTo(pinhole(kConsole6, kConsole6)));
    const Ipv6Address temporary = ipv6("2001:db8::aaaa");
    neighbours_.known[temporary] = kConsoleMac;
    EXPECT_EQ(answerTo(PinholeUpdate{opened.id, kLease, temporary}), GatewayReply{Done{}});
    neighbours_.known.erase(kConsole6);
    ask(PinholeRelease{opened.id, temporary});
    EXPECT_THAT(neighbours_.asked, ElementsAre(HostPresence::Watched{kLan.interface, kConsole6}));
}

TEST_F(RequestDispatcherTest, AStrangersPinholeIsNobodysToUpdate) {
    const auto opened = std::get<PinholeOpened>(answerTo(pinhole(kConsole6, kConsole6)));
    EXPECT_EQ(answerTo(PinholeUpdate{opened.id, kLease, kPhone}),
              GatewayReply{MappingError::NotAuthorized});
    EXPECT_EQ(answerTo(PinholeRelease{opened.id, kPhone}),
              GatewayReply{MappingError::NotAuthorized});
}

TEST_F(RequestDispatcherTest, AHostOfAnotherNetworkIsRefusedWhateverItAsks) {
    const PinholeId id = std::get<PinholeOpened>(answerTo(pinhole(kConsole6, kConsole6))).id;
    const std::array<GatewayRequest, 11> requests{
        mapping(3000, kStranger),
        AnyMappingRequest{mapping(3000, kStranger)},
        ReleaseRequest{udp(3000), std::nullopt, kStranger},
        DeleteMappings{range(kStranger)},
        FindMapping{udp(3000), kStranger},
        MappingAt{0, kStranger},
        ListMappings{range(kStranger)},
        pinhole(kConsole6, kStranger),
        PinholeUpdate{id, kLease, kStranger},
        PinholeRelease{id, kStranger},
        CountPinhole{id, kStranger}};
    for (const GatewayRequest& request : requests)
        EXPECT_EQ(answerTo(request), GatewayReply{MappingError::NotAuthorized}) << request.index();
    const GatewayReply refusal{PortRefusal{.error = MappingError::NotAuthorized}};
    EXPECT_EQ(answerTo(mapOf(kStranger)), refusal);
    EXPECT_EQ(answerTo(unmapOf(kStranger)), refusal);
    EXPECT_EQ(answerTo(peerOf(kStranger)), refusal);
    EXPECT_EQ(openings_.lists().size(), 1U);
    EXPECT_EQ(batches_, 1);
}

TEST_F(RequestDispatcherTest, NothingIsAnsweredAfterStop) {
    neighbours_.known.erase(kPhone);
    ask(mapping(3000, kPhone));
    ask(mapping(3001));
    dispatcher_.stop();
    ask(mapping(3002));
    ask(GetStatus{});
    ask(mapping(3003, kStranger));
    neighbours_.known[kPhone] = kPhoneMac;
    hosts_.hostFound(kPhone);
    poll();
    EXPECT_THAT(order_, IsEmpty());
    EXPECT_EQ(batches_, 0);
    EXPECT_EQ(openings_.lists().size(), 0U);
}

TEST_F(RequestDispatcherTest, TheTimeOfARequestCountsUntilItsAnswer) {
    firewall_.busy = true;
    ask(mapping(3000));
    ask(mapOf(kPhone));
    poll();
    EXPECT_EQ(times_.samples().at(0).count, 0U) << "it waits";
    pass(20ms);
    firewall_.busy = false;
    runUntil([this] { return order_.size() == 2; });
    EXPECT_EQ(times_.samples().at(0).count, 1U);
    EXPECT_GE(times_.samples().at(0).value, 0.02);
    EXPECT_EQ(times_.samples().at(2).count, 1U) << "PCP has asked for the other";
    (void)answerTo(FindMapping{udp(3000), kConsole});
    EXPECT_EQ(times_.samples().at(0).count, 2U);
}

TEST_F(RequestDispatcherTest, AFrontEndOfALanGetsNoMetrics) {
    EXPECT_EQ(answerTo(GetRows{.requester = kConsole}), GatewayReply{Done{}}) << "it is shown rows";
    EXPECT_EQ(answerTo(GetMetrics{}), GatewayReply{MappingError::NotAuthorized});
    for (const MetricSample& each : times_.samples()) EXPECT_EQ(each.count, 0U);
}

}  // namespace
}  // namespace igd
