// SPDX-License-Identifier: GPL-2.0-or-later
#include "transaction.h"

#include "openings_fixture.h"

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TransactionTest : public testing::Test {
protected:
    /// Commits the end of what is in the ledger already, or `opening`.
    Result<void> commit(Opening opening, bool ends = false) {
        Transaction transaction{books, t0};
        if (ends) opening.claims.clear();
        transaction.stage(std::move(opening),
                          ends ? std::optional{End{EndCause::Client, "deleted"}} : std::nullopt);
        return transaction.commit();
    }
    const Opening* find(MappingKey key) const { return books.ledger.find(key); }

    FakeFirewall firewall{};
    Record record{};
    Books books{.firewall = firewall, .observer = record};
};

TEST_F(TransactionTest, ReachesKernelLedgerAndObserver) {
    ASSERT_TRUE(commit(mappingOf(kAlice, udp(1))));
    EXPECT_THAT(firewall.texts(), ElementsAre("udp 1 -> 192.168.1.10:1"));
    EXPECT_NE(find(udp(1)), nullptr);
    EXPECT_THAT(record.stored, ElementsAre("udp 1 -> 192.168.1.10:1"));
    ASSERT_TRUE(commit(mappingOf(kAlice, udp(1)), true));
    EXPECT_THAT(firewall.texts(), IsEmpty());
    EXPECT_EQ(find(udp(1)), nullptr);
    EXPECT_THAT(record.ended, ElementsAre("udp 1 -> 192.168.1.10:1"));
}

TEST_F(TransactionTest, ShowsWhatIsStagedAndTellsNobodyElse) {
    Transaction transaction{books, t0};
    EXPECT_NE(transaction.stage(mappingOf(kAlice, udp(1))), nullptr);
    EXPECT_NE(transaction.ledger().find(udp(1)), nullptr);
    EXPECT_THAT(firewall.texts(), IsEmpty());
    EXPECT_THAT(record.stored, IsEmpty());
}

TEST_F(TransactionTest, IsUndoneWhenNobodyCommitsIt) {
    ASSERT_TRUE(commit(mappingOf(kAlice, udp(1))));
    ASSERT_TRUE(commit(mappingOf(kAlice, udp(2))));
    const auto before = *find(udp(1));
    {
        Transaction transaction{books, t0};
        Opening changed = before;
        changed.internal.port = Port{9};
        transaction.stage(changed);
        changed.claims.clear();
        EXPECT_EQ(transaction.stage(changed), nullptr);
        transaction.stage(mappingOf(kBob, udp(1)));
        transaction.stage(mappingOf(kBob, udp(3)));
    }
    EXPECT_EQ(*books.ledger.mappingAt(0), before) << "in its old place too";
    EXPECT_EQ(find(udp(3)), nullptr);
    EXPECT_EQ(firewall.changes, 2);
}

TEST_F(TransactionTest, LeavesLedgerAndKernelAsTheyWereWhenTheKernelRefuses) {
    ASSERT_TRUE(commit(mappingOf(kAlice, udp(1))));
    const auto before = *find(udp(1));
    firewall.broken = true;
    Opening changed = before;
    changed.internal.port = Port{9};
    EXPECT_EQ(commit(changed).error(), MappingError::Backend);
    EXPECT_EQ(commit(before, true).error(), MappingError::Backend);
    EXPECT_EQ(*find(udp(1)), before);
    EXPECT_EQ(record.stored.size(), 1U);
    EXPECT_THAT(record.ended, IsEmpty());
    EXPECT_EQ(books.systemUpdateId, 1U);
}

TEST_F(TransactionTest, BringsOnlyTheLastFormOfAnOpeningToTheKernel) {
    Transaction transaction{books, t0};
    Opening opening = mappingOf(kAlice, udp(1));
    for (const std::uint16_t port : Ports{7, 8, 9}) {
        opening.internal.port = Port{port};
        opening = *transaction.stage(opening);
    }
    ASSERT_TRUE(transaction.commit());
    EXPECT_EQ(firewall.changes, 1);
    EXPECT_THAT(firewall.texts(), ElementsAre("udp 1 -> 192.168.1.10:9"));
}

