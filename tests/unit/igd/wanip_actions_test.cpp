// SPDX-License-Identifier: GPL-2.0-or-later
#include "fake_gateway.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing::SizeIs;

class WanIpActions : public testing::Test {
protected:
    using Change = std::pair<std::string, std::optional<std::string>>;

    /// A sound request of Alice's with some arguments changed, or left out.
    ActionResult add(const std::vector<Change>& changes = {}) {
        std::vector<ArgumentValue> arguments{{"NewRemoteHost", ""},
                                             {"NewExternalPort", "3074"},
                                             {"NewProtocol", "UDP"},
                                             {"NewInternalPort", "3074"},
                                             {"NewInternalClient", "192.168.1.10"},
                                             {"NewEnabled", "1"},
                                             {"NewPortMappingDescription", "game"},
                                             {"NewLeaseDuration", "3600"}};
        for (const auto& [name, value] : changes) {
            const auto found = std::ranges::find(arguments, name, &ArgumentValue::first);
            if (value)
                found->second = *value;
            else
                arguments.erase(found);
        }
        return version1 ? caller.callAsVersion1(kWanIp, "AddPortMapping", std::move(arguments))
                        : caller.call(kWanIp, "AddPortMapping", std::move(arguments));
    }
    int codeOf(const std::vector<Change>& changes) {
        const auto result = add(changes);
        EXPECT_TRUE(!result || gateway.added.size() == 1) << "granted";
        return result ? 200 : result.error().code;
    }

    bool version1 = false;  ///< who adds
    Caller caller;
    FakeGateway& gateway = caller.gateway;
};

TEST_F(WanIpActions, AskForAMapping) {
    ASSERT_TRUE(add());
    const MappingRequest& request = gateway.added.at(0);
    EXPECT_EQ(request.key, (MappingKey{Protocol::Udp, Port{3074}}));
    EXPECT_EQ(request.internal, (Endpoint{kAlice, Port{3074}}));
    EXPECT_EQ(request.requester, IpAddress{kAlice});
    EXPECT_EQ(request.lease, Seconds{3600});
    EXPECT_FALSE(request.remoteHost);
    EXPECT_TRUE(request.enabled);
}

TEST_F(WanIpActions, RefuseNumbersThatAreNone) {  // IGD-SOAP-08, -09
    for (const char* number :
         {"65536", "65537", "-1", "1:999", "0x50", "80x", "8.0", "", ":", "99999999999"}) {
        EXPECT_EQ(codeOf({{"NewExternalPort", number}}), 402) << number;
        EXPECT_EQ(codeOf({{"NewInternalPort", number}}), 402) << number;
    }
    EXPECT_EQ(codeOf({{"NewLeaseDuration", "4294967296"}}), 402);
    EXPECT_EQ(codeOf({{"NewEnabled", "maybe"}}), 402);
}

TEST_F(WanIpActions, NeedPortsAndProtocol) {  // IGD-AddPortMapping-02
    for (const char* name : {"NewExternalPort", "NewInternalPort", "NewProtocol"})
        EXPECT_EQ(codeOf({{name, std::nullopt}}), 402) << name;
}

TEST_F(WanIpActions,
       RefuseWildcardsAndOtherProtocols) {  // IGD-Wild-02, -03, -07, IGD-AddPortMapping-06, -08
    EXPECT_EQ(codeOf({{"NewExternalPort", "0"}}), 716);
    EXPECT_EQ(codeOf({{"NewInternalPort", "0"}}), 732);
    version1 = true;
    EXPECT_EQ(codeOf({{"NewInternalPort", "0"}}), 402);
    for (const char* protocol : {"SCTP", "", "*", "ANY", "BOTH"})
        EXPECT_EQ(codeOf({{"NewProtocol", protocol}}), 601) << protocol;
}

TEST_F(WanIpActions, RefuseWhatIsNoAddress) {  // IGD-AddPortMapping-09, -10, IGD-Quirk-43
    for (const char* client : {"300.1.1.1", "[fe80::1", "[192.168.1.10]", "fe80::1::", "xbox",
                               "192.168.1.10:80", "0/0", "192.168.1.10."})
        EXPECT_EQ(codeOf({{"NewInternalClient", client}}), 600) << client;
    EXPECT_EQ(codeOf({{"NewRemoteHost", "example.com"}}), 600);
}

