// SPDX-License-Identifier: GPL-2.0-or-later
#include "opening_rows.h"

#include "fake_interfaces.h"
#include "fakes.h"

namespace igd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const InterfaceName kWan = *InterfaceName::parse("ppp0");
const Host kAsking{kConsole, kConsoleMac};

class OpeningRowsTest : public EngineTest {
protected:
    void SetUp() override {
        interfaces_.set(kWan, kExternal);
        external_.refresh(Clock::now());
    }
    void has(const std::vector<Opening>& openings) {
        ASSERT_TRUE(openings_.restore(openings, Clock::now()));
    }
    ShownParts parts() {
        return {.status = {.openings = openings_,
                           .configuration = configuration_,
                           .repairs = repairs_,
                           .reloader = reloader_,
                           .firewall = firewall_,
                           .external = external_,
                           .served = [this] { return served_; },
                           .since = Clock::now() - 90min},
                .events = events_,
                .names = names_,
                .facts =
                    [](const Opening&) {
                        return OpeningFacts{"xbox", kConsoleMac, Traffic{7, 700}};
                    },
                .forwardsPackets = [this] { return forwards_; }};
    }
    GatewayReply ask(const GatewayRequest& request) {
        return answerToPeople(parts(), request, kAsking, Clock::now());
    }
    OpeningRows rows(std::uint32_t from = 0) {
        return resultIn<OpeningRows>(ask(GetRows{from, kConsole})).value();
    }
    Overview overview() { return resultIn<Overview>(ask(GetOverview{kConsole})).value(); }
    std::vector<int> portsOf(const OpeningRows& rows) {
        std::vector<int> ports;
        for (const OpeningRow& row : rows.rows) ports.push_back(row.internalPort.value);
        return ports;
    }

    Repairs repairs_{
        loop_,
        {[](TimePoint) -> Result<void> { return fail(MappingError::Backend); }, [] { return ""; }}};
    FakeInterfaces interfaces_;
    ExternalConnection external_{loop_, Wan{interfaces_, kWan, {}, {}}, [] {}};
    std::vector<FrontEnds::Served> served_;
    Configuration configuration_{Settings{}, kWan, {kLan.interface}, {}, "/x.conf"};
    Reloader reloader_{configuration_, {}};
    FakeNeighbours neighbours_;
    Lans lans_{{kLan}, true};
    HostNames names_{
        loop_, {.automatic = false}, {.neighbours = neighbours_, .lans = lans_, .clients = [] {
                                          return std::vector<IpAddress>{};
                                      }}};
    bool forwards_ = true;
};

TEST_F(OpeningRowsTest, ARowHasAllThatIsKnown) {
    const TimePoint now = Clock::now();
    Opening mapping = mappingOf(kConsole, 3000, now + 90s);
    mapping.claims.front().description = "a game";
    mapping.claims.front().history = {now - 60s, now - 10s, "a console"};
    mapping.claims.front().filters = {filter("80.1.2.3")};
    has({mapping});
    const OpeningRows told = rows();
    EXPECT_EQ(told.total, 1U);
    ASSERT_THAT(told.rows, SizeIs(1));
    const OpeningRow& row = told.rows.front();
    EXPECT_EQ(row.kind, OpeningKind::Mapping);
    EXPECT_EQ(row.protocol, Protocol::Udp);
    EXPECT_EQ(row.externalPort, Port{3000});
    EXPECT_EQ(row.client, IpAddress{kConsole});
    EXPECT_EQ(row.hostName, "xbox");
    EXPECT_EQ(row.mac, kConsoleMac);
    EXPECT_EQ(row.from, "80.1.2.3/32");
    EXPECT_EQ(row.agent, "a console");
    EXPECT_EQ(row.description, "a game");
    EXPECT_EQ(row.age, 60s);
    EXPECT_EQ(row.renewed, 10s);
    EXPECT_LE(row.left, 90s);
    EXPECT_EQ(row.traffic, (Traffic{7, 700}));
    EXPECT_TRUE(row.enabled && row.isOwn);
}

TEST_F(OpeningRowsTest, RowsOfAllKindsComeInTheOrderInWhichTheyWereMade) {
    has({mappingOf(kConsole, 1000), openingOf(OpeningKind::Pinhole, {kConsole6, Port{2000}}),
         mappingOf(kPhone, 3000)});
    EXPECT_THAT(portsOf(rows()), ElementsAre(1000, 2000, 3000));
    EXPECT_FALSE(rows().rows.back().isOwn);
    EXPECT_THAT(portsOf(rows(1)), ElementsAre(2000, 3000));
    EXPECT_THAT(rows(3).rows, IsEmpty());
    EXPECT_EQ(rows(3).total, 3U);
}

