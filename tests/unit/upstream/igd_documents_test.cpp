// SPDX-License-Identifier: GPL-2.0-or-later
#include "igd_documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::above {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const Ipv4Address kGateway{0xc0a85a01};  // 192.168.90.1
const HttpPlace kBase{Port{49152}, "/a/igd.xml"};

std::string described(const std::string& type, const std::string& before = "") {
    return "<root xmlns=\"urn:schemas-upnp-org:device-1-0\">" + before +
           "<device><deviceList><device><UDN>uuid:INNER</UDN><serviceList><service><serviceType>" +
           type +
           "</serviceType><controlURL>ctl</controlURL></service></serviceList></device>"
           "</deviceList></device></root>";
}

TEST(PlaceIn, IsTheGatewaysAlone) {
    EXPECT_EQ(placeIn("http://192.168.90.1:5000/x?y=1", kGateway, {}),
              (HttpPlace{Port{5000}, "/x?y=1"}));
    EXPECT_EQ(placeIn("HTTP://192.168.90.1", kGateway, {}), (HttpPlace{Port{80}, "/"}));
    EXPECT_EQ(placeIn("/ctl", kGateway, kBase), (HttpPlace{Port{49152}, "/ctl"}));
    EXPECT_EQ(placeIn("ctl", kGateway, kBase), (HttpPlace{Port{49152}, "/a/ctl"}));
    for (const char* const url :
         {"http://192.168.90.2/x", "https://192.168.90.1/x", "http://gateway/x", "",
          "http://192.168.90.1:0/x", "http://192.168.90.1:99999/x", "http://192.168.90.1/a b",
          "http://192.168.90.1/a\r\nb", "http://user@192.168.90.1/", "ftp://192.168.90.1/"})
        EXPECT_FALSE(placeIn(url, kGateway, kBase)) << url;
    EXPECT_FALSE(placeIn("/" + std::string(600, 'x'), kGateway, kBase));
}

TEST(LocationIn, IsOfAnAnswerToASearch) {
    EXPECT_EQ(locationIn("HTTP/1.1 200 OK\r\nST: x\r\nLOCATION : http://a/b \r\n\r\n"),
              "http://a/b");
    EXPECT_THAT(locationIn("NOTIFY * HTTP/1.1\r\nLOCATION: http://a/b\r\n\r\n"), IsEmpty());
    EXPECT_THAT(locationIn("HTTP/1.1 200 OK\r\nLOCATION"), IsEmpty());
    EXPECT_THAT(locationIn(""), IsEmpty());
    EXPECT_THAT(searchFor("192.168.90.1"), HasSubstr("HOST: 192.168.90.1:1900\r\n"));
}

TEST(ConnectionsIn, AreServicesThatMapPorts) {
    const auto found = connectionsIn(described("urn:schemas-upnp-org:service:WANIPConnection:2",
                                               "<URLBase>http://192.168.90.1/</URLBase>"));
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].type, "urn:schemas-upnp-org:service:WANIPConnection:2");
    EXPECT_EQ(found[0].controlUrl, "ctl");
    EXPECT_EQ(found[0].urlBase, "http://192.168.90.1/");
    EXPECT_EQ(found[0].uuid, "inner");
    EXPECT_THAT(connectionsIn(described("urn:schemas-upnp-org:service:WANPPPConnection:1")),
                SizeIs(1));
    EXPECT_THAT(connectionsIn(described("urn:schemas-upnp-org:service:Layer3Forwarding:1")),
                IsEmpty());
    EXPECT_THAT(
        connectionsIn(described("urn:schemas-upnp-org:service:WANIPConnection:1&#13;&#10;X: y")),
        IsEmpty());
    EXPECT_THAT(connectionsIn("<!DOCTYPE a [<!ENTITY b \"c\">]><root/>"), IsEmpty());
    EXPECT_THAT(connectionsIn("<root><a>"), IsEmpty());
    std::string deep;
    for (int i = 0; i < 100; ++i) deep += "<a>";
    EXPECT_THAT(connectionsIn(deep), IsEmpty());
}

TEST(CallText, IsAnEnvelope) {
    const std::string text = callText("urn:x:1", "Do", {{"NewA", "<&>"}, {"NewB", ""}});
    EXPECT_THAT(text,
                HasSubstr("<u:Do xmlns:u=\"urn:x:1\"><NewA>&lt;&amp;&gt;</NewA><NewB></NewB>"));
}

std::string enveloped(const std::string& body) {
    return "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>" + body +
           "</s:Body></s:Envelope>";
}

TEST(CallAnswer, TellsValuesOrAnError) {
    const auto answer = readCallAnswer(
        "GetIt",
        enveloped("<u:GetItResponse xmlns:u=\"urn:x\"><NewA> 5 </NewA></u:GetItResponse>"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->error, 0);
    EXPECT_EQ(answer->values.at("NewA"), "5");
    const auto fault = readCallAnswer(
        "GetIt",
        enveloped("<s:Fault><detail><UPnPError><errorCode>718</errorCode>"
                  "<errorDescription>Taken</errorDescription></UPnPError></detail></s:Fault>"));
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->error, 718);
    EXPECT_EQ(fault->description, "Taken");
}

TEST(CallAnswer, IsNothingElse) {
    EXPECT_FALSE(readCallAnswer("GetIt", enveloped("<u:OtherResponse xmlns:u=\"urn:x\"/>")));
    EXPECT_FALSE(readCallAnswer("GetIt", enveloped("<errorCode>0</errorCode>")));
    EXPECT_FALSE(readCallAnswer("GetIt", enveloped("<errorCode>x</errorCode>")));
    EXPECT_FALSE(readCallAnswer("GetIt", "not found"));
    EXPECT_FALSE(readCallAnswer("GetIt", ""));
}

}  // namespace
}  // namespace igd::above