TEST_F(
    WanIpActions,
    FillInWhatCarelessClientsLeaveOut) {  // IGD-AddPortMapping-03, IGD-Quirk-08, -12, -13, -15, -16
    for (const char* name :
         {"NewRemoteHost", "NewEnabled", "NewPortMappingDescription", "NewLeaseDuration"})
        EXPECT_TRUE(add({{name, std::nullopt}})) << name;
    EXPECT_EQ(gateway.added.back().lease, Seconds{0});
    for (const char* lease : {"", "infinite", "INFINITE", "-1", "-99999999999"}) {
        ASSERT_TRUE(add({{"NewLeaseDuration", lease}})) << lease;
        EXPECT_EQ(gateway.added.back().lease, Seconds{0}) << lease;
    }
    for (const char* remote : {"*", "0.0.0.0"}) {
        ASSERT_TRUE(add({{"NewRemoteHost", remote}})) << remote;
        EXPECT_FALSE(gateway.added.back().remoteHost) << remote;
    }
    for (const char* enabled : {"true", "True", "yes", "1"})
        EXPECT_TRUE(add({{"NewEnabled", enabled}})) << enabled;
    ASSERT_TRUE(add({{"NewEnabled", "false"}}));
    EXPECT_FALSE(gateway.added.back().enabled);
    ASSERT_TRUE(add({{"NewInternalClient", ""}}));
    EXPECT_EQ(gateway.added.back().internal.address, kAlice);
    ASSERT_TRUE(add({{"NewProtocol", "tcp"}}));  // IGD-Quirk-10
    EXPECT_EQ(gateway.added.back().key.protocol, Protocol::Tcp);
}

TEST_F(WanIpActions, LeaveItToTheEngineWhoARequesterOverIpv6Is) {
    caller.requester = *parseIpv6Address("2001:db8::10");
    ASSERT_TRUE(add({{"NewInternalClient", ""}}));
    EXPECT_EQ(gateway.added.back().requester, caller.requester);
    EXPECT_TRUE(gateway.added.back().internal.address.isUnspecified());
    ASSERT_TRUE(add());
    EXPECT_EQ(gateway.added.back().internal.address, kAlice);
    for (const char* wildcard : {"0.0.0.0", "*"})
        EXPECT_EQ(add({{"NewInternalClient", wildcard}}).error().code, 715) << wildcard;
    gateway.refusal = MappingError::NoInternalAddress;
    EXPECT_EQ(add({{"NewInternalClient", ""}}).error().code, 600) << "it has no such address";
}

TEST_F(WanIpActions, LeaveItToTheEngineWhoHasAnAddressOfIpv6) {
    for (const char* client :
         {"2001:db8::10", "[2001:db8::10]", "2001:db8::10%3", "[2001:db8::10%25eth0]"}) {
        ASSERT_TRUE(add({{"NewInternalClient", client}})) << client;
        EXPECT_TRUE(gateway.added.back().internal.address.isUnspecified());
        EXPECT_EQ(gateway.added.back().client6, parseIpv6Address("2001:db8::10"));
    }
    for (const char* client : {"::ffff:192.168.1.10", "[::ffff:c0a8:10a]"}) {
        ASSERT_TRUE(add({{"NewInternalClient", client}})) << client;
        EXPECT_EQ(gateway.added.back().internal.address, kAlice);
        EXPECT_FALSE(gateway.added.back().client6);
    }
    for (const char* wildcard : {"::", "[::]", "::ffff:0.0.0.0"})
        EXPECT_EQ(add({{"NewInternalClient", wildcard}}).error().code, 715) << wildcard;
}

TEST_F(WanIpActions, CleanDescriptions) {  // IGD-Map-22, -23
    ASSERT_TRUE(add({{"NewPortMappingDescription", "a\x01\nb"}}));
    EXPECT_EQ(gateway.added.back().description, "ab");
    ASSERT_TRUE(add({{"NewPortMappingDescription", std::string(300, 'x')}}));
    EXPECT_EQ(gateway.added.back().description.size(), kMaxDescription);
}

TEST_F(WanIpActions, SayWhyAMappingIsNotMade) {
    struct Code {
        MappingError error;
        int ofVersion1;
        int ofVersion2;
    };
    constexpr Code kCodes[] = {
        {MappingError::NotAuthorized, 718, 606},     {MappingError::Conflict, 718, 718},
        {MappingError::PortInUse, 718, 729},         {MappingError::QuotaExceeded, 501, 728},
        {MappingError::NoInternalAddress, 600, 600}, {MappingError::Backend, 501, 501}};
    for (const Code& code : kCodes) {
        gateway.refusal = code.error;
        version1 = true;
        EXPECT_EQ(add().error().code, code.ofVersion1) << name(code.error);
        version1 = false;
        EXPECT_EQ(add().error().code, code.ofVersion2) << name(code.error);
    }
}

