// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/gate_request.h"

#include <gtest/gtest.h>

namespace igd::upnp {
namespace {

constexpr Profile kProfile{};
const IpEndpoint kOwn{Ipv4Address{0xc0a83201}, Port{49152}};  // 192.168.50.1

RequestHeader header(http::verb method, std::string_view target,
                     std::string_view host = "192.168.50.1:49152") {
    RequestHeader result;
    result.version(11);
    result.method(method);
    result.target(beastText(target));
    if (!host.empty()) setHeader(result, "Host", host);
    return result;
}

unsigned statusOf(const RequestHeader& request) {
    const auto response = refusal(request, kOwn, kProfile);
    return response ? response->result_int() : 200;
}

TEST(GateRequest, KnowsItsIpv6Address) {  // IGD-Quirk-28
    const IpEndpoint own{*parseIpv6Address("fe80::1"), Port{49152}};
    for (const auto* host :
         {"[fe80::1]", "[fe80::1]:49152", "[FE80:0::1]:49152", "[fe80::1%eth0]:49152"})
        EXPECT_TRUE(namesUs(host, own)) << host;
    for (const auto* host :
         {"fe80::1", "[fe80::1]:80", "[fe80::2]", "[fe80::1", "192.168.50.1", "[fe80::1]x"})
        EXPECT_FALSE(namesUs(host, own)) << host;
}

TEST(GateRequest, FindsEveryDocument) {
    EXPECT_EQ(routeOf("/rootDesc.xml", kProfile).door, Door::Description);
    EXPECT_EQ(routeOf("/rootDesc1.xml", kProfile).profile, kVersion1) << "as 2.0 had it";
    for (const Profile profile : {kProfile, kVersion1, kVersion1Ppp}) {
        const Route route = routeOf(descriptionPath(profile), kProfile);
        EXPECT_EQ(route.door, Door::Description);
        EXPECT_EQ(route.profile, profile);
    }
    EXPECT_EQ(routeOf("/", kProfile).door, Door::Presentation);
    for (const Service* service : allServices(kProfile)) {
        EXPECT_EQ(routeOf(service->scpdPath, kProfile).service, service);
        EXPECT_EQ(routeOf(service->controlPath, kProfile).door, Door::Control);
        EXPECT_EQ(routeOf(service->eventPath, kProfile).door, Door::Event);
    }
}

TEST(GateRequest, FindsTheServicesOfEachTree) {
    for (const Profile profile : {kVersion1, kVersion1Ppp})
        for (const Service* service : allServices(profile)) {
            EXPECT_EQ(routeOf(service->scpdPath, kProfile).door, Door::Scpd);
            EXPECT_EQ(routeOf(service->controlPath, kProfile).door, Door::Control);
            EXPECT_EQ(routeOf(service->eventPath, kProfile).door, Door::Event);
        }
    EXPECT_EQ(routeOf("/ctl/L3F1", kProfile).profile, kVersion1);
    EXPECT_EQ(routeOf("/evt/IPConn1", kProfile).service->version(), 1U);
    EXPECT_EQ(routeOf("/rootDesc2.xml", kVersion1).door, Door::None);
    EXPECT_EQ(routeOf("/WANIPCn.xml", kVersion1).door, Door::None);
}

TEST(GateRequest, FindsDocumentsInAnyCase) {  // IGD-Quirk-29
    EXPECT_EQ(routeOf("/ROOTDESC.xml", kProfile).door, Door::Description);
    EXPECT_EQ(routeOf("/wanipcn.XML", kProfile).door, Door::Scpd);
    EXPECT_EQ(routeOf("/CTL/IPConn", kProfile).door, Door::None);
}

TEST(GateRequest, FindsNothingElse) {  // DESC-22
    for (const auto* target :
         {"", "*", "/../etc/passwd", "/%2e%2e/x", "/x/rootDesc.xml", "/rootDesc.xml#x",
          "/rootDesc.xml/", "/ctl/IPConn/", "rootDesc.xml", "https://192.168.50.1:49152/",
          "ftp://192.168.50.1:49152/rootDesc.xml"})
        EXPECT_EQ(statusOf(header(http::verb::get, target)), 404) << target;
}

TEST(GateRequest, ReadsTargetsAsClientsWriteThem) {
    for (const auto* target :
         {"/rootDesc.xml?x=/y", "//rootDesc.xml", "///rootDesc.xml", "/rootDesc.xml?",
          "http://192.168.50.1:49152/rootDesc.xml", "HTTP://192.168.50.1//rootDesc.xml?x"})
        EXPECT_EQ(routeOf(target, kProfile).door, Door::Description) << target;
    for (const auto* target : {"/", "//", "/?", "http://192.168.50.1:49152",
                               "http://192.168.50.1:49152/", "http://192.168.50.1:49152?x"})
        EXPECT_EQ(routeOf(target, kProfile).door, Door::Presentation) << target;
    EXPECT_EQ(routeOf("//ctl/IPConn?x", kProfile).door, Door::Control);
    EXPECT_EQ(routeOf("http://192.168.50.1/evt/IPConn", kProfile).door, Door::Event);
}

TEST(GateRequest, AnAbsoluteUriMustNameUs) {  // DESC-21
    const auto ofUri = [](const char* uri, std::string_view host) {
        return statusOf(header(http::verb::get, uri, host));
    };
    const auto* const ours = "http://192.168.50.1:49152/rootDesc.xml";
    EXPECT_EQ(ofUri(ours, "192.168.50.1"), 200);
    EXPECT_EQ(ofUri(ours, "evil.example"), 200);  // RFC 9112 section 3.2.2
    EXPECT_EQ(ofUri(ours, ""), 400);
    for (const auto* uri : {"http://evil.example/rootDesc.xml", "http:///rootDesc.xml",
                            "http://192.168.50.1:80/rootDesc.xml", "http://x@192.168.50.1/",
                            "http://192.168.50.2:49152/rootDesc.xml"})
        EXPECT_EQ(ofUri(uri, "192.168.50.1:49152"), 403) << uri;
    auto old = header(http::verb::get, "http://evil.example/rootDesc.xml", "");
    old.version(10);
    EXPECT_EQ(statusOf(old), 403);
}

/// The forms of the page come with its origin, and nothing of another page does.
TEST(GateRequest, LetsInFormsOfOurOwnPageAlone) {  // SEC-WAN-14
    for (const auto* path : {"/sign-in", "/sign-out", "/close", "/allow", "/block"}) {
        EXPECT_EQ(routeOf(path, kProfile).door, Door::PageAction);
        auto request = header(http::verb::post, path, "192.168.50.1:49152");
        EXPECT_EQ(statusOf(request), 403) << "no origin";
        for (const auto* origin : {"null", "", "http://evil.example", "http://192.168.50.1:80",
                                   "https://192.168.50.1:49152", "192.168.50.1:49152"}) {
            setHeader(request, "Origin", origin);
            EXPECT_EQ(statusOf(request), 403) << origin;
        }
        setHeader(request, "Origin", "http://192.168.50.1:49152");
        EXPECT_EQ(statusOf(request), 200);
        for (const auto* site : {"cross-site", "same-site", "none"}) {
            setHeader(request, "Sec-Fetch-Site", site);
            EXPECT_EQ(statusOf(request), 403) << site;
        }
        setHeader(request, "Sec-Fetch-Site", "same-origin");
        EXPECT_EQ(statusOf(request), 200);
        setHeader(request, "Host", "evil.example");
        EXPECT_EQ(statusOf(request), 403) << "a name that was bound to our address anew";
        setHeader(request, "Host", "192.168.50.1:49152");
        request.method(http::verb::get);
        EXPECT_EQ(statusOf(request), 405);
    }
    auto page = header(http::verb::get, "/", "192.168.50.1:49152");
    setHeader(page, "Origin", "http://192.168.50.1:49152");
    EXPECT_EQ(statusOf(page), 403) << "a look needs no origin";
}

TEST(GateRequest, NamesItsAction) {  // IGD-SOAP-20, SEC-WAN-13
    auto request = header(http::verb::post, "/ctl/IPConn");
    EXPECT_EQ(namedAction(request), "");
    setHeader(request, "Content-Type", "text/xml; action=\"urn:x:1#Do\"");
    EXPECT_EQ(namedAction(request), "") << "a page could send that";
    setHeader(request, "Content-Type",
              "Application/SOAP+xml; charset=utf-8; action=\"urn:x:1#Do\"");
    EXPECT_EQ(namedAction(request), "urn:x:1#Do");
    setHeader(request, "SOAPACTION", "\"urn:x:1#Other\"");
    EXPECT_EQ(namedAction(request), "\"urn:x:1#Other\"");
}

TEST(GateRequest, KnowsOneTransferCoding) {
    auto request = header(http::verb::post, "/ctl/IPConn");
    EXPECT_TRUE(isCodingKnown(request));
    for (const auto* coding : {"chunked", "Chunked"}) {
        setHeader(request, "Transfer-Encoding", coding);
        EXPECT_TRUE(isCodingKnown(request)) << coding;
    }
    for (const auto* coding : {"gzip", "gzip, chunked", "chunked, gzip", "identity", "", "x"}) {
        setHeader(request, "Transfer-Encoding", coding);
        EXPECT_FALSE(isCodingKnown(request)) << coding;
    }
    setHeader(request, "Transfer-Encoding", "chunked");
    request.insert(http::field::transfer_encoding, "chunked");
    EXPECT_FALSE(isCodingKnown(request));
}

TEST(GateRequest, OnlyHttp11ExpectsToContinue) {  // IGD-Quirk-25
    auto request = header(http::verb::post, "/ctl/IPConn");
    EXPECT_FALSE(expectsContinue(request));
    setHeader(request, "Expect", "100-Continue");
    EXPECT_TRUE(expectsContinue(request));
    request.version(10);
    EXPECT_FALSE(expectsContinue(request));
}

TEST(GateRequest, OnlyTheRightMethods) {  // DESC-23, GENA-SUBSCRIBE-16
    EXPECT_EQ(statusOf(header(http::verb::get, "/rootDesc.xml")), 200);
    EXPECT_EQ(statusOf(header(http::verb::head, "/rootDesc.xml")), 200);
    EXPECT_EQ(statusOf(header(http::verb::post, "/ctl/IPConn")), 200);
    EXPECT_EQ(statusOf(header(http::verb::subscribe, "/evt/IPConn")), 200);
    EXPECT_EQ(statusOf(header(http::verb::put, "/rootDesc.xml")), 405);
    EXPECT_EQ(statusOf(header(http::verb::post, "/rootDesc.xml")), 405);
    EXPECT_EQ(statusOf(header(http::verb::get, "/ctl/IPConn")), 405);
    EXPECT_EQ(statusOf(header(http::verb::subscribe, "/ctl/IPConn")), 405);  // GENA-SUBSCRIBE-15
    const auto response = refusal(header(http::verb::get, "/evt/IPConn"), kOwn, kProfile);
    EXPECT_EQ(valueOf(*response, "Allow"), "SUBSCRIBE, UNSUBSCRIBE");
}

TEST(GateRequest, HostMustBeOurAddress) {  // DESC-21, IGD-Quirk-27, IGD-Quirk-28
    EXPECT_TRUE(namesUs("192.168.50.1", kOwn));
    EXPECT_TRUE(namesUs("192.168.50.1:49152", kOwn));
    for (const auto* host :
         {"", "router.lan", "192.168.50.1:80", "192.168.50.1:", "192.168.50.2:49152", "127.0.0.1",
          "192.168.50.1.evil.example", "192.168.50.1:49152:1", "[::1]", "3232248321"})
        EXPECT_FALSE(namesUs(host, kOwn)) << host;
    EXPECT_EQ(statusOf(header(http::verb::get, "/rootDesc.xml", "evil.example")), 403);
}

TEST(GateRequest, OnlyHttp10MayLeaveTheHostOut) {  // DESC-20
    auto request = header(http::verb::get, "/rootDesc.xml", "");
    EXPECT_EQ(statusOf(request), 400);
    request.version(10);
    EXPECT_EQ(statusOf(request), 200);
}

TEST(GateRequest, TwoHostsAreNone) {
    auto request = header(http::verb::get, "/rootDesc.xml");
    request.insert(http::field::host, "evil.example");
    EXPECT_EQ(statusOf(request), 400);
}

TEST(GateRequest, BrowsersStayOutside) {  // SEC-WAN-14
    auto request = header(http::verb::post, "/ctl/IPConn");
    setHeader(request, "Origin", "null");
    EXPECT_EQ(statusOf(request), 403);
}

}  // namespace
}  // namespace igd::upnp
