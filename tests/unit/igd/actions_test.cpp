// SPDX-License-Identifier: GPL-2.0-or-later
#include "fake_gateway.h"

#include <gmock/gmock.h>

namespace igd {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

int codeOf(const ActionResult& result) {
    return result ? 200 : result.error().code;
}

TEST(Control, CarriesOutEveryActionOfTheTable) {  // IGD-WANIPC-04
    for (const Profile profile : {kVersion1, kVersion1Ppp, Profile{IgdVersion::Two, true}}) {
        Caller caller;
        caller.identity.profile = profile;
        for (const Service* service : allServices(profile))
            for (const Action& action : service->actions)
                EXPECT_NE(codeOf(caller.call(service->id, std::string{action.name})), 401)
                    << action.name;
    }
}

TEST(Control, KnowsNoOtherActions) {  // IGD-SOAP-03, -06
    Caller caller;
    for (const char* action : {"NoSuchAction", "RequestTermination", "addportmapping"})
        EXPECT_EQ(codeOf(caller.call(kWanIp, action)), 401) << action;
    for (const char* action :
         {"AddAnyPortMapping", "GetListOfPortMappings", "DeletePortMappingRange"})
        EXPECT_EQ(codeOf(caller.callAsVersion1(kWanIp, action)), 401) << action;
}

TEST(Control, RefusesAnotherServiceType) {  // IGD-SOAP-04
    Caller caller;
    for (const char* type : {"urn:schemas-upnp-org:service:WANIPConnection:3",
                             "urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1"})
        EXPECT_EQ(codeOf(caller.callType(type, kWanIp, "GetStatusInfo")), 401);
    caller.identity.profile = kVersion1;
    EXPECT_EQ(codeOf(caller.callType("urn:schemas-upnp-org:service:WANIPConnection:2", kWanIp,
                                     "GetStatusInfo")),
              401);
}

TEST(Control, RefusesDoubledArguments) {  // IGD-SOAP-12
    Caller caller;
    EXPECT_EQ(codeOf(caller.call(kWanIp, "GetGenericPortMappingEntry",
                                 {{"NewPortMappingIndex", "0"}, {"NewPortMappingIndex", "1"}})),
              402);
}

TEST(Status, IsWhatTheGatewaySays) {  // IGD-GetStatusInfo-01, -02, IGD-GetExternalIP-01, -02
    Caller caller;
    EXPECT_THAT(*caller.call(kWanIp, "GetStatusInfo"),
                ElementsAre(Pair("NewConnectionStatus", "Connected"),
                            Pair("NewLastConnectionError", "ERROR_NONE"), Pair("NewUptime", "12")));
    EXPECT_THAT(*caller.call(kWanIp, "GetExternalIPAddress"),
                ElementsAre(Pair("NewExternalIPAddress", "80.100.100.1")));
    caller.now += Seconds{30};  // the status was announced once
    EXPECT_THAT(*caller.call(kWanIp, "GetStatusInfo"), Contains(Pair("NewUptime", "42")));
    caller.gateway.present = {};
    EXPECT_THAT(*caller.call(kWanIp, "GetStatusInfo"),
                ElementsAre(Pair("NewConnectionStatus", "Disconnected"),
                            Pair("NewLastConnectionError", "ERROR_NONE"), Pair("NewUptime", "0")));
    EXPECT_THAT(*caller.call(kWanIp, "GetExternalIPAddress"),
                ElementsAre(Pair("NewExternalIPAddress", "")));
    EXPECT_EQ(codeOf(caller.callAsVersion1(kWanIp, "RequestConnection")), 704);
}

TEST(Status, IsAskedForOnlyWhereItCounts) {
    Caller caller;
    for (const char* action : {"GetStatusInfo", "GetExternalIPAddress", "GetNATRSIPStatus"})
        EXPECT_TRUE(caller.call(kWanIp, action)) << action;
    EXPECT_TRUE(caller.call(kWanCommon, "GetCommonLinkProperties"));
    EXPECT_TRUE(caller.query(kWanIp, "PortMappingNumberOfEntries"));
    EXPECT_EQ(caller.gateway.asked, 0U);
    EXPECT_TRUE(caller.call(kWanCommon, "GetTotalPacketsReceived"));
    EXPECT_EQ(caller.gateway.asked, 1U);
    caller.gateway.refusal = MappingError::Backend;
    EXPECT_EQ(codeOf(caller.call(kWanCommon, "GetTotalBytesSent")), 501) << "never guessed";
    EXPECT_EQ(caller.query(kWanCommon, "TotalBytesSent").error().code, 501);
}

TEST(Connection,
     IsNotTheClientsToChange) {  // IGD-SetConnectionType-02, -03, IGD-Termination-02,
                                 // IGD-RequestConnection-01
    Caller caller;
    EXPECT_EQ(codeOf(caller.call(kWanIp, "SetConnectionType")), 402);
    const std::vector<ArgumentValue> type{{"NewConnectionType", "IP_Routed"}};
    EXPECT_EQ(codeOf(caller.callAsVersion1(kWanIp, "SetConnectionType", type)), 501);
    EXPECT_EQ(codeOf(caller.callAsVersion1(kWanIp, "ForceTermination")), 501);
    EXPECT_EQ(codeOf(caller.callAsVersion1(kWanIp, "RequestConnection")), 200);
    // IGD-SetConnectionType-01, IGD-Termination-01, IGD-RequestConnection-02
    EXPECT_EQ(codeOf(caller.call(kWanIp, "SetConnectionType", type)), 731);
    EXPECT_EQ(codeOf(caller.call(kWanIp, "ForceTermination")), 606);
    EXPECT_EQ(codeOf(caller.call(kWanIp, "RequestConnection")), 606);
    EXPECT_THAT(*caller.call(kWanIp, "GetNATRSIPStatus"),
                ElementsAre(Pair("NewRSIPAvailable", "0"), Pair("NewNATEnabled", "1")));
}

TEST(WanPpp, IsVersion1UnderAnotherName) {  // IGD-WANPPP-01 to -04, -07
    Caller caller;
    const auto call = [&](const char* action, std::vector<ArgumentValue> arguments = {}) {
        return caller.callType("urn:schemas-upnp-org:service:WANPPPConnection:1", kWanIp, action,
                               std::move(arguments));
    };
    caller.gateway.present.upstreamBitRate = 5;
    caller.gateway.present.downstreamBitRate = 7;
    caller.gateway.present.mappingCount = 3;
    EXPECT_THAT(*call("GetConnectionTypeInfo"), Contains(Pair("NewConnectionType", "IP_Routed")));
    EXPECT_THAT(
        *call("GetLinkLayerMaxBitRates"),
        ElementsAre(Pair("NewUpstreamMaxBitRate", "5"), Pair("NewDownstreamMaxBitRate", "7")));
    EXPECT_THAT(*call("GetPortMappingNumberOfEntries"),
                ElementsAre(Pair("NewPortMappingNumberOfEntries", "3")));
    EXPECT_EQ(codeOf(call("DeletePortMapping", {{"NewExternalPort", "1"}, {"NewProtocol", "TCP"}})),
              200);
    for (const char* action : {"AddAnyPortMapping", "GetPassword", "ConfigureConnection"})
        EXPECT_EQ(codeOf(call(action)), 401) << action;
    EXPECT_EQ(codeOf(caller.call(kWanIp, "GetLinkLayerMaxBitRates")), 401);
    EXPECT_EQ(codeOf(caller.callType("urn:schemas-upnp-org:service:WANPPPConnection:2", kWanIp,
                                     "GetStatusInfo")),
              401);
    EXPECT_EQ(codeOf(caller.callType("urn:schemas-upnp-org:service:WANPPPConnection:1", kWanCommon,
                                     "GetStatusInfo")),
              401);
}

TEST(Counters, WrapAndRatesSaturate) {  // IGD-CIF-03, -05
    Caller caller;
    caller.gateway.bytesSent = (1ULL << 32) + 7;
    caller.gateway.present.upstreamBitRate = 10'000'000'000;
    EXPECT_THAT(*caller.call(kWanCommon, "GetTotalBytesSent"),
                ElementsAre(Pair("NewTotalBytesSent", "7")));
    EXPECT_THAT(*caller.call(kWanCommon, "GetCommonLinkProperties"),
                Contains(Pair("NewLayer1UpstreamMaxBitRate", "4294967295")));
}

TEST(DefaultConnection, IsTheOneThereIs) {  // IGD-L3F-01, -02, -03, -05, -06
    Caller caller;
    const auto current = caller.call(kLayer3, "GetDefaultConnectionService")->front().second;
    const std::string device =
        udn(caller.identity, DeviceRole::WanConnection) + ":WANConnectionDevice:2";
    EXPECT_EQ(current, device + "," + std::string{kWanIp});
    const auto set = [&](const std::string& value) {
        return codeOf(caller.call(kLayer3, "SetDefaultConnectionService",
                                  {{"NewDefaultConnectionService", value}}));
    };
    EXPECT_EQ(set(current), 200);
    EXPECT_EQ(set("uuid:00000000-0000-0000-0000-000000000000:WANConnectionDevice:1," +
                  std::string{kWanIp}),
              720);
    EXPECT_EQ(set(""), 720);
    EXPECT_EQ(set(device + ",urn:upnp-org:serviceId:Other"), 721);
    // A device and a service that exist, but no connection that could be chosen instead.
    EXPECT_EQ(set(device + "," + std::string{kWanCommon}), 606);
    caller.identity.profile = kVersion1;
    EXPECT_EQ(set(device + "," + std::string{kWanCommon}), 501);
}

TEST(Events, CarryEveryEventedVariable) {  // GENA-EVENT-06 to -08
    const Caller caller;
    const GatewayStatus status{.linkUp = true,
                               .externalAddress = parseIpv4Address("80.100.100.1"),
                               .connectedSince = std::nullopt,
                               .mappingCount = 3,
                               .systemUpdateId = 7};
    EXPECT_EQ(eventedValues(*serviceById(kVersion1, kWanIp), caller.identity, status).size(), 4U);
    EXPECT_THAT(eventedValues(*serviceById({}, kWanIp), caller.identity, status),
                testing::UnorderedElementsAre(Pair("PossibleConnectionTypes", "IP_Routed"),
                                              Pair("ConnectionStatus", "Connected"),
                                              Pair("ExternalIPAddress", "80.100.100.1"),
                                              Pair("PortMappingNumberOfEntries", "3"),
                                              Pair("SystemUpdateID", "7")));
    EXPECT_THAT(eventedValues(*serviceById({}, kWanCommon), caller.identity, status),
                ElementsAre(Pair("PhysicalLinkStatus", "Up")));
    EXPECT_THAT(eventedValues(*serviceById({}, kLayer3), caller.identity, status),
                ElementsAre(Pair("DefaultConnectionService", testing::_)));
    EXPECT_THAT(propertySet({{"A", "<&>"}}), HasSubstr("<A>&lt;&amp;&gt;</A>"));  // GENA-EVENT-16
}

TEST(Queries, AreAnsweredForVariablesThatHaveAValue) {  // IGD-SOAP-23
    Caller caller;
    EXPECT_EQ(caller.query(kWanIp, "ConnectionStatus").value(), "Connected");
    EXPECT_EQ(caller.query(kWanIp, "NoSuchVariable").error().code, 404);
    EXPECT_EQ(caller.query(kWanIp, "RemoteHost").error().code, 404);
    const auto codeOfQuery = [](std::string action, std::vector<ArgumentValue> arguments) {
        const SoapCall call{std::string{kQueryType}, std::move(action), std::move(arguments)};
        const auto variable = queriedVariable(call);
        return variable ? 200 : variable.error().code;
    };
    EXPECT_EQ(codeOfQuery("QueryStateVariable", {{"varName", "X"}}), 200);
    EXPECT_EQ(codeOfQuery("QueryStateVariable", {{"varName", ""}}), 402);
    EXPECT_EQ(codeOfQuery("QueryStateVariable", {{"name", "X"}}), 402);
    EXPECT_EQ(codeOfQuery("QueryStateVariable", {{"varName", "X"}, {"varName", "Y"}}), 402);
    EXPECT_EQ(codeOfQuery("QueryStateVariable", {}), 402);
    EXPECT_EQ(codeOfQuery("GetStatusInfo", {{"varName", "X"}}), 401);
    EXPECT_EQ(caller.query(kWanIp, "PortMappingLeaseDuration").value(), "3600");
    caller.identity = asVersion1(caller.identity);
    for (const char* variable :
         {"ConnectionType", "PossibleConnectionTypes", "ConnectionStatus", "Uptime",
          "LastConnectionError", "RSIPAvailable", "NATEnabled", "ExternalIPAddress",
          "PortMappingNumberOfEntries", "PortMappingLeaseDuration"})
        EXPECT_TRUE(caller.query(kWanIp, variable)) << variable << ", which aMule asks";
    EXPECT_EQ(caller.query(kWanIp, "PortMappingLeaseDuration").value(), "0");
    caller.gateway.bytesSent = 9;
    EXPECT_EQ(caller.query(kWanCommon, "TotalBytesSent").value(), "9");
}

}  // namespace
}  // namespace igd