TEST_F(WanIpActions, DeleteByExactKey) {  // IGD-DeletePortMapping-01, -02, -07
    ASSERT_TRUE(caller.call(kWanIp, "DeletePortMapping",
                            {{"NewExternalPort", "3074"}, {"NewProtocol", "UDP"}}));
    EXPECT_EQ(gateway.deleted.at(0).key, (MappingKey{Protocol::Udp, Port{3074}}));
    EXPECT_EQ(gateway.deleted.at(0).requester, IpAddress{kAlice});
    const std::vector<ArgumentValue> key{{"NewExternalPort", "3074"}, {"NewProtocol", "UDP"}};
    gateway.refusal = MappingError::NotFound;
    EXPECT_EQ(caller.call(kWanIp, "DeletePortMapping", key).error().code, 714);
    gateway.refusal = MappingError::NotAuthorized;
    EXPECT_EQ(caller.call(kWanIp, "DeletePortMapping", key).error().code, 606);
    EXPECT_EQ(caller.callAsVersion1(kWanIp, "DeletePortMapping", key).error().code, 714);
    gateway.refusal.reset();
    EXPECT_EQ(
        caller.call(kWanIp, "DeletePortMapping", {{"NewExternalPort", "0"}, {"NewProtocol", "UDP"}})
            .error()
            .code,
        714);  // IGD-Wild-05
    EXPECT_THAT(gateway.deleted, SizeIs(1));
}

TEST_F(WanIpActions,
       ReadByKeyAndByIndexAlike) {  // IGD-GetGeneric-01, -02, -05, IGD-GetSpecific-01 to -04
    gateway.views = {
        {{Protocol::Tcp, Port{80}}, std::nullopt, {kAlice, Port{8080}}, false, "a<b", Seconds{12}}};
    const auto specific = caller.call(kWanIp, "GetSpecificPortMappingEntry",
                                      {{"NewExternalPort", "80"}, {"NewProtocol", "TCP"}});
    ASSERT_TRUE(specific);
    EXPECT_THAT(
        *specific,
        ElementsAre(Pair("NewInternalPort", "8080"), Pair("NewInternalClient", "192.168.1.10"),
                    Pair("NewEnabled", "0"), Pair("NewPortMappingDescription", "a<b"),
                    Pair("NewLeaseDuration", "12")));
    const auto generic =
        caller.call(kWanIp, "GetGenericPortMappingEntry", {{"NewPortMappingIndex", "0"}});
    ASSERT_TRUE(generic);
    EXPECT_THAT(*generic, SizeIs(8));
    EXPECT_THAT(generic->front(), Pair("NewRemoteHost", ""));
    EXPECT_EQ(caller.call(kWanIp, "GetGenericPortMappingEntry", {{"NewPortMappingIndex", "1"}})
                  .error()
                  .code,
              713);
    EXPECT_EQ(caller.call(kWanIp, "GetGenericPortMappingEntry", {{"NewPortMappingIndex", "abc"}})
                  .error()
                  .code,
              402);
    EXPECT_EQ(
        caller
            .call(
                kWanIp, "GetSpecificPortMappingEntry",
                {{"NewRemoteHost", "80.1.2.3"}, {"NewExternalPort", "80"}, {"NewProtocol", "TCP"}})
            .error()
            .code,
        714);
    EXPECT_EQ(caller
                  .call(kWanIp, "GetSpecificPortMappingEntry",
                        {{"NewExternalPort", "80"}, {"NewProtocol", "SCTP"}})
                  .error()
                  .code,
              601);
}

TEST_F(WanIpActions, TellLeasesAsTheyWereAskedForToWhoEditsNoOthers) {
    gateway.views = {
        {{Protocol::Tcp, Port{80}}, std::nullopt, {kAlice, Port{80}}, true, "", Seconds{604800}},
        {{Protocol::Tcp, Port{81}}, std::nullopt, {kAlice, Port{81}}, true, "", Seconds{12}}};
    gateway.views.front().askedWithoutEnd = true;
    const auto leases = [&] {
        std::vector<std::string> told;
        for (const char* index : {"0", "1"})
            told.push_back(
                caller.call(kWanIp, "GetGenericPortMappingEntry", {{"NewPortMappingIndex", index}})
                    ->back()
                    .second);
        told.push_back(caller
                           .call(kWanIp, "GetSpecificPortMappingEntry",
                                 {{"NewExternalPort", "80"}, {"NewProtocol", "TCP"}})
                           ->back()
                           .second);
        return told;
    };
    EXPECT_THAT(leases(), ElementsAre("604800", "12", "604800"));
    caller.leasesAsAsked = true;
    EXPECT_THAT(leases(), ElementsAre("0", "12", "0"));
}

