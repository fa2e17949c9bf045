// SPDX-License-Identifier: GPL-2.0-or-later
#include "closing.h"

#include "fakes.h"

namespace igd {
namespace {

class ClosingTest : public EngineTest {
protected:
    /// Returns the id of the opening with that internal port.
    [[nodiscard]] std::uint32_t idOf(std::uint16_t port) const {
        for (const Opening& each : openings_.lists().all())
            if (each.internal.port == Port{port}) return each.id;
        return 0;
    }
    GatewayReply close(std::uint32_t id) { return closeOpening(openings_, id, Clock::now()); }
};

TEST_F(ClosingTest, EndsTheOneThatIsNamed) {
    Opening pinhole = openingOf(OpeningKind::Pinhole, {kConsole6, Port{5000}});
    pinhole.pinholeId = PinholeId{7};
    ASSERT_TRUE(openings_.restore(
        std::vector{mappingOf(kConsole, 3000), mappingOf(kPhone, 3001), pinhole}, Clock::now()));
    EXPECT_EQ(close(idOf(3000)), GatewayReply{Done{}});
    EXPECT_EQ(idOf(3000), 0U);
    EXPECT_NE(idOf(3001), 0U);
    EXPECT_EQ(close(idOf(5000)), GatewayReply{Done{}});
    EXPECT_EQ(openings_.lists().size(), 1U);
}

TEST_F(ClosingTest, LeavesConfiguredMappingsAndFlows) {
    ASSERT_TRUE(
        openings_.restore(std::vector{mappingOf(kConsole, 3000, std::nullopt, Origin::Static),
                                      flowOf(kConsole, 6000, Clock::now() + 60s)},
                          Clock::now()));
    EXPECT_EQ(close(idOf(3000)), GatewayReply{MappingError::NotAuthorized});
    EXPECT_EQ(close(idOf(6000)), GatewayReply{MappingError::NotAuthorized});
    EXPECT_EQ(openings_.lists().size(), 2U);
}

TEST_F(ClosingTest, TellsWhatIsNotThereOrDoesNotWork) {
    ASSERT_TRUE(openings_.restore(std::vector{mappingOf(kConsole, 3000)}, Clock::now()));
    EXPECT_EQ(close(idOf(3000) + 1), GatewayReply{MappingError::NotFound});
    firewall_.broken = true;
    EXPECT_EQ(close(idOf(3000)), GatewayReply{MappingError::Backend});
    EXPECT_EQ(openings_.lists().size(), 1U);
}

}  // namespace
}  // namespace igd
