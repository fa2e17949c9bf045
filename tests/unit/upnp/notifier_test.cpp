// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/upnp/notifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const Ipv4Address kFirst{0xc0a80101};
const Ipv4Address kSameNetwork{0xc0a80102};
const Ipv4Address kOtherNetwork{0xc0a80201};
const Ipv4Address kAlone{0x0a000001};
const Ipv6Address kLinkLocal = parseIpv6Address("fe80::1").value();
const Ipv6Address kGlobal = parseIpv6Address("2001:db8::1").value();

Lan lan() {
    return {.interface = *InterfaceName::parse("none0"),
            .addresses = {{kFirst, 24}, {kSameNetwork, 24}, {kOtherNetwork, 24}, {kAlone, 32}},
            .addresses6 = {{kLinkLocal, 64}, {kGlobal, 64}}};
}

const Notice kAlive{true, "upnp:rootdevice", "uuid:1::upnp:rootdevice"};
const Notice kByebye{false, "upnp:rootdevice", "uuid:1::upnp:rootdevice"};

class NotifierTest : public testing::Test {
protected:
    const Notifier notifier_{{lan(), Port{49152}, 1786380549, 77}};
};

TEST(AdvertisedAddresses, AreOneOfEachNetworkAndAllOfIpv6) {
    EXPECT_THAT(advertisedAddresses(lan()),
                ElementsAre(kFirst, kOtherNetwork, kLinkLocal, kGlobal));
    const Lan single{.interface = lan().interface, .addresses = {{kAlone, 32}}};
    EXPECT_THAT(advertisedAddresses(single), ElementsAre(kAlone));
}

TEST_F(NotifierTest, WritesAliveWhole) {
    EXPECT_EQ(notifier_.text(kAlive, kFirst),
              "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\n"
              "LOCATION: http://192.168.1.1:49152/rootDesc.xml\r\n"
              "SERVER: Linux/5.9 UPnP/1.1 upnpd/" UPNPD_VERSION
              "\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\nUSN: uuid:1::upnp:rootdevice\r\n"
              "BOOTID.UPNP.ORG: 1786380549\r\nCONFIGID.UPNP.ORG: 77\r\n\r\n");
}

TEST_F(NotifierTest, WritesByebyeWithoutWhatItWouldLeadTo) {
    const std::string text = notifier_.text(kByebye, kFirst);
    EXPECT_THAT(text, HasSubstr("NTS: ssdp:byebye\r\n"));
    EXPECT_THAT(text, HasSubstr("BOOTID.UPNP.ORG: 1786380549\r\n"));
    EXPECT_THAT(text, Not(HasSubstr("LOCATION")));
    EXPECT_THAT(text, Not(HasSubstr("CACHE-CONTROL")));
}

TEST_F(NotifierTest, NamesTheGroupOfTheScope) {
    EXPECT_THAT(notifier_.text(kAlive, kLinkLocal), HasSubstr("HOST: [FF02::C]:1900\r\n"));
    EXPECT_THAT(notifier_.text(kAlive, kLinkLocal), HasSubstr("http://[fe80::1]:49152/"));
    EXPECT_THAT(notifier_.text(kAlive, kGlobal), HasSubstr("HOST: [FF05::C]:1900\r\n"));
    EXPECT_THAT(notifier_.text(kAlive, kGlobal), HasSubstr("http://[2001:db8::1]:49152/"));
}

TEST_F(NotifierTest, SendsNothingWhereThereIsNoSuchInterface) {
    EXPECT_EQ(notifier_.send(kAlive), 0U);
}

}  // namespace
}  // namespace igd