TEST_F(WanIpActions, GrantAnotherPort) {  // IGD-AddAny-02, -07, IGD-Wild-06, IGD-WANIPC-05
    const auto any = [&](const char* external, const char* internal) {
        return caller.call(kWanIp, "AddAnyPortMapping",
                           {{"NewExternalPort", external},
                            {"NewProtocol", "TCP"},
                            {"NewInternalPort", internal},
                            {"NewInternalClient", ""}});
    };
    EXPECT_THAT(*any("5000", "80"), ElementsAre(Pair("NewReservedPort", "5001")));
    EXPECT_EQ(gateway.added.back().internal.address, kAlice);
    EXPECT_TRUE(any("0", "80"));
    EXPECT_EQ(any("5000", "0").error().code, 732);
    gateway.refusal = MappingError::QuotaExceeded;
    EXPECT_EQ(any("5000", "80").error().code, 728);
}

TEST_F(WanIpActions, EndRanges) {  // IGD-DeleteRange-02, -04, -05, -12
    const auto end = [&](const char* from, const char* to, const char* protocol) {
        return caller.call(kWanIp, "DeletePortMappingRange",
                           {{"NewStartPort", from},
                            {"NewEndPort", to},
                            {"NewProtocol", protocol},
                            {"NewManage", "1"}});
    };
    ASSERT_TRUE(end("5000", "6000", "TCP"));
    EXPECT_EQ(gateway.ranges.back().ports, (PortRange{Port{5000}, Port{6000}}));
    EXPECT_TRUE(gateway.ranges.back().manage);
    EXPECT_EQ(end("6000", "5000", "TCP").error().code, 733);
    EXPECT_EQ(end("5000", "6000", "BOTH").error().code, 601);
    gateway.refusal = MappingError::NotFound;
    EXPECT_EQ(end("5000", "6000", "TCP").error().code, 730);
    gateway.refusal = MappingError::NotAuthorized;
    EXPECT_EQ(end("5000", "6000", "TCP").error().code, 606);
}

TEST_F(WanIpActions, ListRanges) {  // IGD-GetList-01, -02, -04
    const auto list = [&](const char* number) {
        return caller
            .call(kWanIp, "GetListOfPortMappings",
                  {{"NewStartPort", "1"},
                   {"NewEndPort", "65535"},
                   {"NewProtocol", "TCP"},
                   {"NewManage", "0"},
                   {"NewNumberOfPorts", number}})
            ->front()
            .second;
    };
    for (std::uint16_t port = 80; port < 3080; ++port)
        gateway.views.push_back({{Protocol::Tcp, Port{port}},
                                 Ipv4Address{0x50646409},
                                 {kAlice, Port{8080}},
                                 true,
                                 "a<b&c]]>",
                                 Seconds{12}});
    EXPECT_THAT(list("1"),
                testing::HasSubstr(
                    "<p:NewRemoteHost>80.100.100.9</p:NewRemoteHost><p:NewExternalPort>80</"
                    "p:NewExternalPort><p:NewProtocol>TCP</p:NewProtocol><p:NewInternalPort>8080</"
                    "p:NewInternalPort><p:NewInternalClient>192.168.1.10</p:NewInternalClient>"
                    "<p:NewEnabled>1</p:NewEnabled><p:NewDescription>a&lt;b&amp;c]]&gt;</"
                    "p:NewDescription><p:NewLeaseTime>12</p:NewLeaseTime></p:PortMappingEntry>"));
    const auto entriesOf = [](const std::string& text) {
        std::size_t count = 0;
        for (auto at = text.find("</p:PortMappingEntry>"); at != std::string::npos;
             at = text.find("</p:PortMappingEntry>", at + 1))
            ++count;
        return count;
    };
    EXPECT_EQ(entriesOf(list("1")), 1U);
    EXPECT_EQ(entriesOf(list("2")), 2U);
    EXPECT_EQ(entriesOf(list("48")), 48U);
    EXPECT_EQ(entriesOf(list("49")), 49U);  // more than one reply of the gateway holds
    EXPECT_EQ(gateway.ranges.back().ports, (PortRange{Port{128}, Port{65535}}));
    const std::string all = list("0");
    EXPECT_EQ(entriesOf(all), 1000U);  // IGD-GetList-10: capped, and whole
    EXPECT_TRUE(all.ends_with("</p:PortMappingList>"));
    gateway.views.resize(48);
    EXPECT_EQ(entriesOf(list("0")), 48U) << "the page behind the last is empty";
}

}  // namespace
}  // namespace igd
