// SPDX-License-Identifier: GPL-2.0-or-later
// Batches, what is read, what ends, and what the log says.
#include "openings_fixture.h"

#include "upnpd/util/log_limiter.h"

namespace igd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Batches : public OpeningsTest {
protected:
    std::vector<std::optional<MappingError>> together(const std::vector<ChangeRequest>& requests) {
        std::vector<Change> changes;
        for (const ChangeRequest& request : requests) changes.push_back(changeOf(request));
        std::vector<std::optional<MappingError>> errors;
        for (const ChangeResult& result : openings.apply(changes, t0))
            errors.push_back(errorOf(result));
        return errors;
    }
};
constexpr std::nullopt_t kGranted = std::nullopt;

TEST_F(Batches, AreOneChangeOfTheKernel) {
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, tcp(5001), 60s))));
    const auto errors = together(
        {requestOf(kAlice, tcp(5001), 100s), requestOf(kBob, tcp(5001)), requestOf(kBob, tcp(5002)),
         requestOf(kAlice, tcp(22)), wishOf(Origin::NatPmp, kAlice, 5003), pinholeOf(kBob6, 5004),
         wishOf(Origin::Pcp, kBob6, 5005), endOf(Origin::NatPmp, kAlice, 5003)});
    EXPECT_THAT(errors,
                ElementsAre(kGranted, MappingError::Conflict, kGranted, MappingError::NotAuthorized,
                            kGranted, kGranted, kGranted, kGranted));
    EXPECT_EQ(firewall.changes, 1 + 1);
    EXPECT_THAT(firewall.texts(),
                ElementsAre("tcp 5001 -> 192.168.1.10:5001", "tcp 5002 -> 192.168.1.20:5002",
                            "udp [2001:db8::20]:5004", "udp [2001:db8::20]:5005"));
    EXPECT_EQ(openings.lists().at(0, kAlice, t0)->remainingLease, 100s);
}

TEST_F(Batches, AreForetoldWithoutATrace) {
    const auto foretold = [this](const ChangeRequest& request) {
        return openings.outlook(changeOf(request), t0);
    };
    ASSERT_TRUE(isGranted(ask(requestOf(kBob, tcp(5001)))));
    const Outlook conflict = foretold(requestOf(kAlice, tcp(5001)));
    EXPECT_EQ(errorOf(conflict.result), MappingError::Conflict);
    EXPECT_EQ(conflict.reason, "held by 192.168.1.20");
    EXPECT_EQ(std::get<Port>(foretold(AnyMappingRequest{requestOf(kAlice, tcp(5001))}).result),
              Port{5002});
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(std::get<PinholeOpened>(foretold(pinholeOf(kBob6, 5004)).result).id, 1);
        EXPECT_TRUE(isGranted(foretold(wishOf(Origin::Pcp, kAlice, 5003)).result));
    }
    EXPECT_EQ(firewall.changes, 1);
    EXPECT_EQ(openings.lists().all().size(), 1U);
    EXPECT_EQ(record.stored.size(), 1U);
}

TEST_F(Batches, AskTheKernelNothingWhenAllIsRefused) {
    EXPECT_THAT(together({requestOf(kAlice, tcp(22)), releaseOf(kBob, tcp(5000))}),
                ElementsAre(MappingError::NotAuthorized, MappingError::NotFound));
    EXPECT_EQ(firewall.changes, 0);
}

TEST_F(Batches, JudgeEachAsIfThoseBeforeItWereGranted) {
    PolicyConfig config;
    config.mappingsPerClient = 2;
    ASSERT_TRUE(reload(config));
    EXPECT_THAT(together({requestOf(kAlice, tcp(5000)), wishOf(Origin::Pcp, kAlice6, 5001),
                          requestOf(kAlice, tcp(5002)), releaseOf(kAlice, tcp(5000)),
                          requestOf(kAlice, tcp(5003))}),
                ElementsAre(kGranted, kGranted, MappingError::QuotaExceeded, kGranted, kGranted));
    EXPECT_EQ(firewall.changes, 1);
}

