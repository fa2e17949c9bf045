// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/peers.h"

#include "samples.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

/// A kernel's list of flows.
class FakeFlows final : public FlowTable {
public:
    std::optional<OutgoingFlow> find(const FlowKey& flow) override {
        const auto found = flows.find(flow);
        return found == flows.end() ? std::nullopt : std::optional{found->second};
    }
    Result<void> create(const FlowKey& flow, const OutgoingFlow& made) override {
        if (taken.contains(made.externalPort)) return fail(MappingError::Conflict);
        flows[flow] = made;
        return {};
    }
    Result<void> keep(const FlowKey& flow, Seconds timeout) override {
        flows.at(flow).timeout = timeout;
        return {};
    }
    std::map<FlowKey, OutgoingFlow> flows;
    std::map<Port, bool> taken;
};

const Ipv4Address kExternal = address("80.100.100.1");
const FlowKey kFlow{Protocol::Udp, kAlice, Port{6000}, address("80.100.100.9"), Port{80}};

class PeersTest : public testing::Test {
protected:
    PortAnswer ask(Seconds lifetime = Seconds{1000}, Nonce nonce = {1}, Port suggested = Port{0},
                   TimePoint now = t0) {
        return peers.request({kFlow.protocol, kFlow.client, kFlow.clientPort, kFlow.remote,
                              kFlow.remotePort, suggested, std::nullopt, lifetime, kAlice, nonce},
                             kLan, context, now);
    }
    FakeFlows flows;
    Peers peers{Policy{{}}, flows};
    PeerContext context{kExternal, std::nullopt, 0};
};

TEST_F(PeersTest, MakesAFlowThatIsNotThere) {
    EXPECT_EQ(ask(), (PortAnswer{PortGrant{Port{6000}, kExternal, Seconds{1000}}}));
    EXPECT_EQ(flows.flows.at(kFlow).timeout, Seconds{1000});
}

TEST_F(PeersTest, TakesAnotherPortOnlyWhenNoneIsSuggested) {
    flows.taken = {{Port{6000}, true}, {Port{6001}, true}};
    EXPECT_EQ(ask(Seconds{1000}, {1}, Port{6001}).error().error, MappingError::Conflict);
    EXPECT_EQ(ask()->externalPort, Port{6002});
}

TEST_F(PeersTest, KeepsOneThatIsThere) {
    flows.flows[kFlow] = {kExternal, Port{44444}, Seconds{30}};
    EXPECT_EQ(ask(Seconds{1000}, {1}, Port{6000}).error().error, MappingError::Conflict);
    EXPECT_EQ(ask()->externalPort, Port{44444});
    EXPECT_EQ(flows.flows.at(kFlow).timeout, Seconds{1000});
    EXPECT_EQ(ask(Seconds{0}, {1}, Port{0}, t0 + Seconds{100})->lifetime, Seconds{900});
    EXPECT_EQ(ask(Seconds{0}, {2}).error().error, MappingError::NotAuthorized);
}

TEST_F(PeersTest, AreKeptAliveUntilTheyEnd) {
    ASSERT_TRUE(ask());
    flows.flows.at(kFlow).timeout = Seconds{30};  // a packet has set the kernel's own
    peers.refresh(t0 + Seconds{100});
    EXPECT_EQ(flows.flows.at(kFlow).timeout, Seconds{900});
    flows.flows.clear();
    peers.refresh(t0 + Seconds{100});
    EXPECT_EQ(flows.flows.size(), 1U);
    peers.refresh(t0 + Seconds{1000});
    EXPECT_TRUE(peers.empty());
}

TEST_F(PeersTest, UseTheMappingsPort) {
    context.externalPort = Port{40001};
    EXPECT_EQ(ask()->externalPort, Port{40001});
}

TEST_F(PeersTest, TakeNoPortOfTheRouters) {
    context.isFree = [](Port port) { return port != Port{6000}; };
    EXPECT_EQ(ask(Seconds{1000}, {1}, Port{6000}).error().error, MappingError::Conflict);
    EXPECT_EQ(ask()->externalPort, Port{6001});
}

TEST_F(PeersTest, AreOutside) {
    for (const char* const inside :
         {"192.168.1.77", "192.168.1.1", "80.100.100.1", "127.0.0.1", "224.0.0.1"}) {
        const PeerRequest request{Protocol::Udp, kAlice,  Port{6000},   address(inside),
                                  Port{80},      Port{0}, std::nullopt, Seconds{60},
                                  kAlice,        {}};
        EXPECT_EQ(peers.request(request, kLan, context, t0).error().error,
                  MappingError::NotAuthorized)
            << inside;
    }
}

TEST_F(PeersTest, CountWithTheMappings) {
    context.mappings = 64;
    EXPECT_EQ(ask().error().error, MappingError::QuotaExceeded);
}

}  // namespace
}  // namespace igd
