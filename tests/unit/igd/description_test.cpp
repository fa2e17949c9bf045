// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/igd/description.h"

#include "fake_gateway.h"

#include <expat.h>
#include <gmock/gmock.h>

#include <memory>
#include <set>

namespace igd {
namespace {

using testing::HasSubstr;
using testing::Not;

/// An XML document as the paths and texts of its leaves: "device/UDN" -> text, in order.
struct Leaves {
    std::vector<std::pair<std::string, std::string>> all;
    std::vector<std::string> path;
    std::string text;
    bool isLeaf = false;

    static void start(void* self, const XML_Char* name, const XML_Char** attributes) {
        auto& leaves = *static_cast<Leaves*>(self);
        std::string element = name;
        for (; *attributes != nullptr && std::string{attributes[0]} == "sendEvents";
             attributes += 2)
            leaves.all.emplace_back("sendEvents", attributes[1]);
        leaves.path.push_back(element);
        leaves.text.clear();
        leaves.isLeaf = true;
    }
    static void end(void* self, const XML_Char* name) {
        auto& leaves = *static_cast<Leaves*>(self);
        if (leaves.isLeaf) leaves.all.emplace_back(name, leaves.text);
        leaves.isLeaf = false;
        leaves.path.pop_back();
    }
    static void data(void* self, const XML_Char* text, int length) {
        static_cast<Leaves*>(self)->text.append(text, static_cast<std::size_t>(length));
    }
};

Leaves leavesOf(const std::string& document) {
    Leaves leaves;
    const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser{
        XML_ParserCreate(nullptr), XML_ParserFree};
    XML_SetUserData(parser.get(), &leaves);
    XML_SetElementHandler(parser.get(), Leaves::start, Leaves::end);
    XML_SetCharacterDataHandler(parser.get(), Leaves::data);
    EXPECT_EQ(XML_Parse(parser.get(), document.data(), static_cast<int>(document.size()), 1),
              XML_STATUS_OK)
        << document;
    return leaves;
}

std::vector<std::string> texts(const Leaves& leaves, std::string_view name) {
    std::vector<std::string> result;
    for (const auto& [leaf, text] : leaves.all)
        if (leaf == name) result.push_back(text);
    return result;
}

TEST(Description, NamesItsConfiguration) {  // DESC-02, DESC-25, SSDP-NOTIFY-22
    DeviceIdentity two = sampleIdentity();
    two.profile = {IgdVersion::Two, true};
    const std::uint32_t id = configurationId(two);
    EXPECT_LT(id, 1U << 24);
    EXPECT_THAT(descriptionDocument(two),
                HasSubstr("device-1-0\" configId=\"" + std::to_string(id) + "\">\n<specVersion>"));
    EXPECT_EQ(configurationId(two), id);
    DeviceIdentity renamed = two;
    renamed.friendlyName += "x";
    EXPECT_NE(configurationId(renamed), id);
    EXPECT_NE(configurationId(asVersion1(two)), id) << "it has its own documents";
}

TEST(Description, EscapesAndCutsItsTexts) {  // DESC-04, DESC-05
    const auto leaves = leavesOf(descriptionDocument(sampleIdentity()));
    EXPECT_EQ(texts(leaves, "friendlyName").front(), sampleIdentity().friendlyName);
    EXPECT_LT(texts(leaves, "modelName").front().size(), 32U);
    for (const auto& [name, text] : leaves.all) EXPECT_FALSE(text.empty()) << name << " is empty";
}

TEST(Description, HasTheTreeOfVersionOne) {  // IGD-Tree-02, -04, -05, -08, IGD-Quirk-03
    const std::string document = descriptionDocument(asVersion1(sampleIdentity()));
    const auto leaves = leavesOf(document);
    EXPECT_THAT(texts(leaves, "deviceType"),
                testing::ElementsAre("urn:schemas-upnp-org:device:InternetGatewayDevice:1",
                                     "urn:schemas-upnp-org:device:WANDevice:1",
                                     "urn:schemas-upnp-org:device:WANConnectionDevice:1"));
    EXPECT_THAT(texts(leaves, "serviceType"),
                testing::ElementsAre("urn:schemas-upnp-org:service:Layer3Forwarding:1",
                                     "urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1",
                                     "urn:schemas-upnp-org:service:WANIPConnection:1"));
    EXPECT_THAT(texts(leaves, "major"), testing::ElementsAre("1"));
    EXPECT_THAT(document, Not(HasSubstr("URLBase")));  // DESC-09
    const auto udns = texts(leaves, "UDN");
    EXPECT_EQ((std::set<std::string>{udns.begin(), udns.end()}.size()), 3U);  // IGD-Tree-03
}

TEST(Description, NamesUrlsThatThisDeviceServes) {  // IGD-Tree-09, IGD-Quirk-40
    const auto leaves = leavesOf(descriptionDocument(sampleIdentity()));
    for (const auto& path : texts(leaves, "SCPDURL"))
        EXPECT_NE(std::ranges::find(allServices({}), path, &Service::scpdPath),
                  allServices({}).end())
            << path;
    for (const auto& path : texts(leaves, "controlURL"))
        EXPECT_THAT(allServices({}),
                    testing::Contains(testing::Field(&Service::controlPath, path)));
    for (const auto& path : texts(leaves, "eventSubURL"))
        EXPECT_THAT(allServices({}), testing::Contains(testing::Field(&Service::eventPath, path)));
}

class Scpd : public testing::TestWithParam<const Service*> {};

TEST_P(Scpd, AgreesWithTheTable) {  // IGD-WANIPC-01, -03, -06, DESC-14, -16
    const Service& service = *GetParam();
    const auto leaves = leavesOf(scpdDocument(service));
    std::set<std::string> variables;
    for (const auto& variable : service.variables) variables.emplace(variable.name);
    for (const auto& related : texts(leaves, "relatedStateVariable"))
        EXPECT_TRUE(variables.contains(related)) << related;
    std::size_t arguments = 0;
    for (const Action& action : service.actions) {
        arguments += action.arguments.size();
        bool outSeen = false;
        for (const Argument& argument : action.arguments) {
            EXPECT_FALSE(outSeen && argument.direction == Direction::In) << action.name;
            outSeen = outSeen || argument.direction == Direction::Out;
            EXPECT_NE(findVariable(service, argument.variable), nullptr) << argument.variable;
        }
    }
    EXPECT_EQ(texts(leaves, "relatedStateVariable").size(), arguments);
    EXPECT_EQ(texts(leaves, "sendEvents").size(), service.variables.size());
    EXPECT_THAT(scpdDocument(service), Not(HasSubstr("<argumentList></argumentList>")));
    EXPECT_THAT(scpdDocument(service), Not(HasSubstr("<argumentList/>")));
}

TEST_P(Scpd, HasItsDefaultsAmongTheAllowedValues) {  // DESC-15
    for (const StateVariable& variable : GetParam()->variables)
        if (!variable.allowedValues.empty() && !variable.defaultValue.empty()) {
            EXPECT_THAT(variable.allowedValues, testing::Contains(variable.defaultValue))
                << variable.name;
        }
}

INSTANTIATE_TEST_SUITE_P(EachServiceOfPpp, Scpd,
                         testing::ValuesIn(allServices(kVersion1Ppp).begin(),
                                           allServices(kVersion1Ppp).end()),
                         [](const auto& each) { return "service" + std::to_string(each.index); });

INSTANTIATE_TEST_SUITE_P(EachService, Scpd,
                         testing::ValuesIn(allServices({IgdVersion::Two, true}).begin(),
                                           allServices({IgdVersion::Two, true}).end()),
                         [](const auto& each) { return "service" + std::to_string(each.index); });

TEST(Description, HasTheTreeOfVersionTwo) {  // IGD-Tree-01, -06, -07, -11, -13, IGD-Quirk-03
    DeviceIdentity identity = sampleIdentity();
    const auto without = leavesOf(descriptionDocument(identity));
    identity.profile.pinholes = true;
    const auto leaves = leavesOf(descriptionDocument(identity));
    EXPECT_THAT(texts(leaves, "deviceType"),
                testing::ElementsAre("urn:schemas-upnp-org:device:InternetGatewayDevice:2",
                                     "urn:schemas-upnp-org:device:WANDevice:2",
                                     "urn:schemas-upnp-org:device:WANConnectionDevice:2"));
    EXPECT_THAT(texts(leaves, "serviceType"),
                testing::ElementsAre("urn:schemas-upnp-org:service:Layer3Forwarding:1",
                                     "urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1",
                                     "urn:schemas-upnp-org:service:WANIPConnection:2",
                                     "urn:schemas-upnp-org:service:WANIPv6FirewallControl:1"));
    EXPECT_EQ(texts(without, "serviceType").size(), 3U);
    EXPECT_EQ(texts(leaves, "UDN"),
              texts(leavesOf(descriptionDocument(asVersion1(identity))), "UDN"));
    EXPECT_THAT(texts(leaves, "major"), testing::ElementsAre("1"));
}

TEST(Description, HasWanPppInThePlaceOfWanIp) {  // IGD-Quirk-06
    DeviceIdentity identity = asVersion1(sampleIdentity());
    const auto version1 = leavesOf(descriptionDocument(identity));
    identity.profile = kVersion1Ppp;
    const auto leaves = leavesOf(descriptionDocument(identity));
    EXPECT_THAT(texts(leaves, "serviceType"),
                testing::ElementsAre("urn:schemas-upnp-org:service:Layer3Forwarding:1",
                                     "urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1",
                                     "urn:schemas-upnp-org:service:WANPPPConnection:1"));
    for (const char* same : {"deviceType", "UDN", "serviceId", "controlURL", "eventSubURL"})
        EXPECT_EQ(texts(leaves, same), texts(version1, same));
}

TEST(ServiceTable, HasNothingOfVersionTwo) {  // IGD-WANIPC-02
    const Service& service = *serviceById(kVersion1, "urn:upnp-org:serviceId:WANIPConn1");
    for (const char* action :
         {"AddAnyPortMapping", "DeletePortMappingRange", "GetListOfPortMappings"})
        EXPECT_EQ(findAction(service, action), nullptr) << action;
    EXPECT_EQ(findVariable(service, "SystemUpdateID"), nullptr);
}

}  // namespace
}  // namespace igd
