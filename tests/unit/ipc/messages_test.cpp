// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/messages.h"

#include "samples.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace igd::ipc {
namespace {

using Octets = std::vector<std::uint8_t>;

std::optional<ToEngine> decode(const Octets& bytes, const ToEngine&) {
    return decodeToEngine(bytes);
}
std::optional<ToFrontEnd> decode(const Octets& bytes, const ToFrontEnd&) {
    return decodeToFrontEnd(bytes);
}

/// Calls `check` with each sample of both directions and its octets.
template <class Check>
void forEachSample(Check check) {
    for (const ToEngine& message : sample::toEngine()) check(message, encode(message).value());
    for (const ToFrontEnd& message : sample::toFrontEnd()) check(message, encode(message).value());
}

template <class... T>
std::size_t kindsIn(const std::vector<std::variant<T...>>& all) {
    std::set<std::size_t> kinds;
    for (const auto& one : all) kinds.insert(one.index());
    return kinds.size();
}

std::optional<Octets> written(const GatewayRequest& request) {
    return encode(ToEngine{Call{7, TimePoint{}, request}});
}

/// Whether the engine reads `good` with its only octets `from` replaced by `to`.
bool isReadWith(const GatewayRequest& good, const Octets& from, const Octets& to) {
    Octets bytes = written(good).value();
    const auto place = std::search(bytes.begin(), bytes.end(), from.begin(), from.end());
    if (place == bytes.end()) throw std::logic_error{"there are no such octets"};
    if (std::search(place + 1, bytes.end(), from.begin(), from.end()) != bytes.end())
        throw std::logic_error{"they are there twice"};
    std::copy(to.begin(), to.end(), place);
    return decodeToEngine(bytes).has_value();
}

TEST(Messages, HaveASampleOfEachKind) {
    EXPECT_EQ(kindsIn(sample::requests()), std::variant_size_v<GatewayRequest>);
    EXPECT_EQ(kindsIn(sample::replies()), std::variant_size_v<GatewayReply>);
    EXPECT_EQ(kindsIn(sample::toEngine()), std::variant_size_v<ToEngine>);
    EXPECT_EQ(kindsIn(sample::toFrontEnd()), std::variant_size_v<ToFrontEnd>);
}

TEST(Messages, ArriveWhole) {
    forEachSample([](const auto& message, const Octets& bytes) {
        const auto arrived = decode(bytes, message);
        ASSERT_TRUE(arrived) << message.index();
        EXPECT_EQ(*arrived, message) << message.index();
    });
}

TEST(Messages, AreRefusedWhenCutOrLengthened) {
    forEachSample([](const auto& message, Octets bytes) {
        bytes.push_back(0);
        EXPECT_FALSE(decode(bytes, message)) << message.index();
        bytes.pop_back();
        while (!bytes.empty()) {
            bytes.pop_back();
            EXPECT_FALSE(decode(bytes, message)) << message.index() << ", " << bytes.size();
        }
    });
}

/// A message that is read can be written, so none of its values is out of range.
TEST(Messages, WithABitFlippedAreRefusedOrMeanThoseOctets) {
    std::size_t read = 0;
    forEachSample([&](const auto& message, const Octets& bytes) {
        for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
            Octets flipped = bytes;
            flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
            const auto other = decode(flipped, message);
            if (!other) continue;
            ++read;
            EXPECT_NE(*other, message);
            EXPECT_EQ(encode(*other), flipped) << message.index() << ", bit " << bit;
        }
    });
    EXPECT_GT(read, 1000U);
}

TEST(Messages, CarryNoClaimOfTheAdministrators) {
    PortRequest map = sample::natPmpMap();
    PortRelease release = sample::natPmpRelease();
    for (const Origin origin : {Origin::Static, Origin::Igd}) {
        map.origin = release.origin = origin;
        EXPECT_FALSE(written(map));
        EXPECT_FALSE(written(release));
    }
    const Octets bytes = written(sample::natPmpRelease()).value();
    // port, no set, requester, origin, no nonce
    const Octets end{0, 9, 0, 0, 192, 168, 1, 10, 1, 0};
    ASSERT_TRUE(std::equal(end.rbegin(), end.rend(), bytes.rbegin()));
    for (const std::uint8_t origin : Octets{0, 2, 3, 4})
        EXPECT_FALSE(isReadWith(sample::natPmpRelease(), {1, 10, 1, 0}, {1, 10, origin, 0}))
            << unsigned{origin};
}

