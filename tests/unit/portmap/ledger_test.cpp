// SPDX-License-Identifier: GPL-2.0-or-later
#include "ledger.h"

#include "samples.h"

#include <gmock/gmock.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> texts(const std::vector<const Opening*>& openings) {
    std::vector<std::string> texts;
    for (const Opening* const opening : openings) texts.push_back(describe(*opening));
    return texts;
}

const std::string kTcp1 = "tcp 1 -> 192.168.1.10:1";
const std::string kTcp2 = "tcp 2 -> 192.168.1.10:2";
const std::string kTcp3 = "tcp 3 -> 192.168.1.10:3";

TEST(Ledger, KeepsTheOrderOfInsertionWithoutHoles) {  // IGD-Index-01, -03, -04
    Ledger ledger;
    for (const MappingKey key : {tcp(5000), tcp(5001), tcp(5002)})
        ledger.put(mappingOf(kAlice, key));
    ledger.erase(mappingOf(kAlice, tcp(5001)).name());
    ledger.put(mappingOf(kAlice, tcp(4000)));
    ASSERT_EQ(ledger.size(), 3U);
    EXPECT_EQ(ledger.mappingAt(0)->key(), tcp(5000));
    EXPECT_EQ(ledger.mappingAt(1)->key(), tcp(5002));
    EXPECT_EQ(ledger.mappingAt(2)->key(), tcp(4000));
    EXPECT_EQ(ledger.mappingAt(3), nullptr);
}

TEST(Ledger, KeepsTheIndexOfAnOverwrittenMapping) {  // IGD-Map-06
    Ledger ledger;
    Opening first = ledger.put(mappingOf(kAlice, tcp(5000)));
    ledger.put(mappingOf(kAlice, tcp(5001)));
    first.claims.front().description = "other";
    ledger.put(first);
    EXPECT_EQ(ledger.size(), 2U);
    EXPECT_EQ(*ledger.mappingAt(0), first);
}

TEST(Ledger, KeepsTheIndexOfOneThatIsPutAgainWithoutAnId) {  // IGD-Map-06
    Ledger ledger;
    ledger.put(mappingOf(kAlice, tcp(5000)));
    ledger.put(mappingOf(kAlice, tcp(5001)));
    ledger.put(mappingOf(kBob, tcp(5000)));
    EXPECT_EQ(ledger.mappingAt(0)->internal.address, kBob.address);
}

TEST(Ledger, TellsProtocolsApart) {  // IGD-Map-10
    Ledger ledger;
    ledger.put(mappingOf(kAlice, tcp(5000)));
    EXPECT_EQ(ledger.find(udp(5000)), nullptr);
    EXPECT_NE(ledger.find(tcp(5000)), nullptr);
}

TEST(Ledger, TellsMappingsPinholesAndFlowsApart) {
    Ledger ledger;
    ledger.put(flowOf(kAlice, 5000));
    ledger.put(pinholeAt(kAlice6, 5000, 7));
    ledger.put(mappingOf(kAlice, udp(5000)));
    EXPECT_EQ(ledger.size(), 3U);
    for (const OpeningKind kind : {OpeningKind::Mapping, OpeningKind::Pinhole, OpeningKind::Peer})
        EXPECT_EQ(ledger.count(kind), 1U);
    EXPECT_EQ(ledger.mappingAt(0)->kind, OpeningKind::Mapping);
    EXPECT_EQ(ledger.mappingAt(1), nullptr);
    EXPECT_THAT(texts(ledger.ofKind(OpeningKind::Pinhole)),
                ElementsAre("pinhole udp [2001:db8::10]:5000 from any"));
    EXPECT_THAT(texts(ledger.all()), ElementsAre("udp 5000 -> 192.168.1.10:5000",
                                                 "pinhole udp [2001:db8::10]:5000 from any",
                                                 "flow udp 192.168.1.10:5000 to 80.100.100.9:80"));
}

TEST(Ledger, TellsPinholesApartByTheirRemoteEnd) {
    Ledger ledger;
    Opening narrow = pinholeAt(kAlice6, 5000, 8);
    narrow.remote = filter("2001:db8:ffff::1");
    ledger.put(pinholeAt(kAlice6, 5000, 7));
    ledger.put(narrow);
    EXPECT_EQ(ledger.count(OpeningKind::Pinhole), 2U);
    EXPECT_EQ(ledger.find(narrow.name())->pinholeId, 8);
}

TEST(Ledger, FindsAPinholeByItsId) {
    Ledger ledger;
    ledger.put(mappingOf(kAlice, udp(5000)));
    EXPECT_EQ(ledger.byPinholeId(0), nullptr) << "that is none's";
    Opening pinhole = ledger.put(pinholeAt(kAlice6, 5000, 7));
    EXPECT_EQ(ledger.byPinholeId(7)->internal, pinhole.internal);
    pinhole.pinholeId.reset();
    ledger.put(pinhole);
    EXPECT_EQ(ledger.byPinholeId(7), nullptr);
}

