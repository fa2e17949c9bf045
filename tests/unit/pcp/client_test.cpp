// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/pcp/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::pcp {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

constexpr Nonce kNonce{'n', 'o', 'n', 'c', 'e', '-', 'o', 'f', '-', 'u', 's', '!'};
const MapQuestion kQuestion{.protocol = Protocol::Udp,
                            .port = Port{3074},
                            .lifetime = Seconds{3600},
                            .nonce = kNonce,
                            .client = Ipv4Address{0xc0a85a02}};

Bytes mapAnswer(std::uint8_t result = 0) {
    Bytes bytes = pcpMapRequest(kQuestion);
    bytes[1] |= 0x80;
    bytes[3] = result;
    bytes[11] = 77;    // epoch
    bytes[42] = 0x0c;  // port 3075
    bytes[43] = 0x03;
    for (std::size_t i = 0; i < 4; ++i) bytes[56 + i] = Bytes{80, 1, 2, 3}[i];
    return bytes;
}

TEST(PortControlQuestion, IsWrittenAsTheRfcsDrawIt) {
    EXPECT_THAT(natPmpAddressRequest(), ElementsAre(0, 0));
    EXPECT_THAT(natPmpMapRequest(kQuestion),
                ElementsAre(0, 1, 0, 0, 0x0c, 0x02, 0x0c, 0x02, 0, 0, 0x0e, 0x10));
    MapQuestion end = kQuestion;
    end.protocol = Protocol::Tcp;
    end.lifetime = Seconds{0};
    EXPECT_THAT(natPmpMapRequest(end), ElementsAre(0, 2, 0, 0, 0x0c, 0x02, 0, 0, 0, 0, 0, 0));
    const Bytes map = pcpMapRequest(kQuestion);
    ASSERT_EQ(map.size(), 60U);
    EXPECT_THAT(std::span{map}.first(8), ElementsAre(2, 1, 0, 0, 0, 0, 0x0e, 0x10));
    EXPECT_THAT(std::span{map}.subspan(18, 6), ElementsAre(0xff, 0xff, 192, 168, 90, 2));
    EXPECT_THAT(std::span{map}.subspan(24, 12), ElementsAreArray(kNonce));
    EXPECT_THAT(std::span{map}.subspan(36, 8), ElementsAre(17, 0, 0, 0, 0x0c, 0x02, 0x0c, 0x02));
    MapQuestion exact = kQuestion;
    exact.exactly = true;
    const Bytes longer = pcpMapRequest(exact);
    EXPECT_THAT(std::span{longer}.subspan(60), ElementsAre(2, 0, 0, 0));
    EXPECT_EQ(pcpAnnounceRequest(kQuestion.client).size(), 24U);
}

TEST(PortControlAnswer, OfPcpTellsTheMapping) {
    const auto answer = parseServerAnswer(mapAnswer());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->kind, ServerAnswer::Kind::Map);
    EXPECT_TRUE(answer->isPcp);
    EXPECT_EQ(answer->nonce, kNonce);
    EXPECT_EQ(answer->internalPort, Port{3074});
    EXPECT_EQ(answer->externalPort, Port{3075});
    EXPECT_EQ(answer->external, Ipv4Address{0x50010203});
    EXPECT_EQ(answer->epoch, 77U);
    EXPECT_EQ(answer->lifetime, Seconds{3600});
    const auto refusal = parseServerAnswer(mapAnswer(11));
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->externalPort, Port{0}) << "an error gives nothing";
    EXPECT_FALSE(refusal->external);
    EXPECT_TRUE(isAboutOnePort(*refusal));
    EXPECT_EQ(nameOfResult(true, 11), "CANNOT_PROVIDE_EXTERNAL");
    EXPECT_FALSE(isAboutOnePort(*parseServerAnswer(mapAnswer(10)))) << "a quota is about all";
}

TEST(PortControlAnswer, OfNatPmpTellsAddressAndMapping) {
    const auto address = parseServerAnswer(Bytes{0, 128, 0, 0, 0, 0, 0, 9, 80, 1, 2, 3});
    ASSERT_TRUE(address);
    EXPECT_EQ(address->kind, ServerAnswer::Kind::Address);
    EXPECT_EQ(address->external, Ipv4Address{0x50010203});
    EXPECT_EQ(address->epoch, 9U);
    const auto map =
        parseServerAnswer(Bytes{0, 130, 0, 0, 0, 0, 0, 9, 0x0c, 0x02, 0x0c, 0x03, 0, 0, 0, 60});
    ASSERT_TRUE(map);
    EXPECT_EQ(map->protocol, Protocol::Tcp);
    EXPECT_EQ(map->externalPort, Port{3075});
    EXPECT_EQ(map->lifetime, Seconds{60});
    EXPECT_EQ(parseServerAnswer(Bytes{0, 0, 0, 1, 0, 0, 0, 9})->kind, ServerAnswer::Kind::Refused);
}

TEST(PortControlAnswer, IsNothingElse) {
    const Bytes whole = mapAnswer();
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(parseServerAnswer(Datagram{whole}.first(size))) << size;
    EXPECT_FALSE(parseServerAnswer(pcpMapRequest(kQuestion))) << "a request";
    EXPECT_FALSE(parseServerAnswer(Bytes(24, 0xff)));
    const auto zero = parseServerAnswer(Bytes{0, 128, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0});
    ASSERT_TRUE(zero);
    EXPECT_FALSE(zero->external) << "no host has it";
    Bytes longest(kMaxDatagram + 1);
    std::copy(whole.begin(), whole.end(), longest.begin());
    EXPECT_FALSE(parseServerAnswer(longest));
}

}  // namespace
}  // namespace igd::pcp
