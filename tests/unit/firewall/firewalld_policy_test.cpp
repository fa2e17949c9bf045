// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewalld/firewalld_policy.h"

#include "rules.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <utility>

namespace igd::firewall {
namespace {

using test::aPinhole;
using test::forRemote;
using test::withTimeout;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = BusError::Kind;

/// Does what firewalld does with one policy, when it is let.
struct Firewalld {
    std::optional<Kind> fault;
    bool answers = true;
    Announcement announcement = Announcement::Nothing;
    int calls = 0;
    std::set<std::string> rules;
    std::optional<TimePoint> wake;
};

class FakeBus final : public FirewalldBus {
public:
    explicit FakeBus(Firewalld& firewalld) : firewalld_(firewalld) {}

    void send(const std::set<std::string>& richRules) override {
        ++firewalld_.calls;
        sent_ = richRules;
        arrived_ = firewalld_.fault == Kind::Unanswered;  // there is no bus
    }
    std::optional<BusAnswer> answer() override {
        if (!sent_ || !arrived_) return std::nullopt;
        const auto sent = std::move(*std::exchange(sent_, std::nullopt));
        if (firewalld_.fault) return fault();
        firewalld_.rules = sent;
        return BusAnswer{};
    }
    void externalIs(const InterfaceName&) override {}
    Announcement hear() override {
        const auto announced = std::exchange(firewalld_.announcement, Announcement::Nothing);
        if (announced != Announcement::Nothing) sent_.reset();
        arrived_ = arrived_ || firewalld_.answers;
        return announced;
    }
    [[nodiscard]] int descriptor() const override { return -1; }
    void wakeAt(std::optional<TimePoint> time) override { firewalld_.wake = time; }
    BusAnswer clear(std::chrono::milliseconds patience) override {
        EXPECT_GT(patience.count(), 0);
        ++firewalld_.calls;
        if (firewalld_.fault) return fault();
        firewalld_.rules.clear();
        return {};
    }

private:
    [[nodiscard]] BusAnswer fault() const {
        return tl::unexpected<BusError>({*firewalld_.fault, "fault"});
    }
    Firewalld& firewalld_;
    std::optional<std::set<std::string>> sent_;
    bool arrived_ = false;  ///< its answer
};

Rule onPort(std::uint16_t port) {
    Rule rule = aPinhole();
    rule.internal.port = Port{port};
    return rule;
}

std::string textOf(std::uint16_t port) {
    return fmt::format(R"(rule family="ipv6" destination address="2001:db8::10/128" )"
                       R"(port port="{}" protocol="udp" accept)",
                       port);
}

class FirewalldPolicyTest : public testing::Test {
protected:
    Result<bool> prepare(std::uint16_t port) { return policy.prepare(std::vector{onPort(port)}); }
    void add(std::uint16_t port) {
        ASSERT_EQ(prepare(port), Result<bool>{true});
        policy.apply({{}, {onPort(port)}});
    }
    void apply(const RuleDelta& delta) {
        policy.apply(delta);
        policy.hear();
    }
    void replaceAll(const std::vector<Rule>& rules, bool leftBehind) {
        policy.replaceAll(rules, leftBehind);
        policy.hear();
    }
    /// Asks as the dispatcher does.
    void ask(std::uint16_t port) {
        ASSERT_EQ(prepare(port), Result<bool>{false});
        add(port);
    }
    void reload() {
        firewalld.rules = {};
        firewalld.announcement = Announcement::Changed;
    }
    void pass(Clock::duration time) {
        now += time;
        policy.hear();
    }

