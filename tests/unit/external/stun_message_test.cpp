// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/external/stun_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <string>

namespace igd::stun {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

Bytes hex(std::string_view text) {
    Bytes bytes;
    std::string digits;
    for (const char c : text) {
        if (c == ' ') continue;
        digits += c;
        if (digits.size() < 2) continue;
        bytes.push_back(static_cast<std::uint8_t>(std::stoul(digits, nullptr, 16)));
        digits.clear();
    }
    return bytes;
}

/// That of RFC 5769.
constexpr TransactionId kId{0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae};

// Section 2.2: 192.0.2.1 port 32853.
const Bytes kIpv4Response =
    hex("0101003c 2112a442 b7e7a701bc34d686fa87dfae "
        "8022000b 7465737420766563746f7220 "
        "00200008 0001a147 e112a643 "
        "00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7 "
        "80280004 c07d4c96");
// Section 2.3: 2001:db8:1234:5678:11:2233:4455:6677 port 32853.
const Bytes kIpv6Response =
    hex("01010048 2112a442 b7e7a701bc34d686fa87dfae "
        "8022000b 7465737420766563746f7220 "
        "00200014 0002a147 0113a9faa5d3f179bc25f4b5bed2b9d9 "
        "00080014 a382954e4be67bf11784c97c8292c275bfe3ed41 "
        "80280004 c8fb0b4c");

/// A message with that type and those attributes, without FINGERPRINT.
Bytes message(std::string_view type, std::string_view attributes) {
    const Bytes inside = hex(attributes);
    Bytes result = hex(type);
    result.push_back(static_cast<std::uint8_t>(inside.size() >> 8));
    result.push_back(static_cast<std::uint8_t>(inside.size()));
    for (const std::uint8_t octet : hex("2112a442")) result.push_back(octet);
    result.insert(result.end(), kId.begin(), kId.end());
    result.insert(result.end(), inside.begin(), inside.end());
    return result;
}

std::string textOf(const Bytes& datagram) {
    const auto address = decodeResponse(datagram, kId);
    if (address) return toString(*address);
    const bool isOurs = address.error().kind == Problem::Kind::Refused;
    return (isOurs ? "refused: " : "not ours: ") + address.error().text;
}

constexpr std::string_view kXorMapped = "00200008 0001a147 e112a643";
constexpr std::string_view kMapped = "00010008 00018055 c0000202";

TEST(StunMessage, TheRequestIsAsTheStandardDrawsIt) {
    // The FINGERPRINT of it was computed with another program (zlib.crc32 of the first 20 octets).
    EXPECT_EQ(bindingRequest(kId),
              hex("00010008 2112a442 b7e7a701bc34d686fa87dfae 80280004 fdf6ae02"));
}

TEST(StunMessage, VectorsOfRfc5769) {
    EXPECT_EQ(textOf(kIpv4Response), "192.0.2.1:32853");
    EXPECT_EQ(textOf(kIpv6Response), "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
}

TEST(StunMessage, EveryCutOfAVectorIsDropped) {
    for (const Bytes& whole : {kIpv4Response, kIpv6Response})
        for (std::size_t size = 0; size < whole.size(); ++size) {
            Bytes cut{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)};
            EXPECT_EQ(textOf(cut), "not ours: no message of STUN") << size;
            if (size < 20) continue;
            cut[2] = 0;  // its length made right
            cut[3] = static_cast<std::uint8_t>(size - 20);
            const auto address = decodeResponse(cut, kId);
            // The part in front of MESSAGE-INTEGRITY or of FINGERPRINT is a message, too.
            const std::size_t integrity = whole.size() - 32;
            const bool isMessage = size == integrity || size == whole.size() - 8;
            EXPECT_EQ(address.has_value(), isMessage) << size;
        }
}

TEST(StunMessage, AnyChangedBitIsSeenByTheFingerprint) {
    for (std::size_t bit = 0; bit < kIpv4Response.size() * 8; ++bit) {
        Bytes changed = kIpv4Response;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        const auto address = decodeResponse(changed, kId);
        // FINGERPRINT is another attribute then, or inside of one in front of it that became
        // longer.
        const std::size_t type = kIpv4Response.size() - 8;
        if (bit / 8 == type || bit / 8 == type + 1 || bit == 39 * 8 + 5 || bit == 51 * 8 + 3)
            continue;
        ASSERT_FALSE(address) << bit;
        EXPECT_EQ(address.error().kind, Problem::Kind::NotOurs) << bit;
    }
}

TEST(StunMessage, XorMappedAddressIsPreferred) {
    EXPECT_EQ(textOf(message("0101", std::string{kMapped} + std::string{kXorMapped})),
              "192.0.2.1:32853");
    EXPECT_EQ(textOf(message("0101", kXorMapped)), "192.0.2.1:32853");
    EXPECT_EQ(textOf(message("0101", kMapped)), "192.0.2.2:32853");
    EXPECT_EQ(textOf(message("0101", std::string{kXorMapped} + " 00200008 00010000 00000000")),
              "192.0.2.1:32853")
        << "the first counts";
}

TEST(StunMessage, AnAddressHasTheSizeOfItsFamily) {
    for (const char* value :
         {"00200008 0003a147 e112a643", "00200008 0002a147 e112a643", "00200004 0001a147",
          "00200014 0001a147 0113a9faa5d3f179bc25f4b5bed2b9d9", "00200000",
          "00010008 00000000 00000000"})
        EXPECT_EQ(textOf(message("0101", value)), "refused: the answer holds what is no address")
            << value;
    EXPECT_EQ(textOf(message("0101", "")), "refused: the answer holds no address");
}

TEST(StunMessage, ErrorsAreRefusals) {
    EXPECT_EQ(textOf(message("0111", "00090010 00000500 53657276657220457272 6f0a")),
              R"(refused: the server refuses: error 500 "Server Erro\x0a")");
    EXPECT_THAT(textOf(message("0111", "00090004 0000031b")), testing::HasSubstr("error 327"));
    EXPECT_THAT(textOf(message("0111", "00090004 00000300 80230008 0001 0d96 c0000203")),
                testing::HasSubstr("300 Try Alternate"));
    for (const char* value : {"", "00090000", "00090002 00000000"})
        EXPECT_EQ(textOf(message("0111", value)),
                  "refused: the server refuses, and does not say why")
            << value;
    EXPECT_THAT(textOf(message("0111", kXorMapped)), testing::StartsWith("refused: "));
}

TEST(StunMessage, WhatMustBeUnderstoodIs) {
    EXPECT_EQ(textOf(message("0101", std::string{kXorMapped} + " 00030004 00000000")),
              "refused: the answer asks for what is not understood (attribute 0x0003)");
    EXPECT_EQ(textOf(message("0111", "7fff0000 00090004 00000401")),
              "refused: the answer asks for what is not understood (attribute 0x7fff)");
    EXPECT_EQ(textOf(message("0101", "80000000 ffff0001 aa000000" + std::string{kXorMapped})),
              "192.0.2.1:32853")
        << "may be passed over";
    EXPECT_EQ(textOf(message("0101", "00040008 00010d96 c0000201 00050008 00010d97 c0000202" +
                                         std::string{kMapped})),
              "192.0.2.2:32853")
        << "as servers of RFC 3489 write them";
}

TEST(StunMessage, NothingBehindTheIntegrityCounts) {
    const std::string integrity = "00080014 0000000000000000000000000000000000000000 ";
    EXPECT_EQ(textOf(message("0101", integrity + std::string{kXorMapped})),
              "refused: the answer holds no address");
    EXPECT_EQ(textOf(message("0101", std::string{kXorMapped} + integrity + "00030000")),
              "192.0.2.1:32853");
}

TEST(StunMessage, StrangersAreDropped) {
    EXPECT_EQ(textOf({}), "not ours: no message of STUN");
    EXPECT_EQ(textOf(bindingRequest(kId)), "not ours: no answer to a Binding request");
    EXPECT_EQ(textOf(message("0011", kXorMapped)), "not ours: no answer to a Binding request")
        << "an indication";
    EXPECT_EQ(textOf(message("0102", kXorMapped)), "not ours: no answer to a Binding request")
        << "of another method";
    EXPECT_EQ(textOf(message("c101", kXorMapped)), "not ours: no answer to a Binding request");
    Bytes cookieless = message("0101", kXorMapped);
    cookieless[4] ^= 1;
    EXPECT_EQ(textOf(cookieless), "not ours: no message of STUN");
    EXPECT_EQ(textOf(message("0101", "00200008 0001a147")),
              "not ours: an attribute runs over the end");
    EXPECT_EQ(textOf(message("0101", "0020fff0 0001a147 e112a643")),
              "not ours: an attribute runs over the end");
    TransactionId other = kId;
    other[11] ^= 1;
    const auto address = decodeResponse(kIpv4Response, other);
    ASSERT_FALSE(address);
    EXPECT_EQ(address.error().text, "of another transaction");
}

TEST(StunMessage, AFingerprintIsTheLastAttribute) {
    Bytes followed = kIpv4Response;
    followed[3] += 4;
    for (const std::uint8_t octet : hex("80220000")) followed.push_back(octet);
    EXPECT_EQ(textOf(followed), "not ours: its FINGERPRINT is wrong");
}

TEST(StunMessage, ItIsAskedSevenTimesIn39SecondsAndAHalf) {
    std::vector<std::chrono::milliseconds> waits;
    for (unsigned sent = 1; const auto wait = waitAfter(sent); ++sent) waits.push_back(*wait);
    EXPECT_THAT(waits, testing::ElementsAre(500ms, 1s, 2s, 4s, 8s, 16s, 8s));
    EXPECT_EQ(std::accumulate(waits.begin(), waits.end(), 0ms), 39500ms);
    EXPECT_FALSE(waitAfter(0));
    EXPECT_FALSE(waitAfter(1000));
}

}  // namespace
}  // namespace igd::stun