TEST_F(Batches, GiveTheLastPortToOne) {  // IWF-09
    PolicyConfig config;
    config.permissions = {allow("5000", AnyClient{}, "1-65535"), deny("0-65535")};
    ASSERT_TRUE(reload(config));
    EXPECT_THAT(
        together({AnyMappingRequest{requestOf(kAlice, udp(5000))}, wishOf(Origin::Pcp, kBob)}),
        ElementsAre(kGranted, MappingError::TableFull));
}

TEST_F(Batches, AreTriedOneByOneWhenTheKernelRefusesThemTogether) {
    firewall.refused = Port{5001};
    EXPECT_THAT(together({requestOf(kAlice, tcp(5000)), requestOf(kAlice, tcp(5001)),
                          requestOf(kBob, tcp(5002)), wishOf(Origin::Pcp, kBob, 5001)}),
                ElementsAre(kGranted, MappingError::Backend, kGranted, MappingError::Backend));
    EXPECT_THAT(firewall.texts(),
                ElementsAre("tcp 5000 -> 192.168.1.10:5000", "tcp 5002 -> 192.168.1.20:5002"));
    EXPECT_EQ(openings.lists().size(), 2U);
    EXPECT_EQ(record.stored.size(), 2U);
}

TEST_F(Batches, LeaveEverythingInItsOrderWhenNoneIsTaken) {
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, tcp(5000), 60s))));
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, tcp(5001)))));
    const auto before = openings.lists().all();
    firewall.broken = true;
    EXPECT_THAT(together({requestOf(kAlice, tcp(5000), 600s), requestOf(kBob, tcp(5002))}),
                ElementsAre(MappingError::Backend, MappingError::Backend));
    EXPECT_EQ(openings.lists().all(), before);
    EXPECT_THAT(record.ended, IsEmpty());
}

TEST_F(Batches, LeaveOutWhatAnotherProgramHasNotAgreedTo) {
    firewall.another = FakeFirewall::Another::Thinks;
    const std::vector changes{changeOf(requestOf(kAlice, tcp(5000))),
                              changeOf(pinholeOf(kAlice6, 5000))};
    EXPECT_THAT(openings.apply(changes, t0),
                ElementsAre(ChangeResult{Done{}}, ChangeResult{NotYet{}}));
    EXPECT_THAT(firewall.texts(), ElementsAre("tcp 5000 -> 192.168.1.10:5000"));
    EXPECT_EQ(openings.lists().size(), 1U);
    firewall.another = FakeFirewall::Another::Agrees;
    EXPECT_TRUE(std::holds_alternative<PinholeOpened>(openings.apply(changes.back(), t0)));
    EXPECT_EQ(openings.lists().size(), 2U);
}

TEST_F(Batches, CarryOutPeersInTheirTurn) {
    EXPECT_THAT(together({requestOf(kAlice, udp(5000)), peerOf(kAlice, 5000),
                          releaseOf(kAlice, udp(5000)), peerOf(kBob, 5000)}),
                ElementsAre(kGranted, kGranted, kGranted, kGranted));
    EXPECT_EQ(firewall.changes, 4);
    EXPECT_EQ(openings.lists().count(OpeningKind::Peer), 2U);
}

TEST_F(Batches, MayBeEmpty) {
    EXPECT_THAT(together({}), IsEmpty());
}

using Reading = OpeningsTest;

TEST_F(Reading, ShowsAllToAllByDefault) {  // IGD-Access-11
    ASSERT_TRUE(isGranted(ask(requestOf(kBob, tcp(5000)))));
    EXPECT_EQ(openings.lists().at(0, kAlice, t0)->key, tcp(5000));
    EXPECT_TRUE(openings.lists().find(tcp(5000), kAlice, t0));
    EXPECT_EQ(openings.lists().find(udp(5000), kAlice, t0).error(), MappingError::NotFound);
}

