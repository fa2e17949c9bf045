// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/soap_handler.h"

#include "fake_gateway.h"

#include "upnpd/igd/soap.h"
#include "upnpd/portmap/call_times.h"

#include <gmock/gmock.h>

#include <string>

namespace igd::upnp {
namespace {

using testing::HasSubstr;

constexpr Profile kProfile{IgdVersion::Two, true};
constexpr std::string_view kWanIp = "urn:upnp-org:serviceId:WANIPConn1";
constexpr std::string_view kWanCommon = "urn:upnp-org:serviceId:WANCommonIFC1";
constexpr std::string_view kFirewall = "urn:upnp-org:serviceId:WANIPv6Firewall1";
const Ipv4Address kConsole{0xc0a8010a};

class SoapHandlerTest : public testing::Test {
protected:
    SoapHandlerTest() {
        identity_.uuid = "11111111-2222-3333-4444-555555555555";
        identity_.profile = kProfile;
        status_.linkUp = true;
        status_.externalAddress = Ipv4Address{0x50646401};
    }

    /// Posts the call of an action; its answer is in answers_ from then on.
    void call(std::string_view id, const std::string& action, const std::string& arguments = {}) {
        const Service& service = *serviceById(kProfile, id);
        post(service, std::string{service.type}, action, arguments);
    }
    void query(const std::string& variable) {
        post(*serviceById(kProfile, kWanIp), std::string{kQueryType}, std::string{kQueryAction},
             "<varName>" + variable + "</varName>");
    }
    void post(const Service& service, const std::string& type, const std::string& action,
              const std::string& arguments) {
        handle(sampleRequest(type, action, arguments), service);
    }
    static Request sampleRequest(const std::string& type, const std::string& action,
                                 const std::string& arguments) {
        Request request;
        request.set("SOAPACTION", "\"" + type + "#" + action + "\"");
        request.body() =
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>"
            "<u:" +
            action + " xmlns:u=\"" + type + "\">" + arguments + "</u:" + action +
            "></s:Body></s:Envelope>";
        return request;
    }
    void handle(const Request& request, const Service& service) {
        handler_.handle(request, service, client_,
                        [this](Answer answer) { answers_.push_back(std::move(answer.response)); });
    }
    [[nodiscard]] const Response& last() const { return answers_.back(); }

