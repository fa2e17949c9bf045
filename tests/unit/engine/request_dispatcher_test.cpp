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
    std::size_t ask(ipc::Request request, std::chrono::milliseconds patience = 5s) {
        const std::size_t number = asked_++;
        dispatcher_.dispatch(
            {.id = number, .deadline = Clock::now() + patience, .request = std::move(request)},
            kLan, [this, number](const ipc::Reply& reply) {
                order_.push_back(number);
                EXPECT_TRUE(replies_.emplace(number, reply).second) << "once";
            });
        return number;
    }
    /// Asks, lets the loop turn and returns the answer.
    ipc::Reply answerTo(ipc::Request request) {
        const std::size_t number = ask(std::move(request));
        poll();
        return replies_.at(number);
    }
    [[nodiscard]] ipc::Reply at(std::size_t number) const { return replies_.at(number); }

    FakeNeighbours neighbours_;
    HostResolver hosts_{loop_, neighbours_};
    int batches_ = 0;
    std::optional<Seconds> timeout_{120s};
    RequestDispatcher dispatcher_{loop_,
                                  {.openings = openings_,
                                   .hosts = hosts_,
                                   .status =
                                       [] {
                                           GatewayStatus status;
                                           status.serial = 7;
                                           return status;
                                       },
                                   .outboundTimeout =
                                       [this](Protocol protocol) {
                                           return protocol == Protocol::Udp ? timeout_
                                                                            : std::nullopt;
                                       },
                                   .applied = [this] { ++batches_; }}};
    std::size_t asked_ = 0;
    std::map<std::size_t, ipc::Reply> replies_;
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
    EXPECT_THAT(firewall_.rules, SizeIs(4));
    EXPECT_THAT(order_, ElementsAre(0, 1, 2, 3));
    ask(mapping(3002));
    poll();
    EXPECT_EQ(firewall_.changes, 2);
    EXPECT_EQ(batches_, 2);
}

TEST_F(RequestDispatcherTest, AReadComesAfterTheChangesBeforeIt) {
    ask(mapping(3000));
    const auto found = ask(ipc::FindMapping{udp(3000), kConsole});
    const auto last = ask(ReleaseRequest{udp(3000), std::nullopt, kConsole});
    const auto gone = ask(ipc::FindMapping{udp(3000), kConsole});
    EXPECT_EQ(std::get<MappingView>(at(found)).key, udp(3000));
    EXPECT_EQ(at(gone), ipc::Reply{MappingError::NotFound});
    EXPECT_EQ(at(last), ipc::Reply{ipc::Done{}});
    EXPECT_THAT(order_, ElementsAre(0, 1, 2, 3));
    poll();
    EXPECT_EQ(batches_, 2) << "nothing was left to do";
}

TEST_F(RequestDispatcherTest, OneThatIsRefusedHarmsNoOther) {
    firewall_.refused = Port{3001};
    ask(mapping(3000));
    ask(mapping(3001));
    ask(mapping(3002));
    poll();
    EXPECT_EQ(at(0), ipc::Reply{ipc::Done{}});
    EXPECT_EQ(at(1), ipc::Reply{MappingError::Backend});
    EXPECT_EQ(at(2), ipc::Reply{ipc::Done{}});
}

