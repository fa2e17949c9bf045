// SPDX-License-Identifier: GPL-2.0-or-later
// The messages octet for octet, as nft itself sends them, and the kernel's answers. Lengths and
// kinds, which netlink has in the host's order, stand here as a little-endian machine writes them.
#include "nft/nft_message.h"

#include "rules.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <bit>
#include <sstream>
#include <utility>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

namespace igd::firewall {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Ipv4Prefix kClient{Ipv4Address{0xc0a8320a}, 32};

/// Octets from hexadecimal numbers.
NftMessage octets(const std::string& text) {
    NftMessage bytes;
    std::istringstream words{text};
    for (std::string word; words >> word;)
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(word, nullptr, 16)));
    return bytes;
}

std::string hex(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes) text += fmt::format("{:02x} ", byte);
    return text;
}

/// Turns length and kind of each attribute from a little-endian machine's order into this one's, or
/// back; both are the same but for where the length is read.
void turnAttributes(std::span<std::uint8_t> octets, bool fromLittle) {
    const std::size_t low = fromLittle ? 0 : 1;
    while (octets.size() >= sizeof(nlattr)) {
        const std::size_t size = octets[low] + 256U * octets[1 - low];
        const bool isNest = (octets[3 - low] & 0x80U) != 0;
        std::swap(octets[0], octets[1]);
        std::swap(octets[2], octets[3]);
        if (size < sizeof(nlattr) || size > octets.size()) return;
        if (isNest)
            turnAttributes(octets.subspan(sizeof(nlattr), size - sizeof(nlattr)), fromLittle);
        octets = octets.subspan(std::min<std::size_t>(octets.size(), NLA_ALIGN(size)));
    }
}

/// Turns a whole message: its header of five numbers, then attributes behind what nftables has.
NftMessage turned(NftMessage message, bool fromLittle) {
    if constexpr (std::endian::native == std::endian::little) return message;
    auto number = message.begin();
    for (const int size : {4, 2, 2, 4, 4}) {
        std::reverse(number, number + size);
        number += size;
    }
    turnAttributes(std::span{message}.subspan(sizeof(nlmsghdr) + sizeof(nfgenmsg)), fromLittle);
    return message;
}

/// Returns a message of this machine as a little-endian one has it.
std::string written(const NftMessage& message) {
    return hex(turned(message, false));
}

NftElement translation() {
    return {.set = {kNftTable, "dnat4"},
            .key = {Protocol::Udp, Port{3074}},
            .value = {kClient, Port{3075}},
            .timeout = Seconds{3602},
            .comment = "box"};
}

TEST(NftMessages, AddAnElementWithAllThatItHas) {
    EXPECT_EQ(written(addMessage(translation())),
              hex(octets("6c 00 00 00  0c 0a  01 04  00 00 00 00  00 00 00 00"  // NEWSETELEM
                         " 01 00 00 00"                                         // inet
                         " 0a 00 01 00  75 70 6e 70 64 00 00 00"                // upnpd
                         " 0a 00 02 00  64 6e 61 74 34 00 00 00"                // dnat4
                         " 40 00 03 80  3c 00 01 80"                            // elements, element
                         " 10 00 01 80  0c 00 01 00  11 00 00 00 0c 02 00 00"   // 17 . 3074
                         " 10 00 02 80  0c 00 01 00  c0 a8 32 0a 0c 03 00 00"   // address . 3075
                         " 0c 00 04 00  00 00 00 00 00 36 f6 50"                // 3602000 ms
                         " 0a 00 06 00  00 04 62 6f 78 00 00 00")));            // box
}

TEST(NftMessages, RemoveAnElementByItsKeyAlone) {
    const std::string text = written(removeMessage(translation()));
    EXPECT_EQ(text, hex(octets("44 00 00 00  0e 0a  01 00  00 00 00 00  00 00 00 00  01 00 00 00"
                               " 0a 00 01 00  75 70 6e 70 64 00 00 00"
                               " 0a 00 02 00  64 6e 61 74 34 00 00 00"
                               " 18 00 03 80  14 00 01 80"
                               " 10 00 01 80  0c 00 01 00  11 00 00 00 0c 02 00 00")));
}

TEST(NftMessages, TellTheEndOfOneThatIsThere) {
    NftElement renewed = translation();
    EXPECT_THAT(written(addMessage(renewed)), Not(HasSubstr("0c 00 05 00 ")));
    renewed.expires = renewed.timeout;
    EXPECT_THAT(written(addMessage(renewed)), HasSubstr("0c 00 05 00 00 00 00 00 00 36 f6 50 "));
}

TEST(NftMessages, HaveFirstAndLastKeyInASetOfIntervals) {
    const NftElement element{.set = {kNftTable, "dnat4_net_port", true},
                             .key = {Ipv4Prefix{Ipv4Address{0x50017f80}, 12}, Port{9}}};
    EXPECT_THAT(written(removeMessage(element)),
                HasSubstr("10 00 01 80 0c 00 01 00 50 00 00 00 00 09 00 00 "
                          "10 00 0a 80 0c 00 01 00 50 0f ff ff 00 09 00 00 "));
}

