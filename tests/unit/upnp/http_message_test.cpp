// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/http_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::upnp {
namespace {

using testing::MatchesRegex;
using testing::StartsWith;

RequestHeader get(unsigned version = 11) {
    RequestHeader header;
    header.version(version);
    header.method(http::verb::get);
    return header;
}

TEST(HttpMessage, WritesDatesAsHttpWantsThem) {
    EXPECT_EQ(httpDate(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");  // the RFC's own example
}

TEST(HttpMessage, NamesNoKernelVersion) {  // SSDP-NOTIFY-24
    EXPECT_THAT(std::string{serverToken()}, MatchesRegex("Linux/[0-9.]+ UPnP/1\\.1 upnpd/[0-9.]+"));
}

TEST(HttpMessage, EveryAnswerHasDateServerAndLength) {
    auto response = document("<a/>");
    complete(response, get(), true);
    EXPECT_EQ(valueOf(response, "Content-Type"), "text/xml; charset=\"utf-8\"");  // DESC-01
    EXPECT_EQ(valueOf(response, "Content-Length"), "4");
    EXPECT_EQ(valueOf(response, "Server"), serverToken());
    EXPECT_FALSE(valueOf(response, "Date").empty());
    EXPECT_TRUE(response.keep_alive());
}

TEST(HttpMessage, IsWrittenAsOneText) {
    Response response = document("<a/>");
    response.content_length(4);
    EXPECT_EQ(wireText(response),
              "HTTP/1.1 200 OK\r\nCONTENT-TYPE: text/xml; charset=\"utf-8\"\r\n"
              "Content-Length: 4\r\n\r\n<a/>");
    Response refusal = statusOnly(http::status::service_unavailable);
    refusal.version(10);
    EXPECT_EQ(wireText(refusal), "HTTP/1.0 503 Service Unavailable\r\n\r\n");
}

TEST(HttpMessage, HeadHasTheLengthButNoBody) {  // DESC-17
    auto request = get();
    request.method(http::verb::head);
    auto response = document("<a/>");
    complete(response, request, true);
    EXPECT_EQ(valueOf(response, "Content-Length"), "4");
    EXPECT_TRUE(response.body().empty());
}

TEST(HttpMessage, TellsItsLanguageToWhoCares) {  // DESC-18
    auto request = get();
    auto plain = document("<a/>");
    complete(plain, request, true);
    EXPECT_EQ(valueOf(plain, "Content-Language"), "");
    setHeader(request, "Accept-Language", "de");
    auto response = document("<a/>");
    complete(response, request, true);
    EXPECT_EQ(valueOf(response, "Content-Language"), "en");
}

TEST(HttpMessage, AnswersInTheVersionOfTheRequest) {  // IGD-Quirk-26
    auto response = statusOnly(http::status::ok);
    complete(response, get(10), false);
    EXPECT_EQ(response.version(), 10);
    EXPECT_FALSE(response.keep_alive());
}

}  // namespace
}  // namespace igd::upnp
