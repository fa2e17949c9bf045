// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/page_actions.h"

#include "fake_gateway.h"

#include <gmock/gmock.h>

#include <crypt.h>

namespace igd::upnp {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

const std::string kCookie = "upnpd-page=";

/// Host number `n` of the LAN.
Peer host(std::uint32_t n) {
    const Ipv4Address address{0xc0a83200 + n};
    return {address, {Ipv4Address{0xc0a83201}, Port{49152}}, HostKey{address}};
}

/// MD5 takes no time, so that the tests do not either.
std::string hashOfSecret() {
    crypt_data data{};
    return ::crypt_r("secret", "$1$salt", &data);
}

class PageActionsTest : public testing::Test {
protected:
    PageActions actionsWith(const std::string& hash) {
        return {gateway_, hash, [this](const IpAddress& who) { changed_.push_back(who); },
                [this] { return now_; }};
    }
    void post(std::string_view path, const std::string& body, const Peer& from = host(10)) {
        post(actions_, path, body, from);
    }
    void post(PageActions& actions, std::string_view path, const std::string& body,
              const Peer& from = host(10)) {
        actions.handle(form(path, body), from,
                       [this](Answer answer) { answers_.push_back(std::move(answer.response)); });
    }
    [[nodiscard]] Request form(std::string_view path, const std::string& body) const {
        Request request{http::verb::post, beastText(path), 11};
        setHeader(request, "Content-Type", "application/x-www-form-urlencoded");
        if (!cookie_.empty()) setHeader(request, "Cookie", "other=1; " + cookie_);
        request.body() = body;
        return request;
    }
    /// Signs in, and keeps the cookie as a browser does.
    void signIn(const Peer& from = host(10)) {
        post(PageActions::kSignIn, "password=secret", from);
        const auto set = header("Set-Cookie");
        cookie_ = set.substr(0, set.find(';'));
        now_ += Seconds{1};
    }
    [[nodiscard]] std::string token(const Peer& from = host(10)) const {
        return actions_.rightsOf(form("/", ""), from).token;
    }
    [[nodiscard]] unsigned status() const { return answers_.back().result_int(); }
    [[nodiscard]] std::string header(std::string_view name) const {
        return std::string{valueOf(answers_.back(), name)};
    }