TEST_F(RequestDispatcherTest, EachKindOfRequestHasItsReply) {
    EXPECT_EQ(answerTo(mapping(3000)), ipc::Reply{ipc::Done{}});
    EXPECT_EQ(answerTo(AnyMappingRequest{mapping(3001)}), ipc::Reply{Port{3001}});
    EXPECT_EQ(std::get<MappingView>(answerTo(ipc::FindMapping{udp(3000), kConsole})).internal,
              (Endpoint{kConsole, Port{3000}}));
    EXPECT_EQ(std::get<MappingView>(answerTo(ipc::MappingAt{1, kConsole})).key, udp(3001));
    EXPECT_THAT(std::get<ipc::MappingViews>(answerTo(ipc::ListMappings{range(kConsole)})).views,
                SizeIs(2));
    EXPECT_EQ(answerTo(ReleaseRequest{udp(3000), std::nullopt, kConsole}), ipc::Reply{ipc::Done{}});
    EXPECT_EQ(answerTo(ipc::DeleteMappings{range(kConsole)}), ipc::Reply{ipc::Done{}});
    const auto grant = std::get<PortGrant>(answerTo(mapOf(kConsole)));
    EXPECT_EQ(grant.externalAddress, IpAddress{kExternal});
    EXPECT_TRUE(std::holds_alternative<PortGrant>(answerTo(unmapOf(kConsole))));
    EXPECT_EQ(openings_.lists().size(), 0U);
    EXPECT_TRUE(std::holds_alternative<PortGrant>(answerTo(peerOf(kConsole))));
    const auto status = answerTo(ipc::GetStatus{});
    EXPECT_EQ(std::get<GatewayStatus>(status).serial, 7U);
    EXPECT_EQ(answerTo(ipc::GetOutboundTimeout{Protocol::Udp}), ipc::Reply{Seconds{120}});
    EXPECT_EQ(answerTo(ipc::GetOutboundTimeout{Protocol::Tcp}), ipc::Reply{MappingError::NotFound});
}

TEST_F(RequestDispatcherTest, EachKindOfRequestAboutPinholesHasItsReply) {
    const auto opened = std::get<ipc::PinholeOpened>(answerTo(pinhole(kConsole6, kConsole6)));
    EXPECT_EQ(answerTo(ipc::CountPinhole{opened.id, kConsole6}), ipc::Reply{ipc::PacketCount{3}});
    EXPECT_EQ(answerTo(PinholeUpdate{opened.id, kLease, kConsole6}), ipc::Reply{ipc::Done{}});
    EXPECT_EQ(answerTo(PinholeRelease{opened.id, kConsole6}), ipc::Reply{ipc::Done{}});
    EXPECT_EQ(answerTo(ipc::CountPinhole{opened.id, kConsole6}),
              ipc::Reply{MappingError::NotFound});
}

TEST_F(RequestDispatcherTest, ErrorsHaveTheTypeOfTheRequest) {
    firewall_.broken = true;
    EXPECT_EQ(answerTo(mapping(3000)), ipc::Reply{MappingError::Backend});
    EXPECT_EQ(answerTo(AnyMappingRequest{mapping(3000)}), ipc::Reply{MappingError::Backend});
    EXPECT_EQ(answerTo(pinhole(kConsole6, kConsole6)), ipc::Reply{MappingError::Backend});
    EXPECT_EQ(std::get<PortRefusal>(answerTo(mapOf(kConsole))).error, MappingError::Backend);
    EXPECT_EQ(std::get<PortRefusal>(answerTo(peerOf(kConsole))).error, MappingError::Backend);
    EXPECT_EQ(answerTo(ipc::FindMapping{udp(3000), kConsole}), ipc::Reply{MappingError::NotFound});
    EXPECT_EQ(answerTo(ipc::MappingAt{0, kConsole}), ipc::Reply{MappingError::IndexOutOfRange});
    EXPECT_EQ(answerTo(ipc::ListMappings{range(kConsole)}), ipc::Reply{MappingError::NotFound});
}

TEST_F(RequestDispatcherTest, ALateCallIsRefusedAndNeverCarriedOut) {
    ask(mapping(3000), 0ms);
    ask(mapping(3001));
    ask(mapOf(kConsole), 0ms);
    ask(ipc::FindMapping{udp(3001), kConsole}, 0ms);
    ask(ipc::GetStatus{}, 0ms);
    poll();
    EXPECT_EQ(at(0), ipc::Reply{MappingError::Backend});
    EXPECT_EQ(at(1), ipc::Reply{ipc::Done{}});
    EXPECT_EQ(at(2), ipc::Reply{PortRefusal{.error = MappingError::Backend}});
    EXPECT_EQ(at(3), ipc::Reply{MappingError::Backend});
    EXPECT_EQ(at(4), ipc::Reply{MappingError::Backend});
    EXPECT_EQ(openings_.lists().size(), 1U);
}

