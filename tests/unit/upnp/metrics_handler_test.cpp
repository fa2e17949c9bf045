// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/metrics_handler.h"

#include "fake_gateway.h"

#include <gtest/gtest.h>

namespace igd::upnp {
namespace {

class MetricsHandlerTest : public testing::Test {
protected:
    static Request request(std::string_view accept = {}, std::string_view target = "/metrics",
                           http::verb method = http::verb::get) {
        Request request{method, beastText(target), 11};
        setHeader(request, "Host", "router.lan:9912");
        if (!accept.empty()) setHeader(request, "Accept", accept);
        return request;
    }
    void get(std::string_view accept = {}) {
        handler_.handle(request(accept), kPeer,
                        [this](const Answer& answer) { answers_.push_back(answer.response); });
    }
    /// Returns the status of the refusal; 0: there is none.
    unsigned refusal(const Request& request) {
        const auto response = handler_.refusal(request.base(), kPeer);
        return response ? response->result_int() : 0;
    }

    /// Answers the first question. Returns what it was.
    GetMetrics answer(const GatewayReply& reply) {
        const auto request = std::get<GetMetrics>(gateway_.asked.front().request);
        gateway_.answer(reply);
        return request;
    }

    static constexpr Peer kPeer{IpAddress{Ipv4Address{0x0a000001}}, {}};
    FakeGateway gateway_;
    MetricsHandler handler_{gateway_};
    std::vector<Response> answers_;
};

TEST_F(MetricsHandlerTest, OnlyMetricsAreThereAndOnlyToRead) {
    EXPECT_EQ(refusal(request()), 0U);
    EXPECT_EQ(refusal(request({}, "/metrics?x=1")), 0U);
    EXPECT_EQ(refusal(request({}, "/metrics", http::verb::head)), 0U);
    for (const char* const other : {"/", "/metrics/", "/metricsx", "/rootDesc.xml", "*"})
        EXPECT_EQ(refusal(request({}, other)), 404U) << other;
    const Request post = request({}, "/metrics", http::verb::post);
    EXPECT_EQ(refusal(post), 405U);
    EXPECT_EQ(valueOf(*handler_.refusal(post.base(), kPeer), http::field::allow), "GET, HEAD");
    Request ofPage = request();
    setHeader(ofPage, "Origin", "http://evil.example");
    EXPECT_EQ(refusal(ofPage), 403U);
    Request nameless = request();
    nameless.erase(http::field::host);
    EXPECT_EQ(refusal(nameless), 400U);
    nameless.version(10);
    EXPECT_EQ(refusal(nameless), 0U);
}

TEST_F(MetricsHandlerTest, TheTextIsPutTogetherFromItsPieces) {
    get();
    EXPECT_EQ(answer(MetricsText{"up 1\n", 5}), (GetMetrics{0, false}));
    EXPECT_TRUE(answers_.empty());
    EXPECT_EQ(answer(MetricsText{"down 0\n", 0}), (GetMetrics{5, false}));
    ASSERT_EQ(answers_.size(), 1U);
    EXPECT_EQ(answers_[0].result_int(), 200U);
    EXPECT_EQ(answers_[0].body(), "up 1\ndown 0\n");
    EXPECT_EQ(valueOf(answers_[0], http::field::content_type),
              "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_EQ(answers_[0].count("Access-Control-Allow-Origin"), 0U);
}

TEST_F(MetricsHandlerTest, WhoeverAsksMeanwhileIsAnsweredWithTheSame) {
    get();
    get("application/openmetrics-text");
    get("text/plain");
    ASSERT_EQ(gateway_.asked.size(), 1U) << "one at a time";
    answer(MetricsText{"a", 0});
    ASSERT_EQ(answers_.size(), 2U);
    EXPECT_EQ(answers_[1].body(), "a");
    ASSERT_EQ(gateway_.asked.size(), 1U);
    EXPECT_EQ(answer(MetricsText{"b", 0}), (GetMetrics{0, true}));
    ASSERT_EQ(answers_.size(), 3U);
    EXPECT_EQ(answers_[2].body(), "b");
    EXPECT_TRUE(valueOf(answers_[2], http::field::content_type)
                    .starts_with("application/openmetrics-text; version=1.0.0"));
    EXPECT_TRUE(gateway_.asked.empty());
}

TEST_F(MetricsHandlerTest, AnEngineThatDoesNotAnswerIsNoText) {
    get();
    answer(MappingError::Backend);
    ASSERT_EQ(answers_.size(), 1U);
    EXPECT_EQ(answers_[0].result_int(), 503U);
    get();
    answer(MetricsText{"again", 0});
    EXPECT_EQ(answers_.back().body(), "again");
}

TEST_F(MetricsHandlerTest, PiecesThatDoNotFollowEndIt) {
    get();
    answer(MetricsText{"abc", 7});
    ASSERT_EQ(answers_.size(), 1U);
    EXPECT_EQ(answers_[0].result_int(), 500U);
    EXPECT_TRUE(gateway_.asked.empty());
}

TEST(Accept, DecidesTheForm) {
    EXPECT_FALSE(prefersOpenMetrics(""));
    EXPECT_FALSE(prefersOpenMetrics("*/*"));
    EXPECT_FALSE(prefersOpenMetrics("text/plain"));
    EXPECT_TRUE(prefersOpenMetrics("application/openmetrics-text"));
    EXPECT_TRUE(prefersOpenMetrics("text/html, Application/OpenMetrics-Text ; version=1.0.0"));
    EXPECT_TRUE(prefersOpenMetrics(
        "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version="
        "0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.1"))
        << "Prometheus";
    EXPECT_FALSE(prefersOpenMetrics("application/openmetrics-text;q=0"));
    EXPECT_FALSE(prefersOpenMetrics("application/openmetrics-text;q=0.2,text/plain;q=0.9"));
    EXPECT_FALSE(prefersOpenMetrics("application/openmetrics-textual"));
    EXPECT_FALSE(prefersOpenMetrics(",,;q=,application/openmetrics-text;q=nan"));
}

}  // namespace
}  // namespace igd::upnp
