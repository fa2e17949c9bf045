// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/inspect/residue.h"

#include "rules.h"

#include <gtest/gtest.h>

namespace igd::inspect::test {
namespace {

const Step kEstablished = state(ct::kEstablished | ct::kRelated);

/// The place that stops tcp to that client; empty: none.
std::string stop(const Ruleset& rules, const IpEndpoint& client = kClient,
                 const IpEndpoint& external = kExternal) {
    const Residue residue{rules, path(), planOpenings(rules, path(), {})};
    return residue.stop(Protocol::Tcp, external, client).value_or("");
}

TEST(Residue, AnOrdinaryOpeningPasses) {
    Rules host;
    host.forward({{kEstablished, accept()}, {unknown(), drop()}, {in("lan0"), accept()}}, true);
    EXPECT_EQ(stop(host.rules), "");
    EXPECT_FALSE(Residue{}.stop(Protocol::Tcp, kExternal, kClient));
}

TEST(Residue, APortThatIsDroppedAboveOurRuleStaysClosed) {
    Rules host;
    host.forward({{kEstablished, accept()}, {in("wan0"), dport(25), drop()}}, true);
    EXPECT_EQ(stop(host.rules), "");
    EXPECT_EQ(stop(host.rules, {kClient.address, Port{25}}), "inet filter forward rule 2");
}

TEST(Residue, ADropBehindOurRuleStopsNothing) {
    Rules host;
    host.forward({{kEstablished, accept()}, {in("wan0"), drop()}, {dport(25), drop()}});
    EXPECT_EQ(stop(host.rules, {kClient.address, Port{25}}), "");
}

TEST(Residue, AClientThatIsKeptOffTheInternetStaysSo) {
    Rules host;
    const Step camera = address(Field::Destination4, "192.168.50.10");
    host.forward({{kEstablished, accept()}, {host.jump("cameras")}}, true);
    host.chain("cameras", {{in("wan0"), camera, drop()}});
    EXPECT_EQ(stop(host.rules), "inet filter cameras rule 1");
    EXPECT_EQ(stop(host.rules, {parseIpv4Address("192.168.50.11").value(), Port{5000}}), "");
}

TEST(Residue, AnExternalPortThatIsDroppedOnItsWayInIsClosed) {
    Rules host;
    host.base("raw", {.hook = Hook::Prerouting, .priority = -300}, {{dport(40001), drop()}});
    EXPECT_EQ(stop(host.rules), "inet filter raw rule 1");
    EXPECT_EQ(stop(host.rules, kClient, {kExternal.address, Port{40002}}), "");
}

TEST(Residue, OtherLansRulesAreNotIts) {
    Rules host;
    host.forward({{kEstablished, accept()}, {out("lan9"), dport(5000), drop()}}, true);
    EXPECT_EQ(stop(host.rules), "");
}

}  // namespace
}  // namespace igd::inspect::test