TEST(Ledger, FindsTheEndsThatCome) {
    Ledger ledger;
    ledger.put(mappingOf(kAlice, tcp(1), t0 + 20s));
    ledger.put(mappingOf(kAlice, tcp(2)));
    ledger.put(mappingOf(kAlice, tcp(3), t0 + 10s));
    EXPECT_EQ(ledger.nextEnd(), t0 + 10s);
    EXPECT_THAT(ledger.endingBy(t0 + 9s, 9), IsEmpty());
    EXPECT_THAT(texts(ledger.endingBy(t0 + 20s, 9)), ElementsAre(kTcp3, kTcp1));
    EXPECT_THAT(texts(ledger.endingBy(t0 + 20s, 1)), ElementsAre(kTcp3));
}

TEST(Ledger, FindsTheEndOfTheFirstClaimAndTheHostsDeadline) {
    Ledger ledger;
    Opening shared = mappingOf(kAlice, tcp(1));
    shared.put({.origin = Origin::Pcp, .requester = kAlice.address, .expiresAt = t0 + 50s});
    ledger.put(shared);
    EXPECT_EQ(ledger.nextEnd(), t0 + 50s);
    Opening absent = mappingOf(kAlice, tcp(2));
    absent.hostDeadline = t0 + 5s;
    ledger.put(absent);
    EXPECT_EQ(ledger.nextEnd(), t0 + 5s);
}

TEST(Ledger, HasNoNextEndWithoutLeases) {
    Ledger ledger;
    EXPECT_FALSE(ledger.nextEnd());
    ledger.put(mappingOf(kAlice, tcp(2)));
    EXPECT_FALSE(ledger.nextEnd());
}

TEST(Ledger, CountsByAccountOverAllKinds) {
    Ledger ledger;
    ledger.put(mappingOf(kAlice, tcp(1)));
    ledger.put(pinholeAt(kAlice6, 1, 1));
    ledger.put(flowOf(kAlice, 1));
    ledger.put(mappingOf(kBob, tcp(2)));
    EXPECT_EQ(ledger.portsOf(accountOf(kAlice)), 3U);
    ledger.put(mappingOf(kBob, tcp(1)));
    EXPECT_EQ(ledger.portsOf(accountOf(kAlice)), 2U);
    EXPECT_EQ(ledger.portsOf(accountOf(kBob)), 2U);
    EXPECT_EQ(ledger.portsOf(accountOf({kAlice.address})), 0U);
}

TEST(Ledger, ListsTheMappingsOfAnAccountByPlace) {
    Ledger ledger;
    ledger.put(mappingOf(kBob, tcp(9)));
    ledger.put(mappingOf(kAlice, tcp(2)));
    ledger.put(pinholeAt(kAlice6, 1, 1));
    ledger.put(mappingOf(kBob, tcp(8)));
    ledger.put(mappingOf(kAlice, tcp(1)));
    EXPECT_EQ(ledger.mappingAt(accountOf(kAlice), 0)->key(), tcp(2));
    EXPECT_EQ(ledger.mappingAt(accountOf(kAlice), 1)->key(), tcp(1));
    EXPECT_EQ(ledger.mappingAt(accountOf(kAlice), 2), nullptr);
    EXPECT_EQ(ledger.mappingAt(accountOf(kBob), 2), nullptr);
    EXPECT_EQ(ledger.mappingAt(accountOf({kAlice.address}), 0), nullptr);
}

TEST(Ledger, ListsARangeByPort) {  // IGD-GetList-04 to -08
    Ledger ledger;
    for (const std::uint16_t port : Ports{3, 1, 2}) ledger.put(mappingOf(kAlice, tcp(port)));
    ledger.put(mappingOf(kAlice, udp(1)));
    ledger.put(mappingOf(kBob, tcp(4)));
    EXPECT_THAT(texts(ledger.mappingsIn(Protocol::Tcp, ports("1-3"), 9)),
                ElementsAre(kTcp1, kTcp2, kTcp3));
    EXPECT_THAT(texts(ledger.mappingsIn(Protocol::Tcp, ports("2-3"), 1)), ElementsAre(kTcp2));
    EXPECT_THAT(texts(ledger.mappingsIn(accountOf(kAlice), Protocol::Tcp, ports("2-9"), 9)),
                ElementsAre(kTcp2, kTcp3));
    EXPECT_THAT(ledger.mappingsIn(accountOf(kBob), Protocol::Tcp, ports("1-3"), 9), IsEmpty());
}

TEST(Ledger, FindsWhatLeadsToAnInternalEndOldestFirst) {
    Ledger ledger;
    Opening second = mappingOf(kAlice, tcp(1));
    second.internal.port = Port{7};
    Opening first = second;
    first.externalPort = Port{9};
    ledger.put(first);
    ledger.put(second);
    ledger.put(flowOf(kAlice, 7));
    EXPECT_THAT(texts(ledger.leadingTo(OpeningKind::Mapping, Protocol::Tcp, first.internal)),
                ElementsAre("tcp 9 -> 192.168.1.10:7", "tcp 1 -> 192.168.1.10:7"));
    EXPECT_EQ(ledger.ofClient(kAlice.address).size(), 3U);
    EXPECT_THAT(ledger.ofClient(kBob.address), IsEmpty());
}

TEST(Ledger, LosesNoOpeningWhoseIdIsAnothers) {
    Ledger ledger;
    Opening first = mappingOf(kAlice, tcp(1));
    Opening second = mappingOf(kAlice, tcp(2));
    first.id = second.id = 5;
    ledger.put(first);
    EXPECT_EQ(ledger.put(second).key(), tcp(2));
    EXPECT_EQ(ledger.size(), 2U);
}

}  // namespace
}  // namespace igd
