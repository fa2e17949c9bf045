// SPDX-License-Identifier: GPL-2.0-or-later
#include "ssdp/ssdp_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace igd::upnp {
namespace {

using testing::Optional;

constexpr Ipv4Address kOwn{0xc0a83201};  // 192.168.50.1
constexpr std::string_view kStart = "M-SEARCH * HTTP/1.1\r\n";
constexpr std::string_view kHost = "HOST: 239.255.255.250:1900\r\n";
constexpr std::string_view kMan = "MAN: \"ssdp:discover\"\r\n";
constexpr std::string_view kMx = "MX: 2\r\n";
constexpr std::string_view kSt = "ST: ssdp:all\r\n";
constexpr std::string_view kEnd = "\r\n";

template <class... Lines>
std::string datagram(Lines... lines) {
    return (std::string{} + ... + std::string{lines});
}

std::optional<Search> multicast(const std::string& text) {
    return parseSearch(text, SearchKind::Multicast, kOwn);
}
std::optional<Search> unicast(const std::string& text) {
    return parseSearch(text, SearchKind::Unicast, kOwn);
}

/// With MX given.
std::optional<Seconds> waitOf(std::string_view mx) {
    const auto text =
        datagram(kStart, kHost, kMan, std::string{"MX:"} + std::string{mx} + "\r\n", kSt, kEnd);
    const auto search = multicast(text);
    return search ? std::optional{search->within} : std::nullopt;
}

bool accepts(std::string_view st) {
    return multicast(datagram(kStart, kHost, kMan, kMx, "ST: ", st, "\r\n", kEnd)).has_value();
}

TEST(SsdpSearch, ReadsAMulticastSearch) {
    const auto text = datagram(kStart, kHost, kMan, kMx, kSt, kEnd);
    EXPECT_THAT(multicast(text), Optional(Search{"ssdp:all", Seconds{2}}));
}

TEST(SsdpSearch, ReadsHeadersInAnyCaseAndWithoutBlanks) {  // SSDP-MSEARCH-28
    const auto text = datagram("m-search * http/1.1\r\n",
                               "host:239.255.255.250:1900\r\nman:\"SSDP:Discover\"\r\nmx:3\r\n",
                               "User-Agent: x\r\nst:upnp:rootdevice\r\n", kEnd);
    EXPECT_THAT(multicast(text), Optional(Search{"upnp:rootdevice", Seconds{3}}));
}

TEST(SsdpSearch, WantsManWithQuotesOrWithout) {  // SSDP-MSEARCH-11, -12
    EXPECT_TRUE(multicast(datagram(kStart, kHost, "MAN: ssdp:discover\r\n", kMx, kSt, kEnd)));
    EXPECT_FALSE(multicast(datagram(kStart, kHost, kMx, kSt, kEnd)));
    for (const auto* man :
         {"\"ssdp:other\"", "\"ssdp:discover", "ssdp:discover\"", "\"", "\"\"", ""})
        EXPECT_FALSE(multicast(datagram(kStart, kHost, "MAN: ", man, "\r\n", kMx, kSt, kEnd)))
            << man;
}

TEST(SsdpSearch, WantsAnMxThatIsANumber) {  // SSDP-MSEARCH-13 to 15
    EXPECT_THAT(multicast(datagram(kStart, kHost, kMan, kSt, kEnd)),
                Optional(Search{"ssdp:all", Seconds{1}}));
    for (const auto* mx : {"", "x", "-1", "1.5", "2s", "+3"}) EXPECT_FALSE(waitOf(mx)) << mx;
    EXPECT_EQ(waitOf("0"), Seconds{1});
    EXPECT_EQ(waitOf(" 5 "), Seconds{5});
    EXPECT_EQ(waitOf("120"), Seconds{5});
    EXPECT_EQ(waitOf("99999999999999999999"), Seconds{5});
}

TEST(SsdpSearch, AnswersAUnicastSearchAtOnce) {  // SSDP-MSEARCH-18, -19
    EXPECT_THAT(unicast(datagram(kStart, "HOST: 192.168.50.1:1900\r\n", kMan, kSt, kEnd)),
                Optional(Search{"ssdp:all", Seconds{0}}));
    EXPECT_TRUE(unicast(datagram(kStart, kHost, kMan, kMx, kSt, kEnd)));
    EXPECT_FALSE(unicast(datagram(kStart, "HOST: 192.168.50.2:1900\r\n", kMan, kSt, kEnd)));
}

TEST(SsdpSearch, WantsTheGroupAsHost) {  // SSDP-MSEARCH-20
    EXPECT_FALSE(multicast(datagram(kStart, kMan, kMx, kSt, kEnd)));
    EXPECT_TRUE(multicast(datagram(kStart, "HOST: 239.255.255.250\r\n", kMan, kMx, kSt, kEnd)));
    for (const auto* host : {"239.255.255.250:1901", "239.255.255.2501", "192.168.50.1:1900", "x"})
        EXPECT_FALSE(multicast(datagram(kStart, "HOST: ", host, "\r\n", kMan, kMx, kSt, kEnd)))
            << host;
}

TEST(SsdpSearch, WantsThatStartLine) {  // SSDP-MSEARCH-25, -29
    for (const auto* start :
         {"M-SEARCH * HTTP/1.0\r\n", "M-SEARCH / HTTP/1.1\r\n", "NOTIFY * HTTP/1.1\r\n",
          "M-SEARCH http://x/ HTTP/1.1\r\n", " M-SEARCH * HTTP/1.1\r\n", "\r\n"})
        EXPECT_FALSE(multicast(datagram(start, kHost, kMan, kMx, kSt, kEnd))) << start;
}

TEST(SsdpSearch, ReadsLinesAsTheyAreEnded) {  // SSDP-MSEARCH-26
    const Search all{"ssdp:all", Seconds{2}};
    auto text = datagram(kStart, kHost, kMan, kMx, kSt);
    EXPECT_THAT(multicast(text), Optional(all));
    text = datagram(kStart, kHost, kMan, kMx, "ST: ssdp:all");
    EXPECT_THAT(multicast(text), Optional(all));
    text = datagram(kStart, kHost, kMan, kMx, kSt, kEnd, "what follows, counts: for nothing\r\n");
    EXPECT_THAT(multicast(text), Optional(all));
    text = datagram(kStart, kHost, kMan, kMx, kSt, kEnd);
    std::erase(text, '\r');
    EXPECT_THAT(multicast(text), Optional(all));
    text =
        "M-SEARCH * HTTP/1.1\nHOST :\t239.255.255.250:1900 \nMAN: ssdp:discover\nST: ssdp:all \n";
    EXPECT_THAT(multicast(text), Optional(Search{"ssdp:all", Seconds{1}}));
}

TEST(SsdpSearch, GarbageIsNone) {  // SSDP-MSEARCH-26
    EXPECT_FALSE(multicast(""));
    EXPECT_FALSE(multicast("M"));
    EXPECT_FALSE(multicast("M-SEARCH * HTTP/1.1"));
    EXPECT_FALSE(multicast(datagram(kStart, kHost, kMan, kMx, kSt, "nonsense\r\n", kEnd)));
    EXPECT_FALSE(multicast(datagram(kStart, kHost, kMan, kMx, kSt, ": x\r\n", kEnd)));
    EXPECT_FALSE(multicast(std::string(65507, 'x')));
}

TEST(SsdpSearch, FoldedAndDoubledLinesAreNone) {  // SSDP-MSEARCH-28
    EXPECT_FALSE(multicast(datagram(kStart, kHost, kMan, kMx, kSt, kSt, kEnd)));
    EXPECT_FALSE(multicast(datagram(kStart, kHost, kMan, kMx, kSt, " folded\r\n", kEnd)));
}

TEST(SsdpSearch, BoundsTheTarget) {  // SSDP-MSEARCH-27
    EXPECT_TRUE(accepts("uuid:schemas:device:x"));
    EXPECT_TRUE(accepts(std::string(256, 'a')));
    EXPECT_FALSE(accepts(std::string(257, 'a')));
    EXPECT_FALSE(accepts(""));
    EXPECT_FALSE(accepts("a b"));
    EXPECT_FALSE(accepts(std::string("a\0b", 3)));
}

}  // namespace
}  // namespace igd::upnp
