// SPDX-License-Identifier: GPL-2.0-or-later
#include "responder_fixture.h"

namespace igd::pcp {
namespace {

class NatPmp : public ResponderTest {};

TEST_F(NatPmp, TellsTheExternalAddress) {
    EXPECT_EQ(replyTo(bytes("00 00")), bytes("00 80 0000 00000007 50646401"));
    state.external.reset();
    EXPECT_EQ(replyTo(bytes("00 00")), bytes("00 80 0003 00000007 00000000"));
}

TEST_F(NatPmp, HidesWhatIsNotPublic) {
    config.hidePrivateAddress = true;
    EXPECT_EQ(replyTo(bytes("00 00")), bytes("00 80 0000 00000007 50646401"));
    state.external = Ipv4Address{0x64400001};  // 100.64.0.1
    EXPECT_EQ(replyTo(bytes("00 00")), bytes("00 80 0003 00000007 00000000"));
}

TEST_F(NatPmp, MapsForTheSender) {
    EXPECT_EQ(replyTo(bytes("00 02 ffff 1388 9c40 00000e10")),
              bytes("00 82 0000 00000007 1388 9c41 00000e10"));
    EXPECT_EQ(mapped->protocol, Protocol::Tcp);
    EXPECT_EQ(mapped->client, IpAddress{Ipv4Address{0xc0a8320a}});
    EXPECT_EQ(mapped->internalPort, Port{5000});
    EXPECT_EQ(mapped->suggestedPort, Port{40000});
    EXPECT_FALSE(mapped->exact);
    EXPECT_FALSE(mapped->nonce);
}

TEST_F(NatPmp, NeverTellsMoreThanWasAskedFor) {
    answer = PortGrant{Port{40001}, Ipv4Address{}, kForever};
    EXPECT_EQ(replyTo(bytes("00 01 0000 1388 0000 0000003c")),
              bytes("00 81 0000 00000007 1388 9c41 0000003c"));
}

TEST_F(NatPmp, SaysWhyNot) {
    const std::pair<MappingError, std::string> codes[] = {
        {MappingError::NotAuthorized, "0002"}, {MappingError::NoExternalAddress, "0003"},
        {MappingError::TableFull, "0004"},     {MappingError::QuotaExceeded, "0004"},
        {MappingError::Conflict, "0004"},      {MappingError::Backend, "0004"}};
    for (const auto& [error, code] : codes) {
        answer = refuse(error, Seconds{9}, Port{9});
        EXPECT_EQ(replyTo(bytes("00 01 0000 1388 9c40 0000003c")),
                  bytes("00 81" + code + "00000007 1388 0000 00000000"));
    }
}

TEST_F(NatPmp, Deletes) {
    answer = PortGrant{};
    EXPECT_EQ(replyTo(bytes("00 01 0000 1388 9c40 00000000")),
              bytes("00 81 0000 00000007 1388 0000 00000000"));
    EXPECT_EQ(unmapped->protocol, Protocol::Udp);
    EXPECT_EQ(unmapped->internalPort, Port{5000});
    answer = refuse(MappingError::NotAuthorized, Seconds{60}, Port{40001});
    EXPECT_EQ(replyTo(bytes("00 01 0000 1388 0000 00000000")),
              bytes("00 81 0002 00000007 1388 9c41 0000003c"));
}

TEST_F(NatPmp, RefusesPortZero) {
    EXPECT_EQ(replyTo(bytes("00 02 0000 0000 9c40 0000003c")),
              bytes("00 82 0002 00000007 0000 0000 00000000"));
    EXPECT_FALSE(mapped);
}

TEST_F(NatPmp, HasNoOtherOpcodes) {
    EXPECT_EQ(replyTo(bytes("00 09 aabb 0102")), bytes("00 89 0005 0102"));
    EXPECT_EQ(replyTo(bytes("00 03")), bytes("00 83 0005"));
}

TEST_F(NatPmp, DropsWhatIsNoRequest) {
    for (const char* const packet : {"", "00", "00 80", "00 81 0000 1388 9c40 0000003c",
                                     "00 01 0000 1388 9c40 0000", "00 02"}) {
        EXPECT_TRUE(replyTo(bytes(packet)).empty()) << packet;
        EXPECT_TRUE(dropped) << packet;
    }
}

TEST_F(NatPmp, AloneTellsOthersItsVersion) {
    config.pcp = false;
    EXPECT_EQ(replyTo(bytes("02 01 0000")), bytes("00 00 0001 00000007"));
    EXPECT_TRUE(replyTo(bytes("00 00"), *parseIpv6Address("2001:db8::1")).empty());
}

TEST_F(NatPmp, AnnouncesTheAddress) {
    EXPECT_EQ(natPmpAnnouncement(Ipv4Address{0x50646401}, 7),
              bytes("00 80 0000 00000007 50646401"));
}

}  // namespace
}  // namespace igd::pcp
