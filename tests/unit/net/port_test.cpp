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

}  // namespace
}  // namespace igd
