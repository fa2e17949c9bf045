// SPDX-License-Identifier: GPL-2.0-or-later
#include "gena/subscription_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::upnp {
namespace {

constexpr Ipv4Address kPeer{0xc0a8320a};
constexpr Ipv4Address kOwn{0xc0a83201};

using Headers = std::vector<std::pair<std::string, std::string>>;

const std::pair<std::string, std::string> kCallback{"callback", "<http://192.168.50.10:5000/>"};
const std::pair<std::string, std::string> kNt{"NT", "upnp:event"};
const std::pair<std::string, std::string> kSid{"Sid", "uuid:1"};

tl::expected<SubscriptionRequest, http::status> read(const Headers& headers,
                                                     http::verb method = http::verb::subscribe,
                                                     Ipv4Address peer = kPeer) {
    RequestHeader header;
    header.method(method);
    for (const auto& [name, value] : headers) header.insert(beastText(name), beastText(value));
    return readSubscription(header, {peer, {kOwn, Port{49152}}},
                            [](const auto&, const auto&) { return false; });
}

http::status refusal(const Headers& headers, http::verb method = http::verb::subscribe,
                     Ipv4Address peer = kPeer) {
    const auto result = read(headers, method, peer);
    return result ? http::status::ok : result.error();
}

TEST(SubscriptionRequest, ReadsANewSubscription) {
    const auto result = read({kCallback, kNt, {"TIMEOUT", "Second-3600"}});
    ASSERT_TRUE(result);
    const auto& fresh = std::get<NewSubscription>(*result);
    EXPECT_EQ(fresh.callbacks.size(), 1);
    EXPECT_EQ(fresh.timeout, Seconds{3600});
}

TEST(SubscriptionRequest, ReadsARenewal) {
    const auto result = read({kSid, {"TIMEOUT", "Second-60"}});
    ASSERT_TRUE(result);
    EXPECT_EQ(std::get<Renewal>(*result).sid, "uuid:1");
    EXPECT_EQ(std::get<Renewal>(*result).timeout, Seconds{1800});
}

TEST(SubscriptionRequest, ReadsAnUnsubscription) {
    const auto result = read({kSid}, http::verb::unsubscribe);
    ASSERT_TRUE(result);
    EXPECT_EQ(std::get<Unsubscription>(*result).sid, "uuid:1");
}

TEST(SubscriptionRequest, WantsCallbackAndNt) {  // GENA-SUBSCRIBE-03, -06
    EXPECT_EQ(refusal({kNt}), http::status::precondition_failed);
    EXPECT_EQ(refusal({kCallback}), http::status::precondition_failed);
    EXPECT_EQ(refusal({kCallback, {"NT", "upnp:foo"}}), http::status::precondition_failed);
    EXPECT_EQ(refusal({kCallback, kCallback, kNt}), http::status::precondition_failed);
    EXPECT_EQ(refusal({}), http::status::precondition_failed);
}

TEST(SubscriptionRequest,
     SidExcludesNtAndCallback) {  // GENA-SUBSCRIBE-07, -08, GENA-UNSUBSCRIBE-02
    EXPECT_EQ(refusal({kSid, kNt}), http::status::bad_request);
    EXPECT_EQ(refusal({kSid, kCallback}), http::status::bad_request);
    EXPECT_EQ(refusal({kSid, kNt}, http::verb::unsubscribe), http::status::bad_request);
    EXPECT_EQ(refusal({kCallback}, http::verb::unsubscribe), http::status::bad_request);
}

TEST(SubscriptionRequest, WantsOneSid) {
    EXPECT_EQ(refusal({{"SID", ""}}), http::status::precondition_failed);
    EXPECT_EQ(refusal({kSid, kSid}), http::status::precondition_failed);
    EXPECT_EQ(refusal({}, http::verb::unsubscribe), http::status::precondition_failed);
}

TEST(SubscriptionRequest, TheGatewayItselfIsNoSubscriber) {  // GENA-CALLSTRANGER-04
    EXPECT_EQ(refusal({{"CALLBACK", "<http://192.168.50.1/>"}, kNt}, http::verb::subscribe, kOwn),
              http::status::precondition_failed);
}

TEST(SubscriptionRequest, KeepsTheTimeWithinBounds) {  // GENA-SUBSCRIBE-09 to 11
    EXPECT_EQ(subscriptionTime("Second-60"), Seconds{1800});
    EXPECT_EQ(subscriptionTime("second-7200"), Seconds{7200});
    EXPECT_EQ(subscriptionTime("Second-999999999"), Seconds{86400});
    EXPECT_EQ(subscriptionTime("Second-99999999999999999999"), Seconds{86400});
    for (const auto* text :
         {"", "Second-infinite", "infinite", "Second-", "Second--5", "Second-5x", "3600"})
        EXPECT_EQ(subscriptionTime(text), Seconds{1800}) << text;
}

}  // namespace
}  // namespace igd::upnp
