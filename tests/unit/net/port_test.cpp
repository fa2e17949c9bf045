// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/port.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

TEST(Port, IsOneToSixtyFiveThousand) {  // IGD-SOAP-08
    EXPECT_EQ(parsePort("80")->value, 80);
    EXPECT_EQ(parsePort("65535")->value, 65535);
    for (const char* text : {"0", "65536", "1:999", ":", "80x", "http"})
        EXPECT_FALSE(parsePort(text)) << text;
}

TEST(PortRange, IsOneNumberOrTwo) {
    EXPECT_EQ(parsePortRange("80"), (PortRange{Port{80}, Port{80}}));
    EXPECT_EQ(parsePortRange("0-65535"), (PortRange{Port{0}, Port{65535}}));
    EXPECT_FALSE(parsePortRange("90-80"));
    EXPECT_FALSE(parsePortRange("80-"));
    EXPECT_EQ(toString(*parsePortRange("1024-2048")), "1024-2048");
}

TEST(Protocol, IsReadInAnyCase) {  // IGD-Quirk-10
    EXPECT_EQ(parseProtocol("tcp"), Protocol::Tcp);
    EXPECT_EQ(parseProtocol("Udp"), Protocol::Udp);
    EXPECT_FALSE(parseProtocol("SCTP"));
    EXPECT_EQ(upperName(Protocol::Tcp), "TCP");
}

TEST(Protocol, MayBeMoreThanWhatIsTranslated) {
    for (const Protocol protocol :
         {Protocol::Tcp, Protocol::Udp, Protocol::Gre, Protocol::Esp, Protocol::Sctp}) {
        EXPECT_EQ(protocolOf(static_cast<std::uint8_t>(protocol)), protocol);
        EXPECT_EQ(parseAnyProtocol(lowerName(protocol)), protocol);
    }
    EXPECT_EQ(parsePortOf(Protocol::Esp, "0"), Port{0});
    EXPECT_EQ(parsePortOf(Protocol::Sctp, "5000"), Port{5000});
    EXPECT_FALSE(parsePortOf(Protocol::Esp, "500") || parsePortOf(Protocol::Tcp, "0"));
    EXPECT_FALSE(protocolOf(0) || protocolOf(51) || parseAnyProtocol("ah"));
    EXPECT_TRUE(hasPorts(Protocol::Sctp) && !hasPorts(Protocol::Esp) && !hasPorts(Protocol::Gre));
    EXPECT_TRUE(isTranslated(Protocol::Udp) && !isTranslated(Protocol::Sctp));
}

}  // namespace
}  // namespace igd