TEST_F(RequestDispatcherTest, ACallThatBecameLateWhileItWaitedForAHostIsNotCarriedOut) {
    neighbours_.known.erase(kPhone);
    ask(mapping(3000, kPhone), 30ms);
    runUntil([this] { return !order_.empty(); });
    EXPECT_EQ(at(0), ipc::Reply{MappingError::Backend});
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
    EXPECT_EQ(at(0), ipc::Reply{ipc::Done{}});
    EXPECT_EQ(openings_.lists().all().back().account, Account{kPhoneMac});
}

TEST_F(RequestDispatcherTest, AHostThatIsNotFoundIsServedByItsAddress) {
    neighbours_.known.erase(kPhone);
    ask(mapping(3000, kPhone));
    runUntil([this] { return !order_.empty(); });
    EXPECT_EQ(at(0), ipc::Reply{ipc::Done{}});
    EXPECT_EQ(openings_.lists().all().back().account, Account{kPhone});
}

TEST_F(RequestDispatcherTest, TheClientOfAnUpdateIsThePinholes) {
    const auto opened = std::get<ipc::PinholeOpened>(answerTo(pinhole(kConsole6, kConsole6)));
    const Ipv6Address temporary = ipv6("2001:db8::aaaa");
    neighbours_.known[temporary] = kConsoleMac;
    EXPECT_EQ(answerTo(PinholeUpdate{opened.id, kLease, temporary}), ipc::Reply{ipc::Done{}});
    neighbours_.known.erase(kConsole6);
    ask(PinholeRelease{opened.id, temporary});
    EXPECT_THAT(neighbours_.asked, ElementsAre(HostPresence::Watched{kLan.interface, kConsole6}));
}

TEST_F(RequestDispatcherTest, AStrangersPinholeIsNobodysToUpdate) {
    const auto opened = std::get<ipc::PinholeOpened>(answerTo(pinhole(kConsole6, kConsole6)));
    EXPECT_EQ(answerTo(PinholeUpdate{opened.id, kLease, kPhone}),
              ipc::Reply{MappingError::NotAuthorized});
    EXPECT_EQ(answerTo(PinholeRelease{opened.id, kPhone}), ipc::Reply{MappingError::NotAuthorized});
}

TEST_F(RequestDispatcherTest, AHostOfAnotherNetworkIsRefusedWhateverItAsks) {
    const PinholeId id = std::get<ipc::PinholeOpened>(answerTo(pinhole(kConsole6, kConsole6))).id;
    const std::array<ipc::Request, 11> requests{mapping(3000, kStranger),
                                                AnyMappingRequest{mapping(3000, kStranger)},
                                                ReleaseRequest{udp(3000), std::nullopt, kStranger},
                                                ipc::DeleteMappings{range(kStranger)},
                                                ipc::FindMapping{udp(3000), kStranger},
                                                ipc::MappingAt{0, kStranger},
                                                ipc::ListMappings{range(kStranger)},
                                                pinhole(kConsole6, kStranger),
                                                PinholeUpdate{id, kLease, kStranger},
                                                PinholeRelease{id, kStranger},
                                                ipc::CountPinhole{id, kStranger}};
    for (const ipc::Request& request : requests)
        EXPECT_EQ(answerTo(request), ipc::Reply{MappingError::NotAuthorized}) << request.index();
    const ipc::Reply refusal{PortRefusal{.error = MappingError::NotAuthorized}};
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
    ask(ipc::GetStatus{});
    ask(mapping(3003, kStranger));
    neighbours_.known[kPhone] = kPhoneMac;
    hosts_.hostFound(kPhone);
    poll();
    EXPECT_THAT(order_, IsEmpty());
    EXPECT_EQ(batches_, 0);
    EXPECT_EQ(openings_.lists().size(), 0U);
}

}  // namespace
}  // namespace igd
