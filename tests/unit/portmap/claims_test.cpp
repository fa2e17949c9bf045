// SPDX-License-Identifier: GPL-2.0-or-later
// One opening, claimed by several protocols: a claim is added, renewed and taken away without
// touching the others.
#include "openings_fixture.h"

#include <algorithm>
#include <array>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::array kProtocols{Origin::Igd, Origin::NatPmp, Origin::Pcp};
const std::string kRule = "udp 5000 -> 192.168.1.10:5000";

ChangeRequest made(Origin origin, Seconds lease = 3600s) {
    if (origin == Origin::Igd) return requestOf(kAlice, udp(5000), lease);
    return wishOf(origin, kAlice, 5000, lease);
}
ChangeRequest ended(Origin origin) {
    if (origin == Origin::Igd) return releaseOf(kAlice, udp(5000));
    return endOf(origin, kAlice);
}

class Claims : public OpeningsTest {
protected:
    std::vector<Origin> origins() {
        std::vector<Origin> origins;
        for (const Opening& opening : openings.lists().all())
            for (const Claim& claim : opening.claims) origins.push_back(claim.origin);
        std::ranges::sort(origins);
        return origins;
    }
    Claim claim(Origin origin) { return *openings.lists().all().at(0).claimOf(origin); }
    PortRefusal refusal(const ChangeRequest& request) {
        return std::get<PortRefusal>(ask(request));
    }
};

TEST_F(Claims, AreMadeAndEndInAnyOrder) {
    std::array making = kProtocols;
    do {
        std::array ending = kProtocols;
        do {
            std::vector<Origin> left;
            for (const Origin origin : making) {
                ASSERT_TRUE(isGranted(ask(made(origin))));
                left.push_back(origin);
                std::ranges::sort(left);
                ASSERT_EQ(origins(), left);
                ASSERT_THAT(firewall.texts(), ElementsAre(kRule));
            }
            for (const Origin origin : ending) {
                ASSERT_TRUE(isGranted(ask(ended(origin)))) << name(origin);
                std::erase(left, origin);
                ASSERT_EQ(origins(), left) << "without " << name(origin);
                ASSERT_EQ(firewall.rules.size(), left.empty() ? 0U : 1U);
            }
        } while (std::ranges::next_permutation(ending).found);
    } while (std::ranges::next_permutation(making).found);
}

TEST_F(Claims, AreRenewedWithoutTheOthers) {
    for (const Origin renewed : kProtocols) {
        for (const Origin origin : kProtocols) ASSERT_TRUE(isGranted(ask(made(origin, 600s))));
        const auto before = openings.lists().all().at(0);
        ASSERT_TRUE(isGranted(ask(made(renewed, 7200s))));
        for (const Origin origin : kProtocols) {
            if (origin == renewed) {
                EXPECT_EQ(claim(origin).expiresAt, t0 + 7200s);
            } else {
                EXPECT_EQ(claim(origin), *before.claimOf(origin)) << name(origin);
            }
        }
        EXPECT_EQ(firewall.rules.front().timeout, 7200s + kKernelGrace) << "until the last ends";
        ASSERT_TRUE(openings.clear(t0));
    }
}

TEST_F(Claims, RunOutWithoutTheOthers) {
    for (const Origin first : kProtocols) {
        for (const Origin origin : kProtocols) ASSERT_TRUE(isGranted(ask(made(origin))));
        ASSERT_TRUE(isGranted(ask(made(first, 600s))));
        EXPECT_EQ(openings.nextExpiry(), t0 + 600s);
        ASSERT_TRUE(openings.expire(t0 + 600s));
        std::vector<Origin> left(kProtocols.begin(), kProtocols.end());
        std::erase(left, first);
        EXPECT_EQ(origins(), left);
        EXPECT_THAT(firewall.texts(), ElementsAre(kRule));
        ASSERT_TRUE(openings.expire(t0 + 3600s));
        EXPECT_THAT(firewall.texts(), IsEmpty());
    }
}