    DeviceIdentity identity_;
    GatewayStatus status_;
    FakeGateway gateway_;
    SoapHandler handler_{gateway_, identity_, status_};
    ControlPoint client_{kConsole};
    std::vector<Response> answers_;
};

const std::string kMapping =
    "<NewExternalPort>3074</NewExternalPort><NewProtocol>UDP</NewProtocol>"
    "<NewInternalPort>3074</NewInternalPort><NewInternalClient></NewInternalClient>";

TEST_F(SoapHandlerTest, AnswersFromTheStatusWithoutAsking) {
    call(kWanIp, "GetExternalIPAddress");
    EXPECT_EQ(last().result(), http::status::ok);
    EXPECT_EQ(valueOf(last(), http::field::content_type), kXmlType);
    EXPECT_EQ(last().count("EXT"), 1U);
    EXPECT_THAT(last().body(), HasSubstr("<NewExternalIPAddress>80.100.100.1<"));
    status_.externalAddress = Ipv4Address{0x50646402};
    call(kWanIp, "GetExternalIPAddress");
    EXPECT_THAT(last().body(), HasSubstr("<NewExternalIPAddress>80.100.100.2<")) << "as it is now";
    EXPECT_TRUE(gateway_.asked.empty());
}

TEST_F(SoapHandlerTest, AsksOnceForAChangeAndAnswersLater) {
    const TimePoint before = Clock::now();
    call(kWanIp, "AddPortMapping", kMapping);
    EXPECT_TRUE(answers_.empty()) << "it does not wait";
    ASSERT_EQ(gateway_.asked.size(), 1U);
    EXPECT_GE(gateway_.asked.front().deadline, before + kCallTime);
    EXPECT_LE(gateway_.asked.front().deadline, Clock::now() + kCallTime);
    const auto& asked = std::get<MappingRequest>(gateway_.asked.front().request);
    EXPECT_EQ(asked.internal.address, kConsole);
    call(kWanIp, "GetExternalIPAddress");
    EXPECT_EQ(answers_.size(), 1U) << "others do not wait for it";
    gateway_.answer(Done{});
    ASSERT_EQ(answers_.size(), 2U);
    EXPECT_EQ(last().result(), http::status::ok);
    EXPECT_THAT(last().body(),
                HasSubstr("<u:AddPortMappingResponse xmlns:u=\"urn:schemas-upnp-org:"
                          "service:WANIPConnection:2\"></u:AddPortMappingResponse>"));
}

TEST_F(SoapHandlerTest, TellsErrorsAsFaults) {
    call(kWanIp, "AddPortMapping", kMapping);
    gateway_.answer(MappingError::Conflict);
    EXPECT_EQ(last().result(), http::status::internal_server_error);
    EXPECT_THAT(last().body(), HasSubstr("<errorCode>718<"));
    call(kWanIp, "AddPortMapping", kMapping);
    gateway_.answer(MappingError::Backend);
    EXPECT_THAT(last().body(), HasSubstr("<errorCode>501<"));  // IGD-SOAP-22
    call(kWanIp, "AddPortMapping");
    EXPECT_THAT(last().body(), HasSubstr("<errorCode>402<"));
    call(kWanIp, "NoSuchAction");
    EXPECT_THAT(last().body(), HasSubstr("<errorCode>401<"));
    EXPECT_TRUE(gateway_.asked.empty());
}

TEST_F(SoapHandlerTest, AsksForTheNextPageWithTheSameDeadline) {
    call(
        kWanIp, "GetListOfPortMappings",
        "<NewStartPort>1</NewStartPort><NewEndPort>65535</NewEndPort><NewProtocol>TCP</NewProtocol>"
        "<NewManage>0</NewManage><NewNumberOfPorts>0</NewNumberOfPorts>");
    const TimePoint deadline = gateway_.asked.at(0).deadline;
    MappingViews page;
    for (std::uint16_t port = 1; port <= kMaxListed; ++port)
        page.views.push_back({.key = {Protocol::Tcp, Port{port}},
                              .remoteHost = std::nullopt,
                              .internal = {kConsole, Port{port}},
                              .description = ""});
    gateway_.answer(page);
    ASSERT_EQ(gateway_.asked.size(), 1U);
    EXPECT_EQ(gateway_.asked.front().deadline, deadline);
    EXPECT_EQ(std::get<ListMappings>(gateway_.asked.front().request).range.ports.first,
              Port{kMaxListed + 1});
    gateway_.answer(MappingError::NotFound);
    EXPECT_EQ(last().result(), http::status::ok);
    EXPECT_THAT(last().body(), HasSubstr("<p:NewExternalPort>48<"));
}

TEST_F(SoapHandlerTest, AnswersQueries) {  // IGD-SOAP-23
    query("ConnectionStatus");
    EXPECT_EQ(last().result(), http::status::ok);
    EXPECT_THAT(last().body(), HasSubstr("<return>Connected</return>"));
    query("NoSuchVariable");
    EXPECT_EQ(last().result(), http::status::internal_server_error);
    EXPECT_THAT(last().body(), HasSubstr("<errorCode>404</errorCode>"
                                         "<errorDescription>Invalid Var</errorDescription>"));
}

TEST_F(SoapHandlerTest, CountsAreFresh) {
    call(kWanCommon, "GetTotalBytesSent");
    GatewayStatus fresh = status_;
    fresh.bytesSent = 12;
    gateway_.answer(fresh);
    EXPECT_THAT(last().body(), HasSubstr("<NewTotalBytesSent>12<"));
}

TEST_F(SoapHandlerTest, ShowsWhoNeedsItADeviceOfVersion1) {
    client_.version1 = true;
    call(kFirewall, "GetFirewallStatus");
    EXPECT_THAT(last().body(), HasSubstr("<errorCode>401<"));
    call(kWanIp, "GetExternalIPAddress");
    EXPECT_THAT(last().body(), HasSubstr("<errorCode>401<")) << "its type is of version 2";
    const Service& lower = *serviceById(kVersion1, kWanIp);
    post(lower, std::string{lower.type}, "GetExternalIPAddress", "");
    EXPECT_THAT(last().body(), HasSubstr("WANIPConnection:1\"><NewExternalIPAddress>"));
}

TEST_F(SoapHandlerTest, AnswersInTheNameThatItIsCalledBy) {  // IGD-WANPPP-06
    const Service& service = *serviceById(kProfile, kWanIp);
    for (const bool version1 : {false, true}) {
        client_.version1 = version1;
        post(service, "urn:schemas-upnp-org:service:WANPPPConnection:1", "GetExternalIPAddress",
             "");
        EXPECT_THAT(last().body(), HasSubstr("WANPPPConnection:1\"><NewExternalIPAddress>"));
    }
}

TEST_F(SoapHandlerTest, RefusesWhatIsNoCall) {  // IGD-SOAP-16, -20
    const Service& service = *serviceById(kProfile, kWanIp);
    Request request;
    handle(request, service);
    EXPECT_EQ(last().result(), http::status::bad_request);
    EXPECT_THAT(last().body(), HasSubstr("<errorCode>401<"));
    request.set("SOAPACTION", "\"x#y\"");
    request.body() = "<x/>";
    handle(request, service);
    EXPECT_EQ(last().result(), http::status::bad_request);
    EXPECT_THAT(last().body(), HasSubstr("<errorCode>401<")) << "not an empty answer";
}

TEST_F(SoapHandlerTest, AnswersAnotherServiceWithAFault) {  // IGD-SOAP-04, -05
    const Service& service = *serviceById(kProfile, kWanIp);
    for (const char* type : {"urn:schemas-upnp-org:service:WANIPConnection:9", "urn:x",
                             "urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1"}) {
        post(service, type, "GetExternalIPAddress", "");
        EXPECT_EQ(last().result(), http::status::internal_server_error);
        EXPECT_THAT(last().body(), HasSubstr("<errorCode>401<")) << type;
    }
    Request request = sampleRequest(std::string{service.type}, "GetExternalIPAddress", "");
    request.set("SOAPACTION", "\"urn:x#GetExternalIPAddress\"");
    handle(request, service);
    EXPECT_EQ(last().result(), http::status::internal_server_error);
    EXPECT_THAT(last().body(), HasSubstr("<errorCode>401<"));
    post(service, std::string{kQueryType}, "GetExternalIPAddress", "");
    EXPECT_THAT(last().body(), HasSubstr("<errorCode>401<"));
    post(service, std::string{kQueryType}, std::string{kQueryAction}, "");
    EXPECT_THAT(last().body(), HasSubstr("<errorCode>402<"));
    EXPECT_TRUE(gateway_.asked.empty());
}

TEST_F(SoapHandlerTest, ReadsTheCharsetOfTheHeader) {
    const Service& service = *serviceById(kProfile, kWanIp);
    const std::string described =
        kMapping + "<NewPortMappingDescription>\x80</NewPortMappingDescription>";
    Request request = sampleRequest(std::string{service.type}, "AddPortMapping", described);
    request.set(http::field::content_type, "text/xml; charset=windows-1252");
    handle(request, service);
    ASSERT_EQ(gateway_.asked.size(), 1U);
    EXPECT_EQ(std::get<MappingRequest>(gateway_.asked.front().request).description, "\xe2\x82\xac");
}

TEST_F(SoapHandlerTest, TellsMicrosoftsWindowThatALeaseHasNoEnd) {
    MappingView view{.key = {Protocol::Udp, Port{3074}},
                     .remoteHost = std::nullopt,
                     .internal = {kConsole, Port{3074}},
                     .description = "",
                     .remainingLease = Seconds{604800}};
    view.askedWithoutEnd = true;
    for (const bool endless : {false, true}) {
        client_.editsOnlyEndless = endless;
        call(kWanIp, "GetGenericPortMappingEntry", "<NewPortMappingIndex>0</NewPortMappingIndex>");
        gateway_.answer(view);
        EXPECT_THAT(last().body(),
                    HasSubstr(endless ? "<NewLeaseDuration>0<" : "<NewLeaseDuration>604800<"));
    }
}

}  // namespace
}  // namespace igd::upnp
