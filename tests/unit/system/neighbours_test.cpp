// SPDX-License-Identifier: GPL-2.0-or-later
// With the kernel's own tables.
#include "upnpd/system/neighbours.h"

#include "own_network.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

using State = NeighbourEntry::State;

const InterfaceName kLan = InterfaceName::parse("lan0").value();
const IpAddress kConsole = parseIpv4Address("192.168.1.10").value();
const IpAddress kConsole6 = parseIpv6Address("fe80::10").value();
const IpAddress kNobody = parseIpv4Address("192.168.1.99").value();
const MacAddress kMac{{2, 0, 0, 0, 0, 0x10}};

TEST(NeighbourQuestions, TellAHostThatIsKnownFromOneThatIsLookedFor) {
    if (!canAskForNeighbours()) GTEST_SKIP() << kNoNeighbours;
    inOwnNetwork([] {
        run("ip neigh add 192.168.1.10 lladdr 02:00:00:00:00:10 dev lan0 nud stale");
        run("ip neigh add fe80::10 lladdr 02:00:00:00:00:10 dev lan0 nud stale");
        NeighbourQuestions questions{kLan};
        for (const IpAddress& host : {kConsole, kConsole6}) {
            const NeighbourEntry known = questions.ask(host);
            EXPECT_EQ(known.state, State::Valid);
            EXPECT_EQ(known.mac, kMac);
        }
        EXPECT_EQ(questions.ask(kNobody).state, State::Missing);
        run("ip neigh replace 192.168.1.99 dev lan0 nud none use");
        const NeighbourEntry lookedFor = questions.ask(kNobody);
        EXPECT_EQ(lookedFor.state, State::LookedFor);
        EXPECT_FALSE(lookedFor.mac);
    });
}

TEST(NeighbourQuestions, NobodyIsKnownWhereThereIsNoSuchInterface) {
    NeighbourQuestions questions{InterfaceName::parse("nolan7").value()};
    EXPECT_EQ(questions.ask(kConsole).state, State::Missing);
}

}  // namespace
}  // namespace igd