    TimePoint now_{Seconds{1000}};
    FakeGateway gateway_;
    std::vector<IpAddress> changed_;
    PageActions actions_ = actionsWith(hashOfSecret());
    std::string cookie_;
    std::vector<Response> answers_;
};

TEST_F(PageActionsTest, LetsNobodyActWithoutAPassword) {
    PageActions none = actionsWith("");
    EXPECT_EQ(none.rightsOf(form("/", ""), host(10)), PageRights{});
    for (const auto path : {PageActions::kSignIn, PageActions::kSignOut, PageActions::kClose,
                            PageActions::kAllow, PageActions::kBlock}) {
        post(none, path, "password=&token=&id=1");
        EXPECT_EQ(status(), 404U);
    }
    EXPECT_THAT(gateway_.asked, IsEmpty());
}

TEST_F(PageActionsTest, LetsInWhoKnowsThePassword) {
    EXPECT_EQ(actions_.rightsOf(form("/", ""), host(10)), (PageRights{true, ""}));
    signIn();
    EXPECT_EQ(status(), 303U);
    EXPECT_EQ(header("Location"), "/");
    EXPECT_THAT(header("Set-Cookie"), StartsWith(kCookie));
    EXPECT_THAT(header("Set-Cookie"), HasSubstr("; Path=/; HttpOnly; SameSite=Strict"));
    EXPECT_THAT(token(), Not(IsEmpty()));
    EXPECT_THAT(token(host(11)), IsEmpty()) << "the cookie is worth nothing elsewhere";
}

TEST_F(PageActionsTest, SlowsDownWhoGuesses) {
    post(PageActions::kSignIn, "password=wrong");
    EXPECT_EQ(status(), 403U);
    EXPECT_EQ(header("Set-Cookie"), "");
    post(PageActions::kSignIn, "password=secret");
    EXPECT_EQ(status(), 503U) << "within the same second, right or wrong";
    EXPECT_EQ(header("Retry-After"), "1");
    unsigned tried = 0;
    for (std::uint32_t n = 20; n < 120; ++n) {
        post(PageActions::kSignIn, "password=wrong", host(n));
        tried += status() == 403 ? 1 : 0;
    }
    EXPECT_LE(tried, 5U) << "by all hosts together";
    now_ += Seconds{2};
    post(PageActions::kSignIn, "password=secret");
    EXPECT_EQ(status(), 303U);
}

TEST_F(PageActionsTest, ClosesAnOpening) {
    signIn();
    post(PageActions::kClose, "id=7&token=" + token());
    EXPECT_EQ(gateway_.next<CloseOpening>(), (CloseOpening{7, host(10).address}));
    gateway_.answer(Done{});
    EXPECT_EQ(status(), 303U);
    EXPECT_EQ(changed_, std::vector<IpAddress>{host(10).address});
    post(PageActions::kClose, "id=7&token=" + token());
    gateway_.answer(MappingError::NotFound);
    EXPECT_EQ(status(), 409U);
    EXPECT_THAT(answers_.back().body(), HasSubstr("It is not there any more."));
    post(PageActions::kClose, "id=x&token=" + token());
    EXPECT_EQ(status(), 400U);
}

TEST_F(PageActionsTest, SaysWhichHostsMayOpenSomething) {
    signIn();
    post(PageActions::kAllow, "host=192.168.50.30&token=" + token());
    const IpAddress phone = Ipv4Address{0xc0a8321e};
    EXPECT_EQ(gateway_.next<ApproveHost>(), (ApproveHost{phone, true, host(10).address}));
    gateway_.answer(Done{});
    EXPECT_EQ(status(), 303U);
    post(PageActions::kBlock, "host=2001%3Adb8%3A%3A1&token=" + token());
    EXPECT_FALSE(gateway_.next<ApproveHost>().yes);
    gateway_.answer(MappingError::NotAuthorized);
    EXPECT_EQ(status(), 409U);
    post(PageActions::kAllow, "host=nas&token=" + token());
    EXPECT_EQ(status(), 400U);
}

/// A form of another page brings the cookie along at most, never the token.
TEST_F(PageActionsTest, ObeysNoFormOfOthers) {
    signIn();
    const auto own = token();
    for (const std::string& body :
         {std::string{"id=7"}, std::string{"id=7&token="},
          "id=7&token=" + std::string(own.size(), '0'), "id=7&token=" + own.substr(1)}) {
        post(PageActions::kClose, body);
        EXPECT_EQ(status(), 403U) << body;
    }
    post(PageActions::kClose, "id=7&token=" + own, host(11));
    EXPECT_EQ(status(), 403U) << "from another address";
    Request text = form(PageActions::kClose, "id=7&token=" + own);
    setHeader(text, "Content-Type", "text/plain");
    actions_.handle(text, host(10),
                    [this](Answer answer) { answers_.push_back(std::move(answer.response)); });
    EXPECT_EQ(status(), 415U);
    cookie_.clear();
    post(PageActions::kClose, "id=7&token=" + own);
    EXPECT_EQ(status(), 403U) << "without the cookie";
    EXPECT_THAT(gateway_.asked, IsEmpty());
}

TEST_F(PageActionsTest, SignsOutAndForgetsWhoDoesNothing) {
    signIn();
    post(PageActions::kSignOut, "token=" + token());
    EXPECT_EQ(status(), 303U);
    EXPECT_THAT(header("Set-Cookie"), StartsWith(kCookie + "; Path=/; Max-Age=0;"));
    EXPECT_THAT(token(), IsEmpty());
    signIn();
    now_ += SignIns::kIdle;
    EXPECT_THAT(token(), IsEmpty());
}

}  // namespace
}  // namespace igd::upnp