TEST_F(OpeningRowsTest, OneReplyHasSoManyRows) {
    std::vector<Opening> many;
    for (std::uint16_t port = 1000; port < 1050; ++port) many.push_back(mappingOf(kPhone, port));
    has(many);
    EXPECT_THAT(rows().rows, SizeIs(kMaxRows));
    EXPECT_EQ(rows().total, 50U);
    EXPECT_THAT(rows(kMaxRows).rows, SizeIs(50 - kMaxRows));
}

TEST_F(OpeningRowsTest, AHostSeesItsOwnWhereOthersAreNoneOfItsBusiness) {
    has({mappingOf(kConsole, 1000), mappingOf(kPhone, 3000)});
    events_.refused({.requester = kAsking, .client = kAsking, .what = "mine", .reason = "x"});
    events_.refused(
        {.requester = Host{kPhone}, .client = Host{kPhone}, .what = "other", .reason = "x"});
    EXPECT_THAT(overview().refusals, SizeIs(2));
    const auto seesItsOwn = [&] {
        EXPECT_THAT(portsOf(rows()), ElementsAre(1000));
        EXPECT_EQ(rows().total, 1U) << "nor how many others there are";
        ASSERT_THAT(overview().refusals, SizeIs(1));
        EXPECT_EQ(overview().refusals.front().what, "mine");
    };
    configuration_.page = PageAccess::Own;
    seesItsOwn();
    configuration_.page = PageAccess::All;
    configuration_.policy.listAll = false;
    seesItsOwn();
}

TEST_F(OpeningRowsTest, NobodySeesAPageThatIsNotThere) {
    configuration_.page = PageAccess::None;
    EXPECT_EQ(ask(GetRows{0, kConsole}), GatewayReply{MappingError::NotAuthorized});
    EXPECT_EQ(ask(GetOverview{kConsole}), GatewayReply{MappingError::NotAuthorized});
    configuration_.page = PageAccess::All;
    EXPECT_EQ(ask(GetMetrics{}), GatewayReply{MappingError::NotAuthorized});
}

TEST_F(OpeningRowsTest, TheNewestRefusalComesFirst) {
    for (const char* const what : {"one", "two"})
        events_.refused({.via = Origin::Pcp,
                         .requester = kAsking,
                         .client = kAsking,
                         .what = what,
                         .reason = "deny 1-1023"});
    const auto refusals = overview().refusals;
    ASSERT_THAT(refusals, SizeIs(2));
    EXPECT_EQ(refusals[0].what, "two");
    EXPECT_EQ(refusals[1].what, "one");
    EXPECT_EQ(refusals[0].reason, "deny 1-1023");
    EXPECT_EQ(refusals[0].via, Origin::Pcp);
}

TEST_F(OpeningRowsTest, TheOverviewNamesBothSides) {
    const Overview told = overview();
    EXPECT_EQ(told.external, "ppp0 80.100.100.1 (public)");
    EXPECT_EQ(told.firewall, "fake");
    EXPECT_LE(90min - told.uptime, 1s);
    EXPECT_THAT(told.health, IsEmpty());
}

TEST_F(OpeningRowsTest, HealthSaysWhatIsWrong) {
    repairs_.damaged("the table was gone");
    forwards_ = false;
    interfaces_.set(kWan, ipv4("100.71.3.4"));
    external_.refresh(Clock::now());
    FrontEnds::Served lan{kLan.interface, {}};
    lan.problems = {{{false, {kLan.addresses.front().address, Port{5351}}}, "port 5351 is taken"}};
    lan.notAdvertised = "no multicast";
    FrontEnds::Served waiting{*InterfaceName::parse("vlan20"), {}};
    waiting.waits = "no such interface yet";
    served_ = {lan, waiting};
    EXPECT_THAT(overview().health,
                ElementsAre(HasSubstr("the table was gone"), HasSubstr("ip_forward"),
                            "ppp0 has an address that the Internet does not reach: 100.71.3.4 "
                            "(carrier NAT)",
                            "lan0: the device is not advertised: no multicast",
                            "lan0: port 5351 is taken; it is tried again",
                            "vlan20 is not served: no such interface yet"));
    interfaces_.set(kWan, std::nullopt);
    external_.refresh(Clock::now());
    EXPECT_THAT(overview().health[2], "ppp0 has no address of IPv4");
}

}  // namespace
}  // namespace igd