TEST_F(Reading, HidesTheMappingsOfOthersWhereThatIsWished) {  // IGD-Access-12
    PolicyConfig config;
    config.listAll = false;
    ASSERT_TRUE(reload(config));
    ASSERT_TRUE(isGranted(ask(requestOf(kBob, tcp(5000)))));
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, tcp(5001)))));
    EXPECT_EQ(openings.lists().at(0, kAlice, t0)->key, tcp(5001))
        << "another's hides none of one's own";
    EXPECT_EQ(openings.lists().at(1, kAlice, t0).error(), MappingError::IndexOutOfRange);
    EXPECT_EQ(openings.lists().find(tcp(5000), kAlice, t0).error(), MappingError::NotAuthorized);
    EXPECT_TRUE(openings.lists().find(tcp(5000), kBob, t0));
    EXPECT_EQ(openings.lists().at(0, kBob, t0)->key, tcp(5000));
}

TEST_F(Reading, ListsARangeByPort) {  // IGD-GetList-04 to -09, IGD-Access-10
    for (const std::uint16_t port : Ports{5005, 5001})
        ASSERT_TRUE(isGranted(ask(requestOf(kAlice, tcp(port)))));
    ASSERT_TRUE(isGranted(ask(requestOf(kBob, tcp(5002)))));
    const auto list = [&](const char* range, std::size_t limit) {
        return openings.lists().range(rangeOf(kAlice, range, true), kAlice, limit, t0);
    };
    EXPECT_EQ(list("5000-6000", 9)->size(), 2U);
    EXPECT_EQ(list("5000-6000", 1)->front().key, tcp(5001));
    EXPECT_EQ(list("5002-5004", 9).error(), MappingError::NotFound);
    EXPECT_EQ(list("0-65535", 9)->size(), 2U) << "reading needs no line";  // IGD-GetList-09
}

TEST_F(Reading, ListsTheRangesOfOthersToWhomMayManageThem) {
    PolicyConfig config;
    config.thirdParties = {filter("192.168.1.10/32").remote};
    ASSERT_TRUE(reload(config));
    ASSERT_TRUE(isGranted(ask(requestOf(kBob, tcp(5002)))));
    const auto list = [&](const Host& requester, bool manage) {
        return openings.lists().range(rangeOf(requester, "5000-6000", manage), requester, 9, t0);
    };
    EXPECT_EQ(list(kAlice, true)->size(), 1U);
    EXPECT_EQ(list(kAlice, false).error(), MappingError::NotFound);
    EXPECT_EQ(list(kBob, true)->size(), 1U);
}

TEST_F(Reading, ListsNeitherPinholesNorFlows) {  // IGD-Map-18
    ASSERT_TRUE(isGranted(ask(pinholeOf(kAlice6, 5000))));
    ASSERT_TRUE(isGranted(ask(peerOf(kAlice))));
    EXPECT_EQ(openings.lists().at(0, kAlice, t0).error(), MappingError::IndexOutOfRange);
    EXPECT_EQ(openings.lists().count(OpeningKind::Mapping), 0U);
    EXPECT_EQ(openings.lists().size(), 2U);
}

using Ending = OpeningsTest;

TEST_F(Ending, IsInLedgerAndKernel) {  // IGD-Lease-05
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(3074), 60s))));
    EXPECT_EQ(openings.nextExpiry(), t0 + 60s);
    ASSERT_TRUE(openings.expire(t0 + 59s));
    EXPECT_EQ(openings.lists().size(), 1U);
    ASSERT_TRUE(openings.expire(t0 + 60s));
    EXPECT_EQ(openings.lists().size(), 0U);
    EXPECT_THAT(firewall.texts(), IsEmpty());
    EXPECT_THAT(record.ended, ElementsAre("udp 3074 -> 192.168.1.10:3074"));
}

TEST_F(Ending, OfManyIsOneChangeOfTheKernel) {
    for (const std::uint16_t port : Ports{5000, 5001, 5002})
        ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(port), 60s))));
    ASSERT_TRUE(openings.expire(t0 + 60s));
    EXPECT_EQ(firewall.changes, 3 + 1);
    EXPECT_EQ(openings.updateId(), 6U);  // IGD-Index-07
}