TEST(Messages, TellNatPmpFromPcp) {
    PortRequest map = sample::natPmpMap();
    map.nonce = Nonce{1};
    EXPECT_FALSE(written(map));
    map = sample::natPmpMap();
    map.client = map.requester = sample::kClient6;
    EXPECT_FALSE(written(map)) << "NAT-PMP is of IPv4";
    map = sample::natPmpMap();
    map.requester = sample::kRemote;
    EXPECT_FALSE(written(map)) << "NAT-PMP has no third parties";
    map = sample::natPmpMap();
    map.exact = true;
    EXPECT_FALSE(written(map)) << "NAT-PMP has no options";
    map = sample::pcpMap();
    map.nonce.reset();
    EXPECT_FALSE(written(map));
    PortRelease release = sample::pcpRelease();
    release.nonce.reset();
    EXPECT_FALSE(written(release));
    release = sample::natPmpRelease();
    release.protocol.reset();
    EXPECT_FALSE(written(release));
    release.protocol = Protocol::Esp;
    EXPECT_FALSE(written(release));
    release = sample::pcpRelease();
    release.protocol.reset();
    EXPECT_FALSE(written(release)) << "a port of no protocol";
    release.internalPort = Port{0};
    EXPECT_TRUE(written(release));
}

TEST(Messages, NameAClientInOneWay) {
    MappingRequest mapping = sample::mappingForSix();
    EXPECT_TRUE(written(mapping));
    mapping.internal.address = sample::kClient;
    EXPECT_FALSE(written(mapping));
}

TEST(Messages, LetOnlyARequesterOverIpv6NameNoClient) {
    MappingRequest mapping = sample::mapping();
    mapping.internal.address = Ipv4Address{};
    EXPECT_FALSE(written(mapping));
    mapping.requester = sample::kClient6;
    EXPECT_TRUE(written(mapping));
}

TEST(Messages, HaveAPortWhereOneIsNeeded) {
    MappingRequest mapping = sample::mapping();
    mapping.key.externalPort = Port{0};
    EXPECT_FALSE(written(mapping));
    EXPECT_TRUE(written(AnyMappingRequest{mapping}));
    mapping = sample::mapping();
    mapping.internal.port = Port{0};
    EXPECT_FALSE(written(mapping));
    EXPECT_FALSE(isReadWith(sample::mapping(), {0x0c, 0x02}, {0, 0}));
    EXPECT_FALSE(isReadWith(sample::mapping(), {0x0f, 0xa0}, {0, 0}));
    EXPECT_TRUE(isReadWith(sample::mapping(), {0x0c, 0x02}, {0, 1}));
    EXPECT_FALSE(isReadWith(sample::pinhole(), {1, 0, 7}, {1, 0, 0}));
    EXPECT_TRUE(isReadWith(sample::pinhole(), {1, 0, 7}, {1, 0, 8}));
    PeerRequest peer = sample::peer();
    peer.remotePort = Port{0};
    EXPECT_FALSE(written(peer));
    EXPECT_FALSE(encode(ToFrontEnd{Answer{1, Port{0}}}));
}

TEST(Messages, HaveNoPortWhereThereIsNone) {
    PortRequest wanted = sample::pcpMap();
    wanted.filters.clear();
    wanted.portCount = 1;
    const auto isWritten = [&](Protocol protocol, Port port) {
        wanted.protocol = protocol;
        wanted.internalPort = port;
        return written(wanted).has_value();
    };
    EXPECT_TRUE(isWritten(Protocol::Sctp, Port{5000}) && isWritten(Protocol::Gre, Port{0}));
    EXPECT_FALSE(isWritten(Protocol::Sctp, Port{0}) || isWritten(Protocol::Esp, Port{5000}));
    EXPECT_FALSE(isWritten(static_cast<Protocol>(51), Port{0}));
    wanted.client = sample::kClient;
    EXPECT_FALSE(isWritten(Protocol::Sctp, Port{5000})) << "TCP and UDP alone are translated";
    EXPECT_TRUE(isWritten(Protocol::Tcp, Port{5000}));
}