TEST_F(TransactionTest, CostsTheKernelNothingWhereNothingIsEnabled) {
    Opening disabled = mappingOf(kAlice, udp(1));
    disabled.claims.front().enabled = false;
    ASSERT_TRUE(commit(disabled));
    EXPECT_NE(find(udp(1)), nullptr);
    EXPECT_EQ(firewall.changes, 0);
}

TEST_F(TransactionTest, MayBeEmpty) {
    Transaction transaction{books, t0};
    EXPECT_TRUE(transaction.commit());
    EXPECT_EQ(firewall.changes, 0);
}

TEST_F(TransactionTest, RepairsADamagedFirewallBeforeItFails) {
    ASSERT_TRUE(commit(mappingOf(kAlice, udp(1))));
    firewall.rules.clear();
    firewall.damaged = true;
    EXPECT_TRUE(commit(mappingOf(kBob, udp(2))));
    EXPECT_THAT(firewall.texts(),
                ElementsAre("udp 1 -> 192.168.1.10:1", "udp 2 -> 192.168.1.20:2"));
    EXPECT_EQ(firewall.replacements, 1);
}

TEST_F(TransactionTest, LaysNothingAnewForAFirewallThatIsWhole) {
    firewall.broken = true;
    EXPECT_FALSE(commit(mappingOf(kAlice, udp(1))));
    EXPECT_EQ(firewall.replacements, 0);
}

TEST_F(TransactionTest, IsUndoneWhenTheDamageCannotBeMended) {
    firewall.damaged = firewall.broken = true;
    EXPECT_FALSE(commit(mappingOf(kAlice, udp(1))));
    EXPECT_EQ(books.ledger.size(), 0U);
}

TEST_F(TransactionTest, CountsChangesOfMappingsButNotRenewals) {  // IGD-Index-07, -09
    ASSERT_TRUE(commit(mappingOf(kAlice, udp(1), t0 + 60s)));
    EXPECT_EQ(books.systemUpdateId, 1U);
    Opening renewed = *find(udp(1));
    renewed.claims.front().expiresAt = t0 + 90s;
    ASSERT_TRUE(commit(renewed));
    EXPECT_EQ(books.systemUpdateId, 1U);
    ASSERT_TRUE(commit(pinholeAt(kAlice6, 1, 1)));
    EXPECT_EQ(books.systemUpdateId, 1U) << "they are in no list";
    renewed.claims.front().enabled = false;
    ASSERT_TRUE(commit(renewed));
    EXPECT_EQ(books.systemUpdateId, 2U);
}

TEST_F(TransactionTest, CountsManyAsOneChangeOfTheList) {  // IGD-Index-08, -10
    books.systemUpdateId = 0xffffffff;
    Transaction transaction{books, t0};
    for (const std::uint16_t port : Ports{1, 2, 3}) transaction.stage(mappingOf(kAlice, udp(port)));
    transaction.countAsOne();
    ASSERT_TRUE(transaction.commit());
    EXPECT_EQ(books.systemUpdateId, 0U);
}

TEST_F(TransactionTest, LeavesFlowsThatEndToTheKernelWhereThatIsWished) {
    for (const bool left : {true, false}) {
        Opening flow = flowOf(kAlice, 6000, t0 + 60s);
        ASSERT_TRUE(commit(flow));
        Transaction transaction{books, t0};
        if (left) transaction.leaveFlows();
        flow.claims.clear();
        transaction.stage(flow, End{EndCause::Client, "deleted"});
        ASSERT_TRUE(transaction.commit());
        EXPECT_EQ(books.ledger.size(), 0U);
        EXPECT_EQ(firewall.flows.size(), left ? 1U : 0U);
    }
}

TEST_F(TransactionTest, TellsTheConflictOfAFlow) {
    firewall.taken = {Port{6000}};
    EXPECT_EQ(commit(flowOf(kAlice, 6000, t0 + 60s)).error(), MappingError::Conflict);
    EXPECT_EQ(books.ledger.size(), 0U);
}

}  // namespace
}  // namespace igd
