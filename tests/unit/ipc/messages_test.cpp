// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/messages.h"

#include <gtest/gtest.h>

namespace igd::ipc {
namespace {

const MappingKey kKey{Protocol::Udp, Port{3074}};
const Ipv4Address kClient{0xc0a8010a};

MappingRequest request() {
    return {kKey,
            Ipv4Address{0x50646409},
            {kClient, Port{4000}},
            false,
            "a \xc3\xa4",
            Seconds{3600},
            kClient,
            Origin::Pcp};
}

template <class T>
T throughTheChannel(const Request& sent) {
    const auto message = decodeToEngine(encode(ToEngine{Call{7, sent}}));
    const Call& call = std::get<Call>(message.value());
    EXPECT_EQ(call.id, 7U);
    return std::get<T>(call.request);
}

template <class T>
T answered(const Reply& sent) {
    const auto message = decodeToFrontEnd(encode(ToFrontEnd{Answer{9, sent}}));
    const Answer& answer = std::get<Answer>(message.value());
    EXPECT_EQ(answer.id, 9U);
    return std::get<T>(answer.reply);
}

TEST(Messages, CarryEachRequest) {
    const auto mapping = throughTheChannel<MappingRequest>(request());
    EXPECT_EQ(mapping.key, kKey);
    EXPECT_EQ(mapping.remoteHost, request().remoteHost);
    EXPECT_EQ(mapping.internal, request().internal);
    EXPECT_FALSE(mapping.enabled);
    EXPECT_EQ(mapping.description, request().description);
    EXPECT_EQ(mapping.lease, Seconds{3600});
    EXPECT_EQ(mapping.requester, kClient);
    EXPECT_EQ(mapping.origin, Origin::Pcp);
    EXPECT_EQ(
        throughTheChannel<ReleaseRequest>(ReleaseRequest{kKey, std::nullopt, kClient}).requester,
        kClient);
    EXPECT_EQ(throughTheChannel<FindMapping>(FindMapping{kKey, kClient}).key, kKey);
    EXPECT_EQ(throughTheChannel<MappingAt>(MappingAt{12, kClient}).index, 12U);
    (void)throughTheChannel<GetStatus>(GetStatus{});
}

TEST(Messages, CarryWhatNatPmpAndPcpAsk) {
    const Ipv6Address six = *parseIpv6Address("2001:db8::10");
    PortRequest wanted{
        Protocol::Tcp, six,
        Port{5000},    Port{0},
        six,           true,
        Seconds{3600}, six,
        Origin::Pcp,   Nonce{1, 2},
        true,          {*parsePeerFilter("80.1.2.0/24@53"), *parsePeerFilter("2001:db8::/32")},
        "a camera"};
    const auto request = throughTheChannel<PortRequest>(wanted);
    EXPECT_EQ(request.client, wanted.client);
    EXPECT_EQ(request.internalPort, wanted.internalPort);
    EXPECT_EQ(request.suggestedAddress, wanted.suggestedAddress);
    EXPECT_TRUE(request.exact && request.dropFilters);
    EXPECT_EQ(request.nonce, wanted.nonce);
    EXPECT_EQ(request.filters, wanted.filters);
    EXPECT_EQ(request.description, wanted.description);
    wanted.protocol = Protocol::Esp;
    wanted.internalPort = Port{0};
    EXPECT_EQ(throughTheChannel<PortRequest>(wanted).protocol, Protocol::Esp);
    const auto release = throughTheChannel<PortRelease>(
        PortRelease{std::nullopt, kClient, Port{0}, kClient, Origin::NatPmp, std::nullopt});
    EXPECT_FALSE(release.protocol || release.nonce);
    EXPECT_EQ(release.origin, Origin::NatPmp);
    const auto peer = throughTheChannel<PeerRequest>(
        PeerRequest{Protocol::Udp, kClient, Port{1}, six, Port{2}, Port{3}, std::nullopt,
                    Seconds{4}, kClient, Nonce{5}});
    EXPECT_EQ(peer.remote, IpAddress{six});
    EXPECT_EQ(peer.nonce, Nonce{5});
    const PortGrant grant{Port{7}, six, kForever};
    EXPECT_EQ(answered<PortGrant>(grant), grant);
    const PortRefusal refusal{MappingError::TooManyFilters, Seconds{9}, Port{7}};
    EXPECT_EQ(answered<PortRefusal>(refusal), refusal);
}

TEST(Messages, CarryRangesAndPinholes) {
    const RangeRequest range{Protocol::Tcp, {Port{0}, Port{65535}}, true, kClient};
    EXPECT_TRUE(throughTheChannel<DeleteMappings>(DeleteMappings{range}).range.manage);
    EXPECT_EQ(throughTheChannel<ListMappings>(ListMappings{range}).range.ports, range.ports);
    MappingRequest any = request();
    any.key.externalPort = Port{0};
    EXPECT_EQ(throughTheChannel<AddAnyMapping>(AddAnyMapping{any}).mapping.key.externalPort,
              Port{0});
    const Ipv6Address six = *parseIpv6Address("2001:db8::10");
    const PinholeRequest pinhole{{six, Port{7}, six, Port{5000}, Protocol::Udp}, Seconds{60}, six};
    EXPECT_EQ(throughTheChannel<PinholeRequest>(pinhole).key, pinhole.key);
    EXPECT_EQ(throughTheChannel<PinholeRequest>(pinhole).requester, pinhole.requester);
    EXPECT_EQ(throughTheChannel<UpdatePinhole>(UpdatePinhole{7, Seconds{60}, kClient}).id, 7);
    EXPECT_EQ(throughTheChannel<DeletePinhole>(DeletePinhole{7, six}).requester, IpAddress{six});
    EXPECT_EQ(throughTheChannel<CountPinhole>(CountPinhole{65535, six}).id, 65535);
    EXPECT_EQ(throughTheChannel<GetOutboundTimeout>(GetOutboundTimeout{Protocol::Udp}).protocol,
              Protocol::Udp);
    EXPECT_EQ(answered<PacketCount>(PacketCount{1ULL << 40}).packets, 1ULL << 40);
    EXPECT_EQ(
        answered<MappingViews>(
            MappingViews(
                kMaxListed,
                MappingView{kKey, {}, {kClient, Port{1}}, true, std::string(255, 'x'), Seconds{1}}))
            .size(),
        kMaxListed);
    const AddressesChanged addresses{{{kClient, 24}, {Ipv4Address{1}, 32}},
                                     {{six, 64}},
                                     {{Ipv4Address{0x0a000000}, 8}},
                                     {{six, 128}, {six, 48}}};
    const auto told = decodeToFrontEnd(encode(ToFrontEnd{addresses}));
    EXPECT_EQ(std::get<AddressesChanged>(told.value()), addresses);
}

TEST(Messages, CarryEachReply) {
    (void)answered<Done>(Done{});
    EXPECT_EQ(answered<MappingError>(MappingError::Conflict), MappingError::Conflict);
    const MappingView view{kKey, std::nullopt, {kClient, Port{4000}}, true, "x", Seconds{12}};
    EXPECT_EQ(answered<MappingView>(view), view);
    const GatewayStatus status{99, true, kClient, Seconds{5}, 1, 2, 3, 4, 5, 6, 7, 8};
    EXPECT_EQ(answered<GatewayStatus>(status), status);
}

TEST(Messages, CarryTheLifeOfAFrontEnd) {
    const auto started = decodeToEngine(encode(ToEngine{Started{49152, "busy"}}));
    EXPECT_EQ(std::get<Started>(started.value()).httpPort, 49152);
    EXPECT_EQ(std::get<Started>(started.value()).error, "busy");
    const auto setup = decodeToFrontEnd(encode(ToFrontEnd{ipc::Setup{std::string(3000, '\0')}}));
    EXPECT_EQ(std::get<ipc::Setup>(setup.value()).settings.size(), 3000U);
}

TEST(Messages, AreRefusedWhenCutOrLengthened) {
    const auto whole = encode(ToEngine{Call{7, request()}});
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(decodeToEngine(std::span{whole}.first(size))) << size;
    auto longer = whole;
    longer.push_back(0);
    EXPECT_FALSE(decodeToEngine(longer));
}

TEST(Messages, AreRefusedWithValuesThatNobodySends) {
    MappingRequest bad = request();
    bad.key.externalPort = Port{0};
    EXPECT_FALSE(decodeToEngine(encode(ToEngine{Call{7, bad}})));
    bad = request();
    bad.key.protocol = static_cast<Protocol>(132);
    EXPECT_FALSE(decodeToEngine(encode(ToEngine{Call{7, bad}})));
    bad = request();
    bad.origin = static_cast<Origin>(9);
    EXPECT_FALSE(decodeToEngine(encode(ToEngine{Call{7, bad}})));
    bad = request();
    bad.lease = Seconds{-1};
    EXPECT_FALSE(decodeToEngine(encode(ToEngine{Call{7, bad}})));
    bad = request();
    bad.description = std::string(256, 'x');
    EXPECT_FALSE(decodeToEngine(encode(ToEngine{Call{7, bad}})));
}

TEST(Messages, AreRefusedWithPortsWhereThereAreNone) {
    const Ipv6Address six = *parseIpv6Address("2001:db8::10");
    PortRequest wanted;
    wanted.client = wanted.requester = six;
    const auto isRead = [&](Protocol protocol, Port port) {
        wanted.protocol = protocol;
        wanted.internalPort = port;
        return decodeToEngine(encode(ToEngine{Call{7, wanted}})).has_value();
    };
    EXPECT_TRUE(isRead(Protocol::Sctp, Port{5000}) && isRead(Protocol::Gre, Port{0}));
    EXPECT_FALSE(isRead(Protocol::Sctp, Port{0}) || isRead(Protocol::Esp, Port{5000}));
    EXPECT_FALSE(isRead(static_cast<Protocol>(51), Port{5000}));
    wanted.client = kClient;
    EXPECT_FALSE(isRead(Protocol::Sctp, Port{5000})) << "nothing but TCP and UDP is translated";
    EXPECT_TRUE(isRead(Protocol::Tcp, Port{5000}));
}

}  // namespace
}  // namespace igd::ipc
