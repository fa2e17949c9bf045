// SPDX-License-Identifier: GPL-2.0-or-later
#include "gena/callback_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::upnp {
namespace {

using testing::ElementsAre;
using testing::Optional;
using testing::SizeIs;

constexpr Ipv4Address kSubscriber{0xc0a8320a};  // 192.168.50.10

bool no(const IpAddress& /*subscriber*/, const IpAddress& /*address*/) {
    return false;
}

std::optional<std::vector<CallbackUrl>> parsed(std::string_view header) {
    return parseCallbacks(header, kSubscriber, no);
}

CallbackUrl url(std::uint16_t port, std::string target) {
    return {{kSubscriber, Port{port}}, std::move(target)};
}

TEST(CallbackUrl, ReadsHostPortPathAndQuery) {
    EXPECT_THAT(parsed("<http://192.168.50.10:5000/a/b?c=d>"),
                Optional(ElementsAre(url(5000, "/a/b?c=d"))));
    EXPECT_THAT(parsed("<HTTP://192.168.50.10/a>"), Optional(ElementsAre(url(80, "/a"))));
}

TEST(CallbackUrl, GivesAnEmptyPathItsSlash) {  // GENA-EVENT-18
    EXPECT_THAT(parsed("<http://192.168.50.10:5000>"), Optional(ElementsAre(url(5000, "/"))));
    EXPECT_THAT(parsed("<http://192.168.50.10?x>"), Optional(ElementsAre(url(80, "/?x"))));
}

TEST(CallbackUrl, ReadsSeveralInTheirOrder) {  // GENA-SUBSCRIBE-13
    EXPECT_THAT(parsed(" <http://192.168.50.10:1/> <http://192.168.50.10:2/>"),
                Optional(ElementsAre(url(1, "/"), url(2, "/"))));
}

TEST(CallbackUrl, WantsAngleBracketsAndHttp) {  // GENA-SUBSCRIBE-04, -05
    for (const auto* header :
         {"", "http://192.168.50.10/", "<http://192.168.50.10/", "<>", "<ftp://192.168.50.10/>",
          "<https://192.168.50.10/>", "<http://192.168.50.10/>,x", "<//192.168.50.10/>"})
        EXPECT_FALSE(parsed(header)) << header;
}

TEST(CallbackUrl, GoesToTheSubscriberAlone) {  // GENA-CALLSTRANGER-01 to 04, -06
    for (const auto* host :
         {"80.100.100.9", "192.168.50.11", "127.0.0.1", "0.0.0.0", "255.255.255.255", "localhost",
          "3232248330", "0xc0a8320a", "192.168.12810", "0300.0250.062.012", "192.168.50.010", "",
          "user@192.168.50.10", "192.168.50.10.", "[::ffff:192.168.50.10]"})
        EXPECT_FALSE(parsed(std::string{"<http://"} + host + "/>")) << host;
}

TEST(CallbackUrl, OneWrongUrlSpoilsAll) {  // GENA-CALLSTRANGER-02
    EXPECT_FALSE(parsed("<http://192.168.50.10/><http://80.100.100.9/>"));
}

TEST(CallbackUrl, WantsAPortThatIsOne) {  // CVE-2026-41682: 65616 is not 80
    for (const auto* port : {"0", "65616", "65536", "-1", "", "80x", " 80"})
        EXPECT_FALSE(parsed(std::string{"<http://192.168.50.10:"} + port + "/>")) << port;
}

TEST(CallbackUrl, RefusesWhatWouldBreakTheRequestLine) {
    EXPECT_FALSE(parsed("<http://192.168.50.10/a b>"));
    EXPECT_FALSE(parsed("<http://192.168.50.10/a\r\nX: y>"));
    EXPECT_FALSE(parsed("<http://192.168.50.10/a#b>"));
    EXPECT_FALSE(parsed("<http://192.168.50.10/\xc3\xa4>"));
}

TEST(CallbackUrl, IsBoundedInNumberAndLength) {  // GENA-SUBSCRIBE-14
    std::string eight;
    for (int i = 0; i < 8; ++i) eight += "<http://192.168.50.10/>";
    EXPECT_THAT(parsed(eight), Optional(SizeIs(8)));
    EXPECT_FALSE(parsed(eight + "<http://192.168.50.10/>"));
    EXPECT_FALSE(parsed("<http://192.168.50.10/" + std::string(2048, 'a') + ">"));
}

TEST(CallbackUrl, KnowsIpv6) {  // GENA-CALLSTRANGER-05, GENA-EVENT-17
    const Ipv6Address six = *parseIpv6Address("fe80::5");
    const auto urls = parseCallbacks("<http://[fe80::5]:5000/x>", six, no);
    ASSERT_TRUE(urls);
    EXPECT_EQ(toString(urls->front().endpoint), "[fe80::5]:5000");
    for (const auto* header :
         {"<http://[fe80::6]:5000/>", "<http://fe80::5/>", "<http://[fe80::5%eth0]/>",
          "<http://192.168.50.10/>", "<http://[::ffff:192.168.50.10]/>"})
        EXPECT_FALSE(parseCallbacks(header, six, no)) << header;
}

TEST(CallbackUrl, MayNameAnotherAddressOfTheSameHost) {
    const Ipv6Address global = *parseIpv6Address("2001:db8::5");
    const IpAddress local = *parseIpv6Address("fd00::5");
    const auto isSameHost = [&](const IpAddress& subscriber, const IpAddress& address) {
        return subscriber == IpAddress{global} && address == local;
    };
    const auto urls =
        parseCallbacks("<http://[fd00::5]:5000/><http://[2001:db8::5]:5000/>", global, isSameHost);
    ASSERT_THAT(urls, Optional(SizeIs(2)));
    EXPECT_EQ(urls->front().endpoint.address, local);
    EXPECT_FALSE(parseCallbacks("<http://[fd00::6]:5000/>", global, isSameHost));
    EXPECT_FALSE(
        parseCallbacks("<http://[fd00::5]:5000/><http://[fd00::6]:5000/>", global, isSameHost));
}

}  // namespace
}  // namespace igd::upnp
