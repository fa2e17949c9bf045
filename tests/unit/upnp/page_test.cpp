// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/page.h"

#include "fake_gateway.h"
#include "sample_rows.h"

#include <gmock/gmock.h>

#include <optional>
#include <string>

namespace igd::upnp {
namespace {

using testing::HasSubstr;

/// Host number `n` of the LAN.
Peer host(std::uint32_t n) {
    const Ipv4Address address{0xc0a83200 + n};
    return {address, {Ipv4Address{0xc0a83201}, Port{49152}}, HostKey{address}};
}

class PageTest : public testing::Test {
protected:
    void ask(const Peer& peer, const PageRights& rights = {}) {
        page_.handle(peer, rights,
                     [this](Answer answer) { answers_.push_back(std::move(answer)); });
    }
    /// The engine answers one look.
    void answerLook(const std::string& description = "Game", std::uint32_t rows = 1) {
        gateway_.answer(Overview{});
        OpeningRows all{{}, rows};
        for (std::uint32_t id = 1; id <= rows; ++id) {
            all.rows.push_back(sampleRow(id));
            all.rows.back().description = description;
        }
        gateway_.answer(all);
    }
    [[nodiscard]] unsigned status() const { return answers_.back().response.result_int(); }
    [[nodiscard]] std::string header(std::string_view name) const {
        return std::string{valueOf(answers_.back().response, name)};
    }

    TimePoint now_{Seconds{1000}};
    FakeGateway gateway_;
    DeviceIdentity identity_;
    Page page_{gateway_, identity_, [this] { return now_; }};
    std::vector<Answer> answers_;
};

TEST_F(PageTest, IsADocumentThatNobodyKeepsOrFrames) {
    ask(host(10));
    EXPECT_TRUE(answers_.empty()) << "others are served meanwhile";
    EXPECT_EQ(gateway_.next<GetOverview>().requester, host(10).address);
    answerLook();
    ASSERT_EQ(answers_.size(), 1U);
    EXPECT_EQ(status(), 200U);
    EXPECT_THAT(answers_.back().response.body(), HasSubstr("<bdi>Game</bdi>"));
    EXPECT_EQ(header("Content-Type"), "text/html; charset=\"utf-8\"");
    EXPECT_EQ(header("Cache-Control"), "no-store");
    EXPECT_EQ(header("X-Frame-Options"), "DENY");
    EXPECT_EQ(header("X-Content-Type-Options"), "nosniff");
    EXPECT_THAT(header("Content-Security-Policy"), HasSubstr("default-src 'none'"));
}

TEST_F(PageTest, AsksOnceASecondForAHost) {
    ask(host(10));
    ask(host(10));
    EXPECT_EQ(gateway_.asked.size(), 1U) << "both wait for one look";
    answerLook("first");
    EXPECT_EQ(answers_.size(), 2U);
    now_ += std::chrono::milliseconds{999};
    ask(host(10));
    EXPECT_EQ(answers_.size(), 3U) << "at once";
    EXPECT_TRUE(gateway_.asked.empty());
    now_ += std::chrono::milliseconds{1};
    ask(host(10));
    answerLook("second");
    EXPECT_THAT(answers_.back().response.body(), HasSubstr("<bdi>second</bdi>"));
}

TEST_F(PageTest, ShowsNoHostTheRowsOfAnother) {
    ask(host(10));
    answerLook("secret");
    ask(host(11));
    EXPECT_EQ(gateway_.next<GetOverview>().requester, host(11).address);
    answerLook("open");
    EXPECT_THAT(answers_.back().response.body(), testing::Not(HasSubstr("secret")));
}

TEST_F(PageTest, ShowsFormsToWhoMayUseThem) {
    ask(host(10), {true, "token-1"});
    answerLook();
    EXPECT_THAT(answers_.back().response.body(), HasSubstr("token-1"));
    ask(host(10), {true, ""});
    answerLook();
    EXPECT_THAT(answers_.back().response.body(), testing::Not(HasSubstr("token-1")));
}

TEST_F(PageTest, ForgetsWhatItKeepsAfterAChange) {
    ask(host(10));
    answerLook("old");
    page_.forget(host(11).address);
    ask(host(10));
    EXPECT_TRUE(gateway_.asked.empty()) << "another host's change";
    page_.forget(host(10).address);
    ask(host(10));
    page_.forget(host(10).address);
    answerLook("older than the change");
    EXPECT_EQ(status(), 200U);
    now_ += Seconds{1};
    ask(host(10));
    answerLook("new");
    EXPECT_THAT(answers_.back().response.body(), HasSubstr("<bdi>new</bdi>"));
}

TEST_F(PageTest, IsNotThereOrTellsThatTheEngineDoesNotAnswer) {
    ask(host(10));
    gateway_.answer(MappingError::NotAuthorized);
    EXPECT_EQ(status(), 404U);
    ask(host(10));
    gateway_.answer(MappingError::Backend);
    EXPECT_EQ(status(), 503U);
    EXPECT_EQ(header("Retry-After"), "1");
    now_ += Seconds{1};
    ask(host(10));
    answerLook();
    EXPECT_EQ(status(), 200U) << "errors are not kept";
}

TEST_F(PageTest, BoundsTheLooksOfAllHosts) {
    std::uint32_t looks = 0;
    for (std::uint32_t n = 2; n < 102; ++n) {
        ask(host(n));
        if (gateway_.asked.empty()) continue;
        ++looks;
        answerLook();
    }
    EXPECT_GE(looks, 20U);
    EXPECT_LE(looks, 40U);
    EXPECT_EQ(answers_.size(), 100U);
    EXPECT_EQ(status(), 503U);
    EXPECT_EQ(header("Retry-After"), "1");
}

/// A host that reads none of its answers holds at most 8 MiB of them.
TEST_F(PageTest, BoundsWhatIsOnItsWay) {
    ask(host(10));
    answerLook(std::string(255, '&'), 32);
    const std::size_t size = answers_.back().response.body().size();
    while (answers_.size() < 1000 && status() == 200) ask(host(10));
    EXPECT_EQ(status(), 503U);
    EXPECT_LE((answers_.size() - 1) * size, std::size_t{8} << 20);
    ask(host(11));
    answerLook();
    EXPECT_EQ(status(), 200U) << "another host is served";
    answers_.clear();
    ask(host(10));
    EXPECT_EQ(status(), 200U) << "they have left";
}

}  // namespace
}  // namespace igd::upnp
