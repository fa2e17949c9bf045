// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/supervisor/front_end_setup.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

DeviceIdentity identity() {
    return {.uuid = "01234567-89ab-cdef-0123-456789abcdef",
            .friendlyName = "a router",
            .manufacturer = "b",
            .manufacturerUrl = "c",
            .modelName = "d",
            .modelNumber = "e",
            .modelDescription = "f\xc3\xa4",
            .modelUrl = "g",
            .serialNumber = "h",
            .presentationUrl = "i",
            .profile = {IgdVersion::One, true}};
}

GateLimits limits() {
    return {.connectionsPerPeer = 1,
            .connectionsTotal = 2,
            .headerBytes = 3,
            .bodyBytes = 4,
            .requestTime = Seconds{5},
            .requestsPerSecondPerPeer = 6,
            .requestsPerSecond = 7,
            .subscriptionsPerPeer = 8,
            .subscriptionsTotal = 9,
            .searchesPerSecondPerPeer = 10,
            .searchesPerSecond = 11};
}

pcp::ResponderConfig protocols() {
    return {.natPmp = false,
            .pcp = false,
            .hidePrivateAddress = true,
            .thirdParties = {{parseIpv6Address("2001:db8::").value(), 32},
                             {mappedAddress(Ipv4Address{0xc0a80102}), 128}}};
}

GatewayStatus status() {
    GatewayStatus status;
    status.serial = 7;
    status.linkUp = true;
    status.externalAddress = Ipv4Address{0x50646401};
    status.epochStart = TimePoint{Clock::duration{1234567890}};
    return status;
}

/// No field is at its default.
FrontEndSetup setup() {
    return {.logTarget = log::Target::Syslog,
            .debugMode = 3,
            .upnp = false,
            .trial = true,
            .metrics = IpEndpoint{Ipv4Address{0x7f000001}, Port{9912}},
            .server = {.lan = {.interface = InterfaceName::parse("br-lan").value(),
                               .addresses = {{Ipv4Address{0xc0a80101}, 24}}},
                       .httpPort = 49152,
                       .identity = identity(),
                       .limits = limits(),
                       .bootId = 1786380549,
                       .pageHash = "$y$j9T$x"},
            .portControl = {.protocols = protocols(),
                            .requestsPerSecond = 12,
                            .legacyAnnouncements = true},
            .status = status(),
            .answersUntil = TimePoint{Seconds{99}}};
}

TEST(FrontEndSetup, ArrivesWhole) {
    EXPECT_EQ(decodeFrontEndSetup(encode(setup())), setup());
    FrontEndSetup other = setup();
    other.status.externalAddress.reset();
    other.portControl.protocols.thirdParties.clear();
    other.server.identity.profile = {IgdVersion::Two, false};
    other.server.identity.announced = IgdVersion::One;
    EXPECT_EQ(decodeFrontEndSetup(encode(other)), other);
}

TEST(AdvertiserSetup, ArrivesWholeOrNotAtAll) {
    const AdvertiserSetup whole{.logTarget = log::Target::Syslog,
                                .debugMode = 3,
                                .lan = setup().server.lan,
                                .httpPort = Port{49152},
                                .identity = identity(),
                                .bootId = 1786380549,
                                .byebye = true};
    std::string text = encode(whole);
    EXPECT_EQ(decodeAdvertiserSetup(text), whole);
    EXPECT_FALSE(decodeAdvertiserSetup(text + '\0'));
    while (!text.empty()) {
        text.pop_back();
        EXPECT_FALSE(decodeAdvertiserSetup(text)) << text.size();
    }
    AdvertiserSetup other = whole;
    other.httpPort = Port{0};
    EXPECT_EQ(encode(other), "");
    other = whole;
    other.lan.addresses.clear();
    EXPECT_EQ(encode(other), "") << "there is nothing to announce it from";
    other.lan.addresses6 = {{parseIpv6Address("2001:db8::1").value(), 64}};
    EXPECT_EQ(decodeAdvertiserSetup(encode(other)), other);
}

TEST(FrontEndSetup, IsRefusedWhenCutOrLengthened) {
    std::string text = encode(setup());
    EXPECT_FALSE(decodeFrontEndSetup(text + '\0'));
    while (!text.empty()) {
        text.pop_back();
        EXPECT_FALSE(decodeFrontEndSetup(text)) << text.size();
    }
}

TEST(FrontEndSetup, WithABitFlippedIsRefusedOrMeansThoseOctets) {
    const std::string text = encode(setup());
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
        std::string flipped = text;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
        const auto other = decodeFrontEndSetup(flipped);
        if (!other) continue;
        EXPECT_NE(*other, setup()) << bit;
        EXPECT_EQ(encode(*other), flipped) << bit;
    }
}

TEST(FrontEndSetup, CutsTextsThatAreTooLong) {
    FrontEndSetup longer = setup();
    longer.server.identity.modelName = std::string(2000, 'x');
    FrontEndSetup cut = longer;
    cut.server.identity.modelName.resize(1024);
    EXPECT_EQ(decodeFrontEndSetup(encode(longer)), cut);
}

TEST(FrontEndSetup, IsNoneWithAValueThatIsNotAllowed) {
    FrontEndSetup bad = setup();
    bad.debugMode = 4;
    EXPECT_EQ(encode(bad), "");
    bad = setup();
    bad.server.lan.addresses.front().length = 33;
    EXPECT_EQ(encode(bad), "");
    bad = setup();
    bad.server.identity.profile.version = IgdVersion{0};
    EXPECT_EQ(encode(bad), "");
    bad = setup();
    bad.server.identity.announced = IgdVersion{3};
    EXPECT_EQ(encode(bad), "");
    EXPECT_FALSE(decodeFrontEndSetup(""));
}

}  // namespace
}  // namespace igd