TEST_F(Claims, LastTogetherUntilBothLeasesHaveEnded) {  // IWF-03
    (void)grant(wishOf(Origin::Pcp, kAlice));
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(5000), 7200s))));
    EXPECT_EQ(view(udp(5000))->remainingLease, 7200s);
    ASSERT_TRUE(openings.expire(t0 + 3600s));
    EXPECT_THAT(origins(), ElementsAre(Origin::Igd));
    EXPECT_FALSE(claim(Origin::Igd).nonce);
    ASSERT_TRUE(openings.expire(t0 + 7200s));
    EXPECT_THAT(firewall.texts(), IsEmpty());
}

TEST_F(Claims, OfPcpLastAsLongAsUpnpsAtFirst) {  // IWF-01, IWF-06
    MappingRequest other = requestOf(kAlice, udp(7000), 600s);
    other.internal.port = Port{5000};
    ASSERT_TRUE(isGranted(ask(other)));
    PortRequest wish = wishOf(Origin::Pcp, kAlice);
    wish.suggestedPort = Port{8000};
    EXPECT_EQ(grant(wish, t0 + 100s), (PortGrant{Port{7000}, kExternal, 500s}));
    EXPECT_EQ(grant(wish, t0 + 100s), (PortGrant{Port{7000}, kExternal, 3600s})) << "a renewal";
    EXPECT_EQ(view(udp(7000), t0 + 100s)->remainingLease, 500s) << "UPnP's own";
}

TEST_F(Claims, OfPcpDoNotEndUpnps) {  // IWF-02
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(5000), 600s))));
    EXPECT_EQ(refusal(endOf(Origin::Pcp, kAlice)),
              (PortRefusal{MappingError::NotAuthorized, 600s, Port{5000}}));
    EXPECT_EQ(refusal(endOf(Origin::NatPmp, kAlice)),
              (PortRefusal{MappingError::NotAuthorized, 600s, Port{5000}}));
    (void)grant(wishOf(Origin::Pcp, kAlice));
    EXPECT_TRUE(isGranted(ask(endOf(Origin::Pcp, kAlice))));
    EXPECT_THAT(origins(), ElementsAre(Origin::Igd));
    EXPECT_EQ(view(udp(5000))->remainingLease, 600s);
}

TEST_F(Claims, OfUpnpDoNotEndPcps) {
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(5000)))));
    (void)grant(wishOf(Origin::Pcp, kAlice));
    EXPECT_TRUE(isGranted(ask(releaseOf(kAlice, udp(5000)))));
    EXPECT_THAT(firewall.texts(), ElementsAre(kRule)) << "PCP was promised that";
    EXPECT_EQ(errorOf(ask(releaseOf(kAlice, udp(5000)))), MappingError::NotAuthorized);
    EXPECT_EQ(errorOf(ask(requestOf(kBob, udp(5000)))), MappingError::Conflict);  // IWF-04
}

TEST_F(Claims, OfNatPmpHaveNoNonceToProtectThemFromUpnp) {
    (void)grant(wishOf(Origin::NatPmp, kAlice));
    EXPECT_TRUE(isGranted(ask(releaseOf(kAlice, udp(5000)))));
    EXPECT_THAT(firewall.texts(), IsEmpty());
}

TEST_F(Claims, OfNatPmpAreProtectedByANonceOnceThereIsOne) {  // IWF-11
    (void)grant(wishOf(Origin::NatPmp, kAlice));
    EXPECT_EQ(grant(wishOf(Origin::Pcp, kAlice)).externalPort, Port{5000});
    PortRequest other = wishOf(Origin::Pcp, kAlice);
    other.nonce = kOther;
    EXPECT_EQ(errorOf(ask(other)), MappingError::NotAuthorized);
    EXPECT_TRUE(isGranted(ask(endOf(Origin::NatPmp, kAlice))));
    EXPECT_EQ(errorOf(ask(endOf(Origin::NatPmp, kAlice))), MappingError::NotAuthorized);
    EXPECT_THAT(firewall.texts(), ElementsAre(kRule));
}

