// SPDX-License-Identifier: GPL-2.0-or-later
// A mapping is granted when the gateway above leads its port here, and not before.
#include "openings_fixture.h"

#include <map>
#include <set>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// It answers when the test says so.
struct FakeAbove final : PortsAbove {
    [[nodiscard]] bool isAsked() const override { return asked; }
    [[nodiscard]] bool prepare(std::span<const MappingKey> keys) override {
        bool ready = true;
        for (const MappingKey& key : keys) {
            questions.push_back(toString(key));
            ready = ready && given.contains(key);
        }
        return ready;
    }
    [[nodiscard]] std::optional<Refusal> refusesAll() const override { return all; }
    [[nodiscard]] std::optional<Refusal> refuses(const MappingKey& key) const override {
        if (!offers.contains(key)) return std::nullopt;
        return Refusal{MappingError::Conflict, "another has it there"};
    }
    [[nodiscard]] std::optional<Port> offeredFor(const MappingKey& key) const override {
        const auto found = offers.find(key);
        return found == offers.end() ? std::nullopt : found->second;
    }

    bool asked = true;
    std::set<MappingKey> given{};
    std::map<MappingKey, std::optional<Port>>
        offers{};  ///< refused ports, and those in their place
    std::optional<Refusal> all{};
    std::vector<std::string> questions{};
};

class PortsAboveTest : public OpeningsTest {
protected:
    ChangeResult ask(const ChangeRequest& request) { return above_.apply(changeOf(request), t0); }

    FakeAbove gateway_;
    Openings above_{Policy{{}},
                    {.firewall = firewall,
                     .observer = record,
                     .portInUse = [](const MappingKey&) { return false; },
                     .defaultLease = [] { return std::optional<Seconds>{}; },
                     .approval = {},
                     .above = &gateway_}};
    PortsAboveTest() { above_.changeExternal({kExternal, kExternal}, t0); }
};

TEST_F(PortsAboveTest, AMappingWaitsForTheGatewayAbove) {
    const auto request = requestOf(kAlice, tcp(5000));
    EXPECT_EQ(ask(request), ChangeResult{NotYet{}});
    EXPECT_THAT(gateway_.questions, ElementsAre("tcp 5000"));
    EXPECT_EQ(above_.lists().size(), 0U);
    EXPECT_THAT(firewall.texts(), IsEmpty());
    gateway_.given.insert(tcp(5000));
    EXPECT_EQ(ask(request), ChangeResult{Done{}});
    EXPECT_THAT(firewall.texts(), ElementsAre("tcp 5000 -> 192.168.1.10:5000"));
}

TEST_F(PortsAboveTest, ARefusalAboveIsAConflict) {
    gateway_.offers[tcp(5000)] = Port{6000};
    EXPECT_EQ(ask(requestOf(kAlice, tcp(5000))), ChangeResult{MappingError::Conflict});
    EXPECT_THAT(gateway_.questions, IsEmpty());
}

TEST_F(PortsAboveTest, WhoeverCanHasTheOfferedPort) {
    gateway_.offers[udp(5000)] = Port{6000};
    gateway_.offers[udp(6000)] = Port{7000};
    gateway_.given.insert(udp(7000));
    const auto result = ask(wishOf(Origin::NatPmp, kAlice, 5000));
    EXPECT_EQ(std::get<PortGrant>(result).externalPort, Port{7000});
    gateway_.offers[tcp(5000)] = Port{6000};
    gateway_.given.insert(tcp(6000));
    EXPECT_EQ(ask(AnyMappingRequest{requestOf(kAlice, tcp(5000))}), ChangeResult{Port{6000}});
}

TEST_F(PortsAboveTest, WithoutAnOfferTheNextPortIsAskedFor) {
    gateway_.offers[udp(5000)] = std::nullopt;
    EXPECT_EQ(ask(wishOf(Origin::NatPmp, kAlice, 5000)), ChangeResult{NotYet{}});
    EXPECT_THAT(gateway_.questions, ElementsAre("udp 5001"));
}

TEST_F(PortsAboveTest, AnOfferedPortOfAnotherHostIsLeftToIt) {
    gateway_.given = {udp(6000), udp(5001)};
    ASSERT_TRUE(isGranted(ask(requestOf(kBob, udp(6000)))));
    gateway_.offers[udp(5000)] = Port{6000};
    const auto result = ask(wishOf(Origin::NatPmp, kAlice, 5000));
    EXPECT_EQ(std::get<PortGrant>(result).externalPort, Port{5001});
}

TEST_F(PortsAboveTest, AGatewayThatIsNotThereRefusesWhatIsNewAlone) {
    gateway_.given.insert(udp(5000));
    ASSERT_TRUE(isGranted(ask(wishOf(Origin::NatPmp, kAlice, 5000))));
    gateway_.all = Refusal{MappingError::NoExternalAddress, "it does not answer"};
    EXPECT_EQ(errorOf(ask(wishOf(Origin::NatPmp, kAlice, 5001))), MappingError::NoExternalAddress);
    EXPECT_EQ(errorOf(ask(requestOf(kAlice, tcp(5001)))), MappingError::NoExternalAddress);
    EXPECT_TRUE(isGranted(ask(wishOf(Origin::NatPmp, kAlice, 5000)))) << "a renewal";
    EXPECT_TRUE(isGranted(ask(pinholeOf(kAlice6, 5000)))) << "nothing is asked for IPv6";
}

TEST_F(PortsAboveTest, NobodyIsAskedWhereThereIsNone) {
    gateway_.asked = false;
    gateway_.all = Refusal{MappingError::NoExternalAddress, "it does not answer"};
    EXPECT_TRUE(isGranted(ask(requestOf(kAlice, tcp(5000)))));
    EXPECT_THAT(gateway_.questions, IsEmpty());
}

TEST_F(PortsAboveTest, OneThatWaitsDelaysNoOther) {
    gateway_.given.insert(tcp(5000));
    const std::vector changes{changeOf(requestOf(kAlice, tcp(5000))),
                              changeOf(requestOf(kBob, tcp(5001)))};
    EXPECT_THAT(above_.apply(changes, t0),
                ElementsAre(ChangeResult{Done{}}, ChangeResult{NotYet{}}));
}

TEST_F(PortsAboveTest, ASetIsOfOnePort) {
    gateway_.given.insert(udp(5000));
    PortRequest request = wishOf(Origin::Pcp, kAlice, 5000);
    request.portCount = 8;
    EXPECT_EQ(std::get<PortGrant>(ask(request)).portCount, 1);
}

TEST_F(PortsAboveTest, APortThatIsLostAboveEndsItsMapping) {
    gateway_.given = {udp(5000), udp(5001)};
    ASSERT_TRUE(isGranted(ask(wishOf(Origin::NatPmp, kAlice, 5000))));
    EXPECT_TRUE(above_.lostAbove(udp(5000), "another has it", t0));
    EXPECT_THAT(record.ended, ElementsAre("udp 5000 -> 192.168.1.10:5000"));
    EXPECT_FALSE(above_.lostAbove(udp(5000), "another has it", t0)) << "there is none";
    ASSERT_TRUE(above_.add({Protocol::Udp, Port{5001}, {kAlice.address, Port{5001}}},
                           {kAlice, kAlice, lan}, t0));
    EXPECT_FALSE(above_.lostAbove(udp(5001), "another has it", t0)) << "the administrator's stays";
}

}  // namespace
}  // namespace igd