    Firewalld firewalld;
    TimePoint now{Seconds{1000}};
    std::vector<Rule> over;
    FirewalldPolicy policy{
        std::make_unique<FakeBus>(firewalld),
        [this](std::span<const Rule> rules) { over.assign(rules.begin(), rules.end()); },
        [this] { return now; }};
};

TEST_F(FirewalldPolicyTest, HoldsARuleForEachOpening) {
    firewalld.answers = false;
    EXPECT_EQ(prepare(5000), Result<bool>{false});
    EXPECT_EQ(prepare(5000), Result<bool>{false});
    EXPECT_EQ(firewalld.calls, 1);
    EXPECT_THAT(firewalld.rules, IsEmpty());
    firewalld.answers = true;
    EXPECT_EQ(prepare(5000), Result<bool>{true});
    EXPECT_THAT(firewalld.rules, ElementsAre(textOf(5000)));
    add(5000);
    apply({{}, {onPort(5001)}});
    EXPECT_THAT(firewalld.rules, ElementsAre(textOf(5000), textOf(5001)));
    apply({{onPort(5000)}, {}});
    EXPECT_THAT(firewalld.rules, ElementsAre(textOf(5001)));
}

TEST_F(FirewalldPolicyTest, AsksForWhatCameMeanwhileInOneQuestion) {
    firewalld.answers = false;
    EXPECT_EQ(prepare(1), Result<bool>{false});
    EXPECT_EQ(prepare(2), Result<bool>{false});
    EXPECT_EQ(prepare(3), Result<bool>{false});
    EXPECT_EQ(firewalld.calls, 1);
    firewalld.answers = true;
    policy.hear();
    policy.hear();
    EXPECT_EQ(firewalld.calls, 2);
    EXPECT_THAT(firewalld.rules, ElementsAre(textOf(1), textOf(2), textOf(3)));
}

TEST_F(FirewalldPolicyTest, KeepsARuleThatAnotherOpeningNeeds) {
    apply({{}, {onPort(5000)}});
    apply({{}, {onPort(5000)}});
    apply({{onPort(5000)}, {}});
    EXPECT_THAT(firewalld.rules, ElementsAre(textOf(5000)));
    apply({{onPort(5000)}, {}});
    EXPECT_THAT(firewalld.rules, IsEmpty());
}

TEST_F(FirewalldPolicyTest, AsksNothingForARenewal) {
    apply({{}, {onPort(5000)}});
    const int calls = firewalld.calls;
    add(5000);
    apply({{onPort(5000)}, {withTimeout(onPort(5000), Seconds{900})}});
    EXPECT_EQ(firewalld.calls, calls);
}

/// A request may never come back, for its deadline has passed.
TEST_F(FirewalldPolicyTest, TakesARuleAwayThatNoOpeningHasTaken) {
    EXPECT_EQ(prepare(1), Result<bool>{false});
    policy.hear();
    EXPECT_THAT(firewalld.rules, ElementsAre(textOf(1)));
    EXPECT_EQ(firewalld.wake, now + FirewalldPolicy::kKept);
    pass(FirewalldPolicy::kKept);
    policy.hear();
    EXPECT_THAT(firewalld.rules, IsEmpty());
    EXPECT_EQ(firewalld.wake, std::nullopt);
}

TEST_F(FirewalldPolicyTest, ReplacesAndRemovesAll) {
    replaceAll(std::vector{onPort(1), onPort(2)}, false);
    EXPECT_THAT(firewalld.rules, ElementsAre(textOf(1), textOf(2)));
    EXPECT_TRUE(policy.removeAll(false));
    EXPECT_THAT(firewalld.rules, IsEmpty());
}

/// A daemon that was killed leaves its rules; the next one knows nothing of them.
TEST_F(FirewalldPolicyTest, RemovesWhatAnEarlierDaemonLeft) {
    firewalld.rules = {textOf(1)};
    replaceAll({}, true);
    EXPECT_THAT(firewalld.rules, IsEmpty());
    firewalld.rules = {textOf(1)};
    EXPECT_TRUE(policy.removeAll(true));
    EXPECT_THAT(firewalld.rules, IsEmpty());
}

/// On a host without such a firewalld it is never asked.
TEST_F(FirewalldPolicyTest, AsksNothingWhereNothingIsToBeDone) {
    replaceAll({}, false);
    policy.hear();
    EXPECT_TRUE(policy.removeAll(false));
    EXPECT_EQ(firewalld.calls, 0);
}

TEST_F(FirewalldPolicyTest, SaysWhenRulesAreLeft) {
    firewalld.fault = Kind::NoPolicy;
    EXPECT_TRUE(policy.removeAll(true));
    firewalld.fault = Kind::Refused;
    EXPECT_FALSE(policy.removeAll(true));
}

TEST_F(FirewalldPolicyTest, RefusesWhatFirewalldRefusesAndKeepsTheRest) {
    ask(5000);
    firewalld.answers = false;
    firewalld.fault = Kind::Refused;
    EXPECT_EQ(prepare(5001), Result<bool>{false});
    firewalld.rules = {};  // it has gone half of the way
    firewalld.answers = true;
    EXPECT_EQ(prepare(5001).error(), MappingError::Backend);
    EXPECT_FALSE(policy.complaint().empty());
    firewalld.fault = std::nullopt;
    pass(FirewalldPolicy::kKept);
    ask(5002);
    EXPECT_THAT(firewalld.rules, ElementsAre(textOf(5000), textOf(5002)));
    EXPECT_TRUE(policy.complaint().empty());
}

/// An opening can be closed whatever firewalld does; it is told again until it has done so.
TEST_F(FirewalldPolicyTest, RemovesSoonerOrLater) {
    ask(5000);
    ask(5001);
    firewalld.fault = Kind::Unanswered;
    apply({{onPort(5000)}, {}});
    apply({{onPort(5001)}, {}});
    EXPECT_EQ(firewalld.wake, now + FirewalldPolicy::kPause);
    firewalld.fault = std::nullopt;
    policy.hear();
    EXPECT_THAT(firewalld.rules, ElementsAre(textOf(5000), textOf(5001)));
    pass(FirewalldPolicy::kPause);
    policy.hear();
    EXPECT_THAT(firewalld.rules, IsEmpty());
}

/// A remote that sends all the time begins its flow anew before firewalld closes the way.
TEST_F(FirewalldPolicyTest, TellsWhenPacketsOfWhatHasEndedPassNoMore) {
    ask(5000);
    ask(5001);
    firewalld.answers = false;
    apply({{onPort(5000)}, {}});
    EXPECT_THAT(over, IsEmpty());
    firewalld.answers = true;
    policy.hear();
    EXPECT_THAT(over, ElementsAre(onPort(5000)));
    over.clear();
    apply({{onPort(5001)}, {onPort(5001)}});
    policy.hear();
    EXPECT_THAT(over, IsEmpty());
}

TEST_F(FirewalldPolicyTest, RefusesARuleThatFirewalldCannotHold) {
    const PeerFilter fromPort{{test::kRemote6, 128}, Port{53}};
    const std::vector<Rule> all{onPort(1), forRemote(onPort(2), fromPort)};
    EXPECT_EQ(policy.prepare(all).error(), MappingError::Backend);
    EXPECT_EQ(firewalld.calls, 0);
    replaceAll(all, false);
    EXPECT_THAT(firewalld.rules, ElementsAre(textOf(1)));
}

TEST_F(FirewalldPolicyTest, WaitsForAnAnswerSoLongAndThenRefuses) {
    firewalld.answers = false;
    EXPECT_EQ(prepare(1), Result<bool>{false});
    now += FirewalldPolicy::kPatience;
    EXPECT_EQ(prepare(1).error(), MappingError::Backend);
    EXPECT_EQ(prepare(2).error(), MappingError::Backend);
    EXPECT_EQ(firewalld.calls, 1);
    firewalld.answers = true;
    add(1);
}

TEST_F(FirewalldPolicyTest, PausesAfterAQuestionThatNobodyAnswered) {
    firewalld.fault = Kind::Unanswered;
    EXPECT_EQ(prepare(1).error(), MappingError::Backend);
    const int calls = firewalld.calls;
    EXPECT_EQ(prepare(2).error(), MappingError::Backend);
    EXPECT_EQ(firewalld.calls, calls);
    firewalld.fault = std::nullopt;
    pass(FirewalldPolicy::kPause);
    ask(1);
}

TEST_F(FirewalldPolicyTest, PutsTheRulesBackAfterAReload) {
    ask(1);
    policy.hear();
    EXPECT_EQ(firewalld.calls, 1);
    reload();
    policy.hear();
    policy.hear();
    EXPECT_THAT(firewalld.rules, ElementsAre(textOf(1)));
}

TEST_F(FirewalldPolicyTest, WaitsWhileFirewalldIsGone) {
    ask(1);
    firewalld.announcement = Announcement::Gone;
    policy.hear();
    EXPECT_EQ(prepare(2).error(), MappingError::Backend);
    EXPECT_EQ(firewalld.calls, 1);
    EXPECT_TRUE(policy.complaint().empty());
    reload();
    policy.hear();
    policy.hear();
    EXPECT_THAT(firewalld.rules, ElementsAre(textOf(1)));
}

/// firewalld writes a line to its log for each call that it refuses.
TEST_F(FirewalldPolicyTest, AsksForAPolicyThatIsNotThereOnlyAfterAReload) {
    firewalld.fault = Kind::NoPolicy;
    replaceAll(std::vector{onPort(1)}, false);
    EXPECT_EQ(prepare(2).error(), MappingError::Backend);
    policy.hear();
    EXPECT_EQ(firewalld.calls, 1);
    EXPECT_THAT(policy.complaint(), testing::HasSubstr("--new-policy=upnpd"));
    firewalld.fault = std::nullopt;
    reload();
    policy.hear();
    policy.hear();
    EXPECT_THAT(firewalld.rules, ElementsAre(textOf(1)));
}

}  // namespace
}  // namespace igd::firewall