TEST_F(Claims, EnableWhatUpnpHasDisabled) {  // IWF-12
    MappingRequest disabled = requestOf(kAlice, udp(5000));
    disabled.enabled = false;
    ASSERT_TRUE(isGranted(ask(disabled)));
    EXPECT_EQ(grant(wishOf(Origin::Pcp, kAlice)).externalPort, Port{5000});
    EXPECT_THAT(firewall.texts(), ElementsAre(kRule));
    EXPECT_TRUE(isGranted(ask(endOf(Origin::Pcp, kAlice))));
    EXPECT_THAT(firewall.texts(), IsEmpty());
    EXPECT_FALSE(view(udp(5000))->enabled);
}

TEST_F(Claims, AreFilteredEachByItself) {
    PortRequest filtered = wishOf(Origin::Pcp, kAlice);
    filtered.filters = {filter("80.1.0.0/16")};
    (void)grant(filtered);
    EXPECT_THAT(firewall.texts(), ElementsAre(kRule + " from 80.1.0.0/16"));
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(5000)))));
    EXPECT_THAT(firewall.texts(), ElementsAre(kRule)) << "UPnP lets in any host";
    EXPECT_FALSE(view(udp(5000))->remoteHost);
    EXPECT_EQ(view(udp(5000))->description, "game");
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(5000), 7200s)))) << "it is not in its way";
    ASSERT_TRUE(isGranted(ask(releaseOf(kAlice, udp(5000)))));
    EXPECT_THAT(firewall.texts(), ElementsAre(kRule + " from 80.1.0.0/16"));
    EXPECT_EQ(view(udp(5000))->description, "filtered");  // IWF-07
}

TEST_F(Claims, OfUpnpAreOpenAgainAfterPcpsEnd) {
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(5000)))));
    PortRequest filtered = wishOf(Origin::Pcp, kAlice);
    filtered.filters = {filter("80.1.0.0/16")};
    (void)grant(filtered);
    EXPECT_THAT(firewall.texts(), ElementsAre(kRule));
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(5000)))));
    ASSERT_TRUE(isGranted(ask(endOf(Origin::Pcp, kAlice))));
    EXPECT_THAT(firewall.texts(), ElementsAre(kRule));
    ASSERT_TRUE(isGranted(ask(releaseOf(kAlice, udp(5000)))));
    EXPECT_THAT(firewall.texts(), IsEmpty());
}

TEST_F(Claims, LetInTheRemoteHostsOfAll) {
    PortRequest filtered = wishOf(Origin::Pcp, kAlice);
    filtered.filters = {filter("80.1.2.3")};
    (void)grant(filtered);
    EXPECT_EQ(view(udp(5000))->remoteHost, ipv4("80.1.2.3"));  // IWF-07
    MappingRequest remote = requestOf(kAlice, udp(5000));
    remote.remoteHost = ipv4("80.1.2.4");
    ASSERT_TRUE(isGranted(ask(remote)));
    EXPECT_THAT(firewall.texts(), ElementsAre(kRule + " from 80.1.2.3/32 from 80.1.2.4/32"));
    EXPECT_EQ(view(udp(5000))->remoteHost, ipv4("80.1.2.4")) << "what UPnP has asked for";
    ReleaseRequest release = releaseOf(kAlice, udp(5000));
    EXPECT_EQ(errorOf(ask(release)), MappingError::NotFound);
    release.remoteHost = remote.remoteHost;
    EXPECT_TRUE(isGranted(ask(release)));
    EXPECT_THAT(firewall.texts(), ElementsAre(kRule + " from 80.1.2.3/32"));
}

