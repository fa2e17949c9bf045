// SPDX-License-Identifier: GPL-2.0-or-later
#include "responder_fixture.h"

namespace igd::pcp {
namespace {

const std::string kClient = "00000000 00000000 0000ffff c0a8320a";
const std::string kExternal = "00000000 00000000 0000ffff 50646401";
const std::string kNothing = "00000000 00000000 00000000 00000000";
const std::string kNonce = "010203 040506 070809 0a0b0c";
const std::string kReserved = "00000000 00000000 00000000";

std::string mapPacket(const std::string& fields = "11 000000 1388 9c40 ",
                      const std::string& external = kNothing,
                      const std::string& lifetime = "00000e10") {
    return "02 01 0000" + lifetime + kClient + kNonce + fields + external;
}

class Pcp : public ResponderTest {};

TEST_F(Pcp, Maps) {
    EXPECT_EQ(replyTo(bytes(mapPacket())), bytes("02 81 00 00 00000e10 00000007" + kReserved +
                                                 kNonce + "11 000000 1388 9c41" + kExternal));
    EXPECT_EQ(mapped->protocol, Protocol::Udp);
    EXPECT_EQ(mapped->internalPort, Port{5000});
    EXPECT_EQ(mapped->suggestedPort, Port{40000});
    EXPECT_FALSE(mapped->suggestedAddress);
    EXPECT_EQ(mapped->nonce, (Nonce{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
    EXPECT_EQ(mapped->lifetime, Seconds{3600});
}

TEST_F(Pcp, ReadsASuggestedAddressOfEitherFamily) {
    (void)replyTo(bytes(mapPacket("11 000000 1388 9c40", kExternal)));
    EXPECT_EQ(mapped->suggestedAddress, IpAddress{Ipv4Address{0x50646401}});
    (void)replyTo(bytes(mapPacket("11 000000 1388 9c40", "00000000 00000000 0000ffff 00000000")));
    EXPECT_FALSE(mapped->suggestedAddress);
    (void)replyTo(bytes(mapPacket("11 000000 1388 9c40", "20010db8 00000000 00000000 00000001")));
    EXPECT_EQ(mapped->suggestedAddress, IpAddress{*parseIpv6Address("2001:db8::1")});
}

TEST_F(Pcp, SaysWhyNotAndForHowLong) {
    struct Case {
        MappingError error;
        Seconds known;
        std::string code;
        std::string lifetime;
    };
    const Case cases[] = {{MappingError::NotAuthorized, Seconds{0}, "02", "00000708"},
                          {MappingError::NotAuthorized, Seconds{77}, "02", "0000004d"},
                          {MappingError::NoExternalAddress, Seconds{0}, "07", "0000001e"},
                          {MappingError::TableFull, Seconds{5}, "08", "0000001e"},
                          {MappingError::Backend, Seconds{0}, "08", "0000001e"},
                          {MappingError::QuotaExceeded, Seconds{0}, "0a", "0000001e"},
                          {MappingError::Conflict, Seconds{0}, "0b", "0000001e"},
                          {MappingError::Conflict, Seconds{77}, "0b", "0000004d"},
                          {MappingError::TooManyFilters, Seconds{77}, "0d", "00000708"}};
    for (const auto& [error, known, code, lifetime] : cases) {
        answer = refuse(error, known);
        std::string expected = "02 81 00";
        for (const std::string& part : {code, lifetime, std::string{"00000007"}, kReserved, kNonce,
                                        std::string{"11 000000 1388 9c40"}, kNothing})
            expected += part;
        EXPECT_EQ(replyTo(bytes(mapPacket())), bytes(expected));
    }
}

TEST_F(Pcp, Deletes) {
    answer = PortGrant{};
    EXPECT_EQ(replyTo(bytes(mapPacket("11 000000 1388 9c40", kExternal, "00000000"))),
              bytes("02 81 00 00 00000000 00000007" + kReserved + kNonce + "11 000000 1388 9c40" +
                    kExternal));
    EXPECT_EQ(unmapped->protocol, Protocol::Udp);
    EXPECT_EQ(unmapped->internalPort, Port{5000});
    (void)replyTo(bytes(mapPacket("00 000000 1388 0000", kNothing, "00000000")));
    EXPECT_FALSE(unmapped->protocol);
    EXPECT_EQ(unmapped->internalPort, Port{0});
}

TEST_F(Pcp, MapsASetOfPorts) {  // PCP-SET-01, 02, 05
    const std::string asked = mapPacket() + "82 00 0005 0100 1388 01 000000";
    answer->portCount = 200;
    answer->firstInternalPort = Port{5000};
    EXPECT_EQ(replyTo(bytes(asked)),
              bytes("02 81 00 00 00000e10 00000007" + kReserved + kNonce + "11 000000 1388 9c41" +
                    kExternal + "82 00 0005 00c8 1388 01 000000"));
    EXPECT_EQ(mapped->portCount, 256U);
    EXPECT_TRUE(mapped->keepsParity);
    answer = PortGrant{Port{40001}, Ipv4Address{0x50646401}, Seconds{3600}};
    EXPECT_EQ(replyTo(bytes(asked)).size(), 60U) << "one port is no set";
    (void)replyTo(bytes(mapPacket() + "82 00 0005 0001 1388 01 000000"));
    EXPECT_EQ(mapped->portCount, 1U);
    EXPECT_FALSE(mapped->keepsParity);
}

TEST_F(Pcp, KnowsWhereTheNumbersOfPortsEnd) {  // PCP-SET-03, 04
    (void)replyTo(bytes(mapPacket("11 000000 fff0 0000 ") + "82 00 0005 ffff fff0 00 000000"));
    EXPECT_EQ(mapped->portCount, 16U);
    mapped.reset();
    const std::string exact = "02 00 0000";
    EXPECT_EQ(
        replyTo(bytes(mapPacket("11 000000 fff0 9c40 ") + exact + "82 00 0005 0011 fff0 00 000000"))
            .at(3),
        0x0b);
    EXPECT_FALSE(mapped);
}

TEST_F(Pcp, DeletesASetByTheOptionOnly) {  // PCP-SET-06
    answer = PortGrant{};
    (void)replyTo(bytes(mapPacket("11 000000 1388 9c40", kExternal, "00000000")));
    EXPECT_FALSE(unmapped->isSet);
    (void)replyTo(bytes(mapPacket("11 000000 1388 9c40", kExternal, "00000000") +
                        "82 00 0005 0100 1388 00 000000"));
    EXPECT_TRUE(unmapped->isSet);
}

TEST_F(Pcp, KeepsAPeer) {
    const std::string peer =
        "02 02 0000 00000e10" + kClient + kNonce + "06 000000 1388 0000" + kNothing;
    const std::string remote = "0050 0000 00000000 00000000 0000ffff 50646409";
    EXPECT_EQ(replyTo(bytes(peer + remote)),
              bytes("02 82 00 00 00000e10 00000007" + kReserved + kNonce + "06 000000 1388 9c41" +
                    kExternal + remote));
    EXPECT_EQ(peered->remote, IpAddress{Ipv4Address{0x50646409}});
    EXPECT_EQ(peered->remotePort, Port{80});
}

TEST_F(Pcp, ChecksInTheOrderOfTheRfc) {
    const std::string other = "00000000 00000000 0000ffff c0a8320b";
    const std::pair<std::string, std::string> packets[] = {
        {"02 01 0000 00000e10" + other + kNonce, "03"},  // shorter than a MAP
        {"02 05 0000 00000e10" + other, "0c"},           // before the opcode
        {"02 05 0000 00000e10" + kClient, "04"},
        {"02 01 0000 00000e10" + other + kNonce + "11 000000 1388 9c40" + kNothing + "02 00 0004",
         "0c"},
        {mapPacket() + "02 00 0004", "06"},
        {mapPacket() + "7f 00 0000", "05"},
        {mapPacket("00 000000 1388 9c40"), "03"},
        {mapPacket("00 000000 0000 0000"), "09"},
        {mapPacket("84 000000 1388 9c40"), "09"}};
    for (const auto& [packet, code] : packets) {
        const auto reply = replyTo(bytes(packet));
        ASSERT_GE(reply.size(), 24U) << packet;
        EXPECT_EQ(reply[3], bytes(code)[0]) << packet;
        EXPECT_FALSE(mapped) << packet;
    }
}

TEST_F(Pcp, AnswersAreOfAMultipleOfFourAndNotTooLong) {
    Bytes packet = bytes(mapPacket());
    packet.resize(61);
    EXPECT_EQ(replyTo(packet).size(), 64U);
    packet.resize(1104);
    EXPECT_EQ(replyTo(packet).size(), 1100U);
    packet.resize(65507);
    EXPECT_EQ(replyTo(packet).size(), 1100U);
}

TEST_F(Pcp, TellsItsVersion) {
    EXPECT_EQ(replyTo(bytes("01 01")), bytes("02 81 00 01 00000708 00000007" + kReserved));
    config.natPmp = false;
    EXPECT_EQ(replyTo(bytes("00 00")), bytes("02 80 00 01 00000708 00000007" + kReserved));
}

TEST_F(Pcp, Announces) {
    EXPECT_EQ(replyTo(bytes("02 00 0000 00000001" + kClient)),
              bytes("02 80 00 00 00000000 00000007" + kReserved));
    EXPECT_EQ(pcpAnnouncement(7), bytes("02 80 00 00 00000000 00000007" + kReserved));
}

TEST_F(Pcp, IsQuietToWhoProbes) {
    answer = refuse(MappingError::Conflict, Seconds{60});
    Responder responder{config, {*this, [this] { return state; }, [this] { return now; }}};
    int answers = 0;
    const auto probe = [&](std::uint32_t alias) {
        constexpr MacAddress kMac{{2, 0, 0, 0, 0, 1}};
        const auto address = Ipv4Address{0xc0a8320a + alias};
        Bytes packet = bytes(mapPacket() + "02 00 0000");
        packet[23] = static_cast<std::uint8_t>(packet[23] + alias);
        EXPECT_FALSE(responder.receive(packet, address, kMac, [&](const Bytes&) { ++answers; }));
    };
    for (std::uint32_t i = 0; i < 100; ++i) probe(i % 4);  // of four addresses of one host
    EXPECT_EQ(answers, 20);
    now += Seconds{1};
    probe(0);
    EXPECT_EQ(answers, 21);
}

}  // namespace
}  // namespace igd::pcp