TEST(NftMessages, HaveFirstAndLastValueInAMapOfRanges) {
    const PortRange ports{Port{4000}, Port{4255}};
    const NftElement element{.set = {kNftTable, "dnat4_sets", true, true},
                             .key = {PortRange{Port{0}, Port{65535}}, ports},
                             .value = {kClient, ports}};
    const std::string text = written(addMessage(element));
    EXPECT_THAT(text, HasSubstr("00 00 00 00 0f a0 00 00 "));
    EXPECT_THAT(text, HasSubstr("ff ff 00 00 10 9f 00 00 "));
    EXPECT_THAT(text, HasSubstr("c0 a8 32 0a 0f a0 00 00 c0 a8 32 0a 10 9f 00 00 "));
}

TEST(NftMessages, HaveNetworksOfIpv6Too) {
    const NftElement element{
        .set = {kPinholeTable, "mapped", true},
        .key = {Ipv6Prefix{*parseIpv6Address("2001:db8:ffff::1"), 33},
                Ipv6Prefix{*parseIpv6Address("2001:db8::10"), 128}, Protocol::Gre, Port{0}}};
    const std::string text = written(questionMessage(element));
    EXPECT_THAT(text, HasSubstr(" 0a 00 00 00 "));  // the family ip6
    EXPECT_THAT(text, HasSubstr("20 01 0d b8 80 00 00 00 00 00 00 00 00 00 00 00 "
                                "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 10 "
                                "2f 00 00 00 00 00 00 00 "));
    EXPECT_THAT(text, HasSubstr("20 01 0d b8 ff ff ff ff ff ff ff ff ff ff ff ff "
                                "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 10 "
                                "2f 00 00 00 00 00 00 00 "));
}

TEST(NftMessages, DoNotPadAKeyOrValueOfOneField) {
    const NftElement element{
        .set = {kNftTable, "ports"}, .key = {kClient, Port{1}}, .value = {Port{3074}}};
    EXPECT_THAT(written(addMessage(element)), HasSubstr("0c 00 02 80 06 00 01 00 0c 02 00 00 "));
}

TEST(NftMessages, CoverAllOrNothingOfAPrefix) {
    const NftElement any{.set = {kNftTable, "dnat4_net", true}, .key = {Ipv4Prefix{}}};
    EXPECT_THAT(written(removeMessage(any)), HasSubstr("08 00 01 00 00 00 00 00 "));
    EXPECT_THAT(written(removeMessage(any)), HasSubstr("08 00 01 00 ff ff ff ff "));
}

TEST(NftMessages, ClearASetByNamingNoElement) {
    EXPECT_EQ(written(clearMessage(kExternalSet)),
              hex(octets("30 00 00 00  0e 0a  01 00  00 00 00 00  00 00 00 00  01 00 00 00"
                         " 0a 00 01 00  75 70 6e 70 64 00 00 00"
                         " 0e 00 02 00  65 78 74 65 72 6e 61 6c 34 00 00 00")));
}

TEST(NftMessages, FrameABatch) {
    EXPECT_EQ(written(beginMessage()),
              hex(octets("14 00 00 00  10 00  01 00  00 00 00 00  00 00 00 00  00 00 00 0a")));
    EXPECT_EQ(written(endMessage()),
              hex(octets("14 00 00 00  11 00  01 00  00 00 00 00  00 00 00 00  00 00 00 0a")));
}

/// Returns the answer about an element with a counter, a timeout and an end.
NftMessage answer() {
    const NftMessage little = octets(
        "84 00 00 00  0c 0a  00 00  00 00 00 00  00 00 00 00  0a 00 00 12"
        " 0a 00 01 00  75 70 6e 70 64 00 00 00"
        " 08 00 02 00  73 65 74 00"
        " 5c 00 03 80  58 00 01 80"
        " 0c 00 01 80  06 00 01 00  00 01 00 00"
        " 0c 00 04 00  00 00 00 00 00 03 0d 40"
        " 0c 00 05 00  00 00 00 00 00 01 86 a0"
        " 30 00 07 80"
        " 0c 00 01 00  63 6f 75 6e 74 65 72 00"
        " 20 00 02 80"
        " 0c 00 01 00  00 00 00 00 00 00 03 84"
        " 0c 00 02 00  00 00 00 00 00 00 00 0c"
        " 04 00 03 00");
    return turned(little, true);
}

TEST(NftMessages, AreReadForCounterAndEnd) {
    EXPECT_EQ(packetsIn(answer()), 12U);
    EXPECT_EQ(timeLeftIn(answer()), std::chrono::milliseconds{100000});
}

TEST(NftMessages, ThatAreCutOrOfAnotherKindHaveNeither) {
    const NftMessage whole = answer();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const NftMessage cut{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)};
        EXPECT_FALSE(packetsIn(cut)) << size;
        EXPECT_FALSE(timeLeftIn(cut)) << size;
    }
    NftMessage other = answer();
    other[std::endian::native == std::endian::little ? 4 : 5] = NFT_MSG_NEWSET;
    EXPECT_FALSE(packetsIn(other));
}

}  // namespace
}  // namespace igd::firewall