TEST_F(Claims, OfPcpAreNotOnWhatUpnpKeepsForOneRemoteHost) {
    MappingRequest remote = requestOf(kAlice, udp(5000));
    remote.remoteHost = ipv4("80.1.2.4");
    ASSERT_TRUE(isGranted(ask(remote)));
    EXPECT_EQ(grant(wishOf(Origin::Pcp, kAlice)).externalPort, Port{5001});
}

TEST_F(Claims, OfUpnpLeadWhereTheOthersLead) {
    (void)grant(wishOf(Origin::Pcp, kAlice));
    MappingRequest elsewhere = requestOf(kAlice, udp(5000));
    elsewhere.internal.port = Port{4000};
    EXPECT_EQ(errorOf(ask(elsewhere)), MappingError::Conflict);
    EXPECT_THAT(firewall.texts(), ElementsAre(kRule));
}

TEST_F(Claims, CountAsChangesOfTheList) {  // IWF-08
    (void)grant(wishOf(Origin::NatPmp, kAlice));
    EXPECT_EQ(openings.updateId(), 1U);
    ASSERT_TRUE(isGranted(ask(endOf(Origin::NatPmp, kAlice))));
    EXPECT_EQ(openings.updateId(), 2U);
}

TEST_F(Claims, OnAPinholeAreTrackedOneByOne) {  // IGD-6FC-30
    const ChangeRequest ofPcp = endOf(Origin::Pcp, kAlice6);
    for (const bool pcpFirst : {true, false}) {
        (void)grant(wishOf(Origin::Pcp, kAlice6));
        const auto id = std::get<PinholeOpened>(ask(pinholeOf(kAlice6, 5000, 600s))).id;
        const ChangeRequest ofUpnp = PinholeRelease{id, kAlice6.address};
        EXPECT_THAT(firewall.texts(), ElementsAre("udp [2001:db8::10]:5000"));
        ASSERT_TRUE(isGranted(ask(pcpFirst ? ofPcp : ofUpnp)));
        EXPECT_EQ(openings.lists().size(), 1U);
        EXPECT_EQ(isGranted(ask(PinholeUpdate{id, 60s, kAlice6.address})), pcpFirst);
        ASSERT_TRUE(isGranted(ask(pcpFirst ? ofUpnp : ofPcp)));
        EXPECT_THAT(firewall.texts(), IsEmpty());
    }
}

TEST_F(Claims, OfPcpOnAPinholeLastAsLongAsUpnpsAtFirst) {
    ASSERT_TRUE(isGranted(ask(pinholeOf(kAlice6, 5000, 600s))));
    EXPECT_EQ(grant(wishOf(Origin::Pcp, kAlice6)).lifetime, 600s);
}

TEST_F(Claims, OfPcpAreNotOnAPinholeForOneRemoteEnd) {
    PinholeRequest narrow = pinholeOf(kAlice6, 5000);
    narrow.key.remotePort = Port{53};
    ASSERT_TRUE(isGranted(ask(narrow)));
    (void)grant(wishOf(Origin::Pcp, kAlice6));
    EXPECT_THAT(firewall.texts(),
                ElementsAre("udp [2001:db8::10]:5000", "udp [2001:db8::10]:5000 from ::/0@53"));
}

TEST_F(Claims, OnAPinholeRunOutOneByOne) {
    const auto id = std::get<PinholeOpened>(ask(pinholeOf(kAlice6, 5000, 600s))).id;
    (void)grant(wishOf(Origin::Pcp, kAlice6));
    (void)grant(wishOf(Origin::Pcp, kAlice6));
    ASSERT_TRUE(openings.expire(t0 + 600s));
    EXPECT_EQ(openings.lists().size(), 1U);
    EXPECT_EQ(errorOf(ask(PinholeUpdate{id, 60s, kAlice6.address})), MappingError::NotFound);
    EXPECT_NE(std::get<PinholeOpened>(ask(pinholeOf(kAlice6, 5000), t0 + 600s)).id, id)
        << "that number rests";
}

}  // namespace
}  // namespace igd