TEST_F(Ending, IsTriedAgainWhenTheKernelRefuses) {
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(3074), 60s))));
    ASSERT_TRUE(isGranted(ask(pinholeOf(kAlice6, 5000, 60s))));
    const auto before = openings.lists().all();
    firewall.broken = true;
    EXPECT_EQ(openings.expire(t0 + 60s).error(), MappingError::Backend);
    EXPECT_EQ(openings.lists().all(), before);
    firewall.broken = false;
    EXPECT_TRUE(openings.expire(t0 + 60s));
    EXPECT_EQ(openings.lists().size(), 0U);
}

TEST_F(Ending, RepairsADamagedFirewallBeforeItFails) {
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, tcp(5000)))));
    ASSERT_TRUE(isGranted(ask(requestOf(kBob, tcp(5001)))));
    firewall.rules.clear();
    firewall.damaged = true;
    EXPECT_TRUE(isGranted(ask(releaseOf(kAlice, tcp(5000)))));
    EXPECT_THAT(firewall.texts(), ElementsAre("tcp 5001 -> 192.168.1.20:5001"));
}

TEST_F(Ending, OfEverythingOfClients) {
    const std::vector fixed{mappingOf(kBob, tcp(80), std::nullopt, Origin::Static)};
    ASSERT_TRUE(openings.restore(fixed, t0));
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, tcp(5000)))));
    ASSERT_TRUE(isGranted(ask(pinholeOf(kAlice6, 5000))));
    ASSERT_TRUE(isGranted(ask(peerOf(kAlice))));
    ASSERT_TRUE(openings.clear(t0));
    EXPECT_THAT(firewall.texts(), ElementsAre("tcp 80 -> 192.168.1.20:80"));
    EXPECT_THAT(firewall.flows, IsEmpty());
    EXPECT_EQ(openings.lists().size(), 1U);
}

TEST_F(Ending, OfWhatAnotherRouterHasNowIsToldToNobody) {
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(3074)))));
    const std::uint32_t id = openings.lists().all().front().id;
    firewall.rules.clear();  // the engine has taken them out
    openings.forget();
    EXPECT_EQ(openings.lists().size(), 0U);
    EXPECT_EQ(firewall.changes, 1);
    EXPECT_THAT(record.ended, IsEmpty());
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(3074)))));
    EXPECT_GT(openings.lists().all().front().id, id) << "counts of the first one are not its own";
}

TEST_F(Ending, OfEverythingLeavesAllWhenTheKernelRefuses) {
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, tcp(5000)))));
    ASSERT_TRUE(isGranted(ask(pinholeOf(kAlice6, 5000))));
    firewall.broken = true;
    EXPECT_EQ(openings.clear(t0).error(), MappingError::Backend);
    EXPECT_EQ(openings.lists().size(), 2U);
}

TEST_F(Ending, OfOneMappingIsTheAdministrators) {
    (void)grant(wishOf(Origin::Pcp, kAlice));
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(5000)))));
    EXPECT_TRUE(openings.remove(udp(5000), t0)) << "with all its claims";
    EXPECT_THAT(firewall.texts(), IsEmpty());
    EXPECT_EQ(openings.remove(udp(5000), t0).error(), MappingError::NotFound);
}

class Log : public OpeningsTest {
protected:
    /// Returns what the log says of `requests`.
    std::string logOf(const std::vector<ChangeRequest>& requests) {
        testing::internal::CaptureStderr();
        for (const ChangeRequest& request : requests) (void)ask(request);
        return testing::internal::GetCapturedStderr();
    }
    static std::size_t count(const std::string& text, const std::string& part) {
        std::size_t count = 0;
        for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
            ++count;
        return count;
    }
};

TEST_F(Log, SaysWhatWasGranted) {
    EXPECT_THAT(
        logOf({requestOf(kAlice, udp(3074), 60s)}),
        HasSubstr("portmap: granted udp 3074 -> 192.168.1.10:3074 for 192.168.1.10 by upnp, "
                  "60 s \"game\""));
}

