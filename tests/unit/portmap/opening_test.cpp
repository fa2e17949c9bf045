// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/opening.h"

#include "samples.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

Claim claimOf(Origin origin, std::optional<TimePoint> end = std::nullopt,
              std::vector<PeerFilter> filters = {}) {
    return {.origin = origin,
            .requester = kAlice.address,
            .expiresAt = end,
            .filters = std::move(filters)};
}

Opening sharedUntil(TimePoint upnp, TimePoint pcp) {
    Opening opening = mappingOf(kAlice, udp(5000), upnp);
    opening.put(claimOf(Origin::Pcp, pcp));
    return opening;
}

TEST(Opening, HasOneClaimOfEachProtocol) {
    Opening opening = mappingOf(kAlice, udp(5000));
    opening.put(claimOf(Origin::Pcp, t0));
    opening.put(claimOf(Origin::Igd, t0 + 1s));
    ASSERT_EQ(opening.claims.size(), 2U);
    EXPECT_EQ(opening.claims[0].expiresAt, t0 + 1s) << "in the place of the old one";
    opening.drop(Origin::Igd);
    EXPECT_EQ(opening.claimOf(Origin::Igd), nullptr);
    EXPECT_EQ(opening.claimOf(Origin::Pcp)->expiresAt, t0);
}

TEST(Opening, LastsUntilItsLastClaimEnds) {
    Opening opening = sharedUntil(t0 + 100s, t0 + 60s);
    EXPECT_EQ(opening.end(), t0 + 100s);
    EXPECT_EQ(opening.nextEnd(), t0 + 60s);
    EXPECT_EQ(opening.remaining(t0), 100s);
    opening.put(claimOf(Origin::NatPmp));
    EXPECT_FALSE(opening.end());
    EXPECT_FALSE(opening.remaining(t0));
    opening.hostDeadline = t0 + 7s;
    EXPECT_EQ(opening.nextEnd(), t0 + 7s);
}

TEST(Opening, IsHeldByTheClaimsThatStillRun) {
    const Opening opening = sharedUntil(t0 + 100s, t0 + 60s);
    EXPECT_EQ(heldAt(opening, t0 + 59s), opening);
    EXPECT_EQ(heldAt(opening, t0 + 60s).claims.size(), 1U);
    EXPECT_EQ(heldAt(opening, t0 + 60s).claims.front().origin, Origin::Igd);
    EXPECT_TRUE(heldAt(opening, t0 + 100s).claims.empty());
}

TEST(Opening, EndsWithTheTimeOfItsHost) {
    Opening opening = mappingOf(kAlice, udp(5000));
    opening.hostDeadline = t0 + 10s;
    EXPECT_EQ(heldAt(opening, t0 + 9s), opening);
    EXPECT_TRUE(heldAt(opening, t0 + 10s).claims.empty());
}

TEST(Opening, HasNoIdOfUpnpsWithoutAClaimOfUpnp) {
    Opening pinhole = pinholeAt(kAlice6, 5000, 7, t0 + 10s);
    pinhole.put(claimOf(Origin::Pcp));
    EXPECT_EQ(heldAt(pinhole, t0).pinholeId, 7);
    EXPECT_FALSE(heldAt(pinhole, t0 + 10s).pinholeId);
}

TEST(Opening, LetsInWhomeverOneOfItsClaimsLetsIn) {
    Opening opening = mappingOf(kAlice, udp(5000));
    opening.claims.front().filters = {filter("80.1.0.0/16")};
    opening.put(claimOf(Origin::Pcp, t0, {filter("80.1.2.0/24"), filter("81.0.0.0/8")}));
    EXPECT_EQ(opening.filters(), (std::vector{filter("80.1.0.0/16"), filter("81.0.0.0/8")}));
    opening.put(claimOf(Origin::NatPmp));
    EXPECT_TRUE(opening.filters().empty()) << "one lets in anybody";
    opening.drop(Origin::NatPmp);
    opening.claims.front().enabled = false;
    EXPECT_EQ(opening.filters(), (std::vector{filter("80.1.2.0/24"), filter("81.0.0.0/8")}));
}

TEST(Opening, IsEnabledByOneClaim) {
    Opening opening = mappingOf(kAlice, udp(5000));
    opening.claims.front().enabled = false;
    EXPECT_FALSE(opening.isEnabled());
    EXPECT_FALSE(ruleFor(opening, t0));
    opening.put(claimOf(Origin::Pcp, t0 + 5s));
    EXPECT_TRUE(opening.isEnabled());
    EXPECT_TRUE(ruleFor(opening, t0));
}

TEST(RuleFor, AMappingTranslates) {
    const Rule rule = ruleFor(mappingOf(kAlice, udp(3074), t0 + 60s), t0).value();
    EXPECT_EQ(rule.externalPort, Port{3074});
    EXPECT_EQ(rule.internal, (IpEndpoint{kAlice.address, Port{3074}}));
    EXPECT_EQ(rule.timeout, 60s + kKernelGrace);
    EXPECT_EQ(rule.comment, "game");
    EXPECT_FALSE(rule.remote || rule.isFlow() || rule.isIpv6());
    EXPECT_FALSE(ruleFor(mappingOf(kAlice, udp(3074)), t0)->timeout);
}