TEST(Messages, HaveProtocolsThatAreTranslated) {
    MappingRequest mapping = sample::mapping();
    mapping.key.protocol = Protocol::Sctp;
    EXPECT_FALSE(written(mapping));
    EXPECT_FALSE(written(AnyMappingRequest{mapping}));
    EXPECT_FALSE(written(GetOutboundTimeout{Protocol::Gre}));
    RangeRequest range = sample::range();
    range.protocol = Protocol::Sctp;
    EXPECT_FALSE(written(ListMappings{range}));
    PinholeRequest pinhole = sample::pinhole();
    pinhole.key.protocol = Protocol::Esp;
    EXPECT_FALSE(written(pinhole));
    PeerRequest peer = sample::peer();
    peer.protocol = Protocol::Sctp;
    EXPECT_FALSE(written(peer));
    for (const std::uint8_t protocol : Octets{0, 50, 132, 255})
        EXPECT_FALSE(isReadWith(sample::mapping(), {17, 0x0c, 0x02}, {protocol, 0x0c, 0x02}));
    EXPECT_TRUE(isReadWith(sample::mapping(), {17, 0x0c, 0x02}, {6, 0x0c, 0x02}));
}

TEST(Messages, HaveLifetimesOf32Bits) {
    MappingRequest mapping = sample::mapping();
    mapping.lease = Seconds{0xffffffff};
    EXPECT_TRUE(written(mapping));
    for (const Seconds lease : {Seconds{0x100000000}, Seconds{-1}}) {
        mapping.lease = lease;
        EXPECT_FALSE(written(mapping));
    }
    const Octets hour{0, 0, 0, 0, 0, 0, 0x0e, 0x10};
    EXPECT_TRUE(isReadWith(sample::mapping(), hour, {0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}));
    EXPECT_FALSE(isReadWith(sample::mapping(), hour, {0, 0, 0, 1, 0, 0, 0, 0}));
    PortRequest map = sample::pcpMap();
    map.lifetime = Seconds{0};
    EXPECT_FALSE(written(map)) << "that is a release";
    PinholeRequest pinhole = sample::pinhole();
    pinhole.lease = Seconds{0};
    EXPECT_FALSE(written(pinhole));
    EXPECT_FALSE(written(PinholeUpdate{1, Seconds{0}, sample::kClient}));
}

TEST(Messages, HaveCleanTextThatIsNotTooLong) {
    MappingRequest mapping = sample::mapping();
    mapping.description = std::string(kMaxDescription, 'x');
    EXPECT_TRUE(written(mapping));
    for (const std::string& text : {std::string(kMaxDescription + 1, 'x'), std::string{"a\nb"},
                                    std::string{"\xff"}, std::string(1, '\0')}) {
        mapping.description = text;
        EXPECT_FALSE(written(mapping)) << text.size();
    }
    EXPECT_FALSE(isReadWith(sample::mapping(), {'a', ' ', 0xc3}, {'a', '\n', 0xc3}));
    EXPECT_FALSE(isReadWith(sample::mapping(), {'a', ' ', 0xc3, 0xa4}, {'a', ' ', 0xc3, ' '}));
}

TEST(Messages, HaveRangesThatGoUp) {
    RangeRequest range = sample::range();
    range.ports = {Port{2}, Port{1}};
    EXPECT_FALSE(written(DeleteMappings{range}));
    EXPECT_FALSE(isReadWith(ListMappings{sample::range()}, {6, 0, 0, 0xff, 0xff}, {6, 0, 1, 0, 0}));
    EXPECT_TRUE(isReadWith(ListMappings{sample::range()}, {6, 0, 0, 0xff, 0xff}, {6, 0, 1, 0, 1}));
}

TEST(Messages, NeverHaveAnAddressOfIpv4AsIpv6) {
    const Ipv6Address mapped = mappedAddress(sample::kClient);
    EXPECT_FALSE(written(PinholeRelease{8, mapped}));
    Octets from(sample::kClient6.bytes().begin(), sample::kClient6.bytes().end());
    const Octets to(mapped.bytes().begin(), mapped.bytes().end());
    EXPECT_FALSE(isReadWith(PinholeRelease{8, sample::kClient6}, from, to));
}

TEST(Messages, HaveSetsOfPortsThatThereAre) {
    PortRequest map = sample::pcpMap();
    const auto isWritten = [&](std::uint16_t first, std::uint16_t count) {
        map.internalPort = Port{first};
        map.portCount = count;
        return written(map).has_value();
    };
    EXPECT_TRUE(isWritten(1, 65535) && isWritten(65280, 256) && isWritten(65535, 1));
    EXPECT_FALSE(isWritten(65281, 256) || isWritten(2, 65535) || isWritten(5000, 0));
    map = sample::natPmpMap();
    EXPECT_FALSE(isWritten(5000, 2)) << "NAT-PMP has no sets";
}