TEST_F(Log, SaysWhoWasRefusedWhatAndWhy) {
    PolicyConfig config;
    config.permissions = {deny("0-65535")};
    ASSERT_TRUE(reload(config));
    for (const ChangeRequest& request :
         {ChangeRequest{requestOf(kAlice, udp(3074))},
          ChangeRequest{AnyMappingRequest{requestOf(kAlice, udp(3075))}},
          ChangeRequest{wishOf(Origin::NatPmp, kAlice)}, ChangeRequest{wishOf(Origin::Pcp, kAlice)},
          ChangeRequest{peerOf(kAlice)}}) {
        const std::string text = logOf({request});
        EXPECT_EQ(count(text, "\n"), 1U) << text;
        EXPECT_THAT(text, HasSubstr("portmap: refused "));
        EXPECT_THAT(text, HasSubstr(" for 192.168.1.10 by "));
        EXPECT_THAT(text, HasSubstr("not-authorized: denied by upnpd.conf:7"));
    }
    EXPECT_THAT(logOf({pinholeOf(kAlice6, 5000)}),
                HasSubstr("refused pinhole udp [2001:db8::10]:5000 for 2001:db8::10 by upnp: "
                          "not-authorized: denied by upnpd.conf:7"));
}

TEST_F(Log, NamesTheLineThatIsMissingForAServicesPort) {
    PortRequest wish = wishOf(Origin::NatPmp, kAlice);
    wish.internalPort = wish.suggestedPort = Port{22};
    EXPECT_THAT(logOf({wish}), HasSubstr("external port 22 is below 1024 and no line allows it"));
}

TEST_F(Log, SaysTheSameRefusalOnceAndThenItsCount) {
    const ChangeRequest refused = requestOf(kAlice, tcp(22));
    EXPECT_EQ(count(logOf(std::vector(60, refused)), "refused"), 1U);
    testing::internal::CaptureStderr();
    openings.flushLog(t0 + 60s);
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("(and 59 more in 60 s)"));
}

TEST_F(Log, GivesOneClientABudgetWhateverItDoes) {
    std::vector<ChangeRequest> storm;
    for (int i = 0; i < 240; ++i) {
        const auto port = static_cast<std::uint16_t>(5000 + i);
        storm.emplace_back(wishOf(Origin::NatPmp, kAlice, port));
        storm.emplace_back(endOf(Origin::NatPmp, kAlice, port));
        storm.emplace_back(requestOf(kAlice, udp(static_cast<std::uint16_t>(i))));
    }
    EXPECT_LE(count(logOf(storm), "\n"), LogLimiter::kLinesPerHost);
    EXPECT_EQ(count(logOf({requestOf(kBob, udp(9000))}), "\n"), 1U) << "Bob has his own";
}

TEST_F(Log, HasOneLineForWhatAClientNames) {
    MappingRequest request = requestOf(kAlice, tcp(5000));
    request.description = "a\"b\n";
    EXPECT_THAT(logOf({request}), HasSubstr(R"("a\x22b\x0a")"));
}

TEST_F(Log, SaysNothingOfWhatIsNotThere) {
    EXPECT_EQ(logOf({releaseOf(kAlice, tcp(5000)), PinholeRelease{9, kAlice6.address}}), "");
}

TEST_F(Log, DoesNotCallAFailureOfTheKernelGranted) {
    firewall.broken = true;
    const std::string text = logOf({requestOf(kAlice, tcp(5000))});
    EXPECT_THAT(text, HasSubstr("firewall: nothing was changed"));
    EXPECT_THAT(text, Not(HasSubstr("granted")));
}

TEST_F(Log, NamesNoNonce) {  // IGD-Map-17
    EXPECT_THAT(logOf({wishOf(Origin::Pcp, kAlice)}), Not(HasSubstr("nonce")));
}

}  // namespace
}  // namespace igd