TEST(RuleFor, OneRemoteHostIsTheRemoteEnd) {
    Opening opening = mappingOf(kAlice, udp(3074));
    opening.claims.front().filters = {filter("80.1.2.3")};
    EXPECT_EQ(ruleFor(opening, t0)->remote, filter("80.1.2.3"));
    EXPECT_TRUE(ruleFor(opening, t0)->filters.empty());
    opening.claims.front().filters = {filter("80.1.2.3@5")};
    EXPECT_FALSE(ruleFor(opening, t0)->remote);
    EXPECT_EQ(ruleFor(opening, t0)->filters, std::vector{filter("80.1.2.3@5")});
}

TEST(RuleFor, APinholeHasTheRemoteEndThatItWasAskedFor) {
    Opening pinhole = pinholeAt(kAlice6, 5000, 7);
    pinhole.remote = filter("2001:db8:ffff::1@53");
    EXPECT_TRUE(ruleFor(pinhole, t0)->isIpv6());
    EXPECT_EQ(ruleFor(pinhole, t0)->externalPort, Port{0});
    EXPECT_EQ(ruleFor(pinhole, t0)->remote, pinhole.remote);
    pinhole.remote.reset();
    pinhole.claims.front().filters = {filter("2001:db8:ffff::1")};
    EXPECT_EQ(ruleFor(pinhole, t0)->filters, pinhole.claims.front().filters);
}

TEST(RuleFor, AFlowHasItsExternalAddress) {
    const Rule rule = ruleFor(flowOf(kAlice, 6000, t0 + 60s), t0).value();
    EXPECT_TRUE(rule.isFlow());
    EXPECT_EQ(rule.flowAddress, IpAddress{kExternal});
    EXPECT_EQ(rule.remote, filter("80.100.100.9@80"));
}

TEST(Renewal, ChangesTheEndsAlone) {
    const Opening before = sharedUntil(t0 + 100s, t0 + 60s);
    Opening after = sharedUntil(t0 + 200s, t0 + 60s);
    EXPECT_TRUE(isRenewal(before, after));
    after.hostDeadline = t0;
    after.account = accountOf(kBob);
    after.claims.front().askedWithoutEnd = true;
    EXPECT_TRUE(isRenewal(before, after)) << "whose it is, is not its client's doing";
    after.claims.front().description = "other";
    EXPECT_FALSE(isRenewal(before, after));
    EXPECT_FALSE(isRenewal(before, mappingOf(kAlice, udp(5000))));
    EXPECT_FALSE(isRenewal(mappingOf(kAlice, udp(5000)), before));
}

TEST(View, IsWhatUpnpHasAskedForWhateverOthersAdded) {
    Opening opening = mappingOf(kAlice, udp(5000), t0 + 60s);
    opening.claims.front().filters = {filter("80.1.2.3")};
    opening.put(claimOf(Origin::Pcp, t0 + 100s));
    const MappingView view = viewOf(opening, t0);
    EXPECT_EQ(view.key, udp(5000));
    EXPECT_EQ(view.remoteHost, ipv4("80.1.2.3"));
    EXPECT_EQ(view.internal, (Endpoint{ipv4("192.168.1.10"), Port{5000}}));
    EXPECT_EQ(view.description, "game");
    EXPECT_EQ(view.remainingLease, 60s);
    EXPECT_EQ(view.origin, Origin::Igd);
}

TEST(View, SaysThatItIsFilteredWhereUpnpHasNoWordForIt) {  // IWF-07
    Opening opening = mappingOf(kAlice, udp(5000), std::nullopt, Origin::Pcp);
    opening.claims.front().filters = {filter("80.1.2.3")};
    EXPECT_EQ(viewOf(opening, t0).remoteHost, ipv4("80.1.2.3"));
    EXPECT_EQ(viewOf(opening, t0).description, "game");
    opening.claims.front().filters = {filter("80.1.2.0/24")};
    EXPECT_FALSE(viewOf(opening, t0).remoteHost);
    EXPECT_EQ(viewOf(opening, t0).description, "game (filtered)");
    opening.claims.front().description.clear();
    EXPECT_EQ(viewOf(opening, t0).description, "filtered");
    opening.claims.front().description = std::string(kMaxDescription, 'x');
    EXPECT_EQ(viewOf(opening, t0).description.size(), kMaxDescription);
}

TEST(View, NeverReadsZeroForALeaseThatRuns) {  // IGD-Lease-07
    const Opening opening = mappingOf(kAlice, udp(5000), t0 + 60s);
    EXPECT_EQ(viewOf(opening, t0 + 59900ms).remainingLease, 1s);
    EXPECT_EQ(viewOf(opening, t0 + 61s).remainingLease, 1s);
    EXPECT_EQ(viewOf(mappingOf(kAlice, udp(5000)), t0).remainingLease, 0s);
}

TEST(Description, SaysWhatLeadsWhereFromWhom) {
    Opening opening = mappingOf(kAlice, udp(3074));
    EXPECT_EQ(describe(opening), "udp 3074 -> 192.168.1.10:3074");
    opening.claims.front().filters = {filter("80.1.2.3"), filter("80.2.0.0/16@5")};
    EXPECT_EQ(describe(opening), "udp 3074 from 80.1.2.3/32, 80.2.0.0/16@5 -> 192.168.1.10:3074");
    Opening pinhole = pinholeAt(kAlice6, 5000, 7);
    EXPECT_EQ(describe(pinhole), "pinhole udp [2001:db8::10]:5000 from any");
    pinhole.protocol = Protocol::Esp;
    EXPECT_EQ(describe(pinhole), "pinhole esp [2001:db8::10] from any");
    EXPECT_EQ(describe(flowOf(kAlice, 6000)), "flow udp 192.168.1.10:6000 to 80.100.100.9:80");
}

}  // namespace
}  // namespace igd