TEST(Messages, HaveFiltersAsTheResponderPassesThemOn) {
    PortRequest map = sample::pcpMap();
    const auto isWritten = [&](const PeerFilter& filter) {
        map.filters = {filter};
        return written(map).has_value();
    };
    const auto network = parsePeerFilter("2001:db8::/32").value().remote;
    const auto ofIpv4 = parsePeerFilter("80.1.2.0/24@53").value();
    EXPECT_TRUE(isWritten({network, Port{53}}));
    EXPECT_FALSE(isWritten(ofIpv4)) << "its client is of IPv6";
    EXPECT_FALSE(isWritten({{Ipv6Address{}, 0}, Port{0}})) << "that is no filter";
    EXPECT_FALSE(isWritten({{network.address, 129}, Port{0}}));
    EXPECT_FALSE(isWritten({{network.address, 16}, Port{0}})) << "it is not masked";
    map.protocol = Protocol::Gre;
    map.internalPort = Port{0};
    map.portCount = 1;
    EXPECT_FALSE(isWritten({network, Port{53}})) << "GRE has no ports";
    EXPECT_TRUE(isWritten({network, Port{0}}));
    map.protocol = Protocol::Tcp;
    map.internalPort = Port{1};
    map.client = sample::kClient;
    EXPECT_TRUE(isWritten(ofIpv4));
    EXPECT_FALSE(isWritten({{ofIpv4.remote.address, 95}, Port{0}}));
    map.filters.assign(kMaxAskedFilters, ofIpv4);
    EXPECT_EQ(std::get<Call>(decodeToEngine(written(map).value()).value()).request,
              GatewayRequest{map});
}

TEST(Messages, HavePrefixesThatFit) {
    AddressesChanged changed = sample::addresses();
    changed.routed[0].length = 33;
    EXPECT_FALSE(encode(ToFrontEnd{changed}));
    changed = sample::addresses();
    changed.addresses6[0].length = 129;
    EXPECT_FALSE(encode(ToFrontEnd{changed}));
}

TEST(Messages, AreCutWhereThereAreBounds) {
    MappingView longest = sample::view();
    longest.description = std::string(kMaxDescription, 'x');
    const MappingViews many{std::vector(kMaxListed + 1, longest)};
    const auto views = decodeToFrontEnd(encode(ToFrontEnd{Answer{1, many}}).value());
    EXPECT_EQ(std::get<MappingViews>(std::get<Answer>(views.value()).reply),
              MappingViews{std::vector(kMaxListed, longest)});
    const Started started{1, std::string(2000, 'x')};
    EXPECT_EQ(decodeToEngine(encode(ToEngine{started}).value()),
              (ToEngine{Started{1, std::string(1024, 'x')}}));
    EXPECT_FALSE(encode(ToFrontEnd{ipc::Setup{std::string(kMaxMessage, 'x')}})) << "with its kind";
}

TEST(Messages, TellOfSocketsInCleanText) {
    SocketProblem problem{{false, {sample::kClient, Port{1900}}}, std::string(300, 'x')};
    const auto read = decodeToEngine(encode(ToEngine{Sockets{{}, {problem}}}).value());
    EXPECT_EQ(std::get<Sockets>(read.value()).problems.front().reason, std::string(256, 'x'));
    for (const auto* reason : {"\xff", "a\nb"}) {
        problem.reason = reason;
        EXPECT_FALSE(encode(ToEngine{Sockets{{}, {problem}}})) << reason;
    }
}

TEST(Messages, HaveNoMoreItemsThanTheirBound) {
    constexpr std::size_t kMost = 256;
    AddressesChanged changed;
    changed.routed6.assign(kMost + 40, {sample::kRemote6, 64});
    Octets bytes = encode(ToFrontEnd{changed}).value();
    const auto arrived = decodeToFrontEnd(bytes).value();
    EXPECT_EQ(std::get<AddressesChanged>(arrived).routed6.size(), kMost);
    constexpr std::size_t kCount = 1 + 3 * 2;  // 256, behind the kind and the counts of no others
    ASSERT_EQ(bytes[kCount], 1);
    ASSERT_EQ(bytes[kCount + 1], 0);
    bytes[kCount + 1] = 1;
    constexpr std::ptrdiff_t kBehind = 4;  // the boot id
    const Octets another(bytes.end() - kBehind - 17, bytes.end() - kBehind);
    bytes.insert(bytes.end() - kBehind, another.begin(), another.end());
    EXPECT_FALSE(decodeToFrontEnd(bytes));
}

}  // namespace
}  // namespace igd::ipc
