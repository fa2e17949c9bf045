// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/external/stun_message.h"

#include "upnpd/net/bytes.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd::stun {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint32_t kMagicCookie = 0x2112a442;
constexpr std::size_t kHeaderSize = 20;
constexpr std::size_t kAttributeHeaderSize = 4;
/// The CRC of FINGERPRINT is exclusive-ored with this value (section 14.7).
constexpr std::uint32_t kFingerprintMask = 0x5354554e;
constexpr std::uint16_t kFingerprintLength = 4;
constexpr std::size_t kLongestReason = 80;

enum MessageType : std::uint16_t {
    BindingRequest = 0x0001,
    BindingSuccess = 0x0101,
    BindingError = 0x0111
};

/// The attribute types (section 18.3).
enum AttributeType : std::uint16_t {
    MappedAddress = 0x0001,
    SourceAddress = 0x0004,   // of RFC 3489, whose servers still write it
    ChangedAddress = 0x0005,  // likewise
    Username = 0x0006,
    MessageIntegrity = 0x0008,
    ErrorCode = 0x0009,
    UnknownAttributes = 0x000a,
    Realm = 0x0014,
    Nonce = 0x0015,
    MessageIntegritySha256 = 0x001c,
    PasswordAlgorithm = 0x001d,
    UserHash = 0x001e,
    XorMappedAddress = 0x0020,
    Fingerprint = 0x8028,
};

constexpr std::uint16_t kFirstOptional = 0x8000;

/// Attributes of the comprehension-required range that may be passed over: they change nothing for
/// a client without credentials.
constexpr std::array<std::uint16_t, 13> kUnderstood{
    MappedAddress,     SourceAddress, ChangedAddress,  Username,          MessageIntegrity,
    ErrorCode,         Realm,         Nonce,           UnknownAttributes, MessageIntegritySha256,
    PasswordAlgorithm, UserHash,      XorMappedAddress};

/// Returns the CRC of ITU-T V.42, as in Ethernet and zlib.
std::uint32_t crc32(Bytes bytes) {
    std::uint32_t crc = 0xffffffff;
    for (const std::uint8_t byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
    }
    return ~crc;
}

Problem notOurs(std::string text) {
    return {Problem::Kind::NotOurs, std::move(text)};
}
Problem refused(std::string text) {
    return {Problem::Kind::Refused, std::move(text)};
}

struct Attribute {
    std::uint16_t type{};
    std::size_t at{};  ///< where it begins in the message
    Bytes value;
};

/// Returns the attributes: type, length, value, padding to four octets (section 14). nullopt when
/// one runs over the end.
std::optional<std::vector<Attribute>> attributesOf(Bytes message) {
    std::vector<Attribute> attributes;
    for (std::size_t at = kHeaderSize; at < message.size();) {
        if (message.size() - at < kAttributeHeaderSize) return std::nullopt;
        ByteReader in{message.subspan(at, kAttributeHeaderSize)};
        const std::uint16_t type = in.u16();
        const std::size_t length = in.u16();
        const std::size_t padded = (length + 3) / 4 * 4;
        if (padded > message.size() - at - kAttributeHeaderSize) return std::nullopt;
        attributes.push_back({type, at, message.subspan(at + kAttributeHeaderSize, length)});
        at += kAttributeHeaderSize + padded;
    }
    return attributes;
}

/// Drops unprotected attributes: behind an integrity attribute nothing counts but the other one and
/// FINGERPRINT (sections 14.5 and 14.6).
void dropWhatIsNotProtected(std::vector<Attribute>& attributes) {
    const auto isIntegrity = [](const Attribute& each) {
        return each.type == MessageIntegrity || each.type == MessageIntegritySha256;
    };
    const auto first = std::ranges::find_if(attributes, isIntegrity);
    attributes.erase(std::remove_if(first, attributes.end(),
                                    [&](const Attribute& each) {
                                        return !isIntegrity(each) && each.type != Fingerprint;
                                    }),
                     attributes.end());
}

/// Returns the first attribute of that type, the only one that counts (section 14).
const Attribute* find(const std::vector<Attribute>& attributes, std::uint16_t type) {
    const auto found = std::ranges::find(attributes, type, &Attribute::type);
    return found == attributes.end() ? nullptr : &*found;
}

/// Checks FINGERPRINT, the last attribute, over all that is in front of it (section 14.7). Returns
/// true when there is none.
bool fingerprintFits(Bytes message, const std::vector<Attribute>& attributes) {
    const Attribute* const fingerprint = find(attributes, Fingerprint);
    if (fingerprint == nullptr) return true;
    if (fingerprint->value.size() != kFingerprintLength || fingerprint != &attributes.back())
        return false;
    ByteReader in{fingerprint->value};
    return in.u32() == (crc32(message.first(fingerprint->at)) ^ kFingerprintMask);
}

/// Reads an address (sections 14.1 and 14.2). It is exclusive-ored with `key`, which is zeros for
/// MAPPED-ADDRESS.
std::optional<IpEndpoint> addressIn(Bytes value, const std::array<std::uint8_t, 16>& key) {
    constexpr std::uint8_t kIpv4 = 1;
    constexpr std::uint8_t kIpv6 = 2;
    constexpr std::size_t kAddressAt = 4;
    ByteReader in{value};
    const std::uint8_t family = in.skip(1).u8();
    const auto port = static_cast<std::uint16_t>(in.u16() ^ (key[0] << 8 | key[1]));
    const std::size_t size = family == kIpv4 ? 4 : 16;
    if ((family != kIpv4 && family != kIpv6) || value.size() != kAddressAt + size)
        return std::nullopt;
    Ipv6Address::Bytes octets{};
    for (std::size_t i = 0; i < size; ++i) octets[i] = value[kAddressAt + i] ^ key[i];
    if (family == kIpv6) return IpEndpoint{Ipv6Address{octets}, Port{port}};
    ByteReader four{Bytes{octets}.first(4)};
    return IpEndpoint{Ipv4Address{four.u32()}, Port{port}};
}

/// Returns the cookie followed by the transaction id.
std::array<std::uint8_t, 16> keyOf(const TransactionId& id) {
    std::array<std::uint8_t, 16> key{};
    ByteWriter cookie;
    cookie.u32(kMagicCookie);
    std::ranges::copy(id, std::ranges::copy(cookie.bytes(), key.begin()).out);
    return key;
}

tl::expected<IpEndpoint, Problem> mappedAddress(const std::vector<Attribute>& attributes,
                                                const TransactionId& id) {
    const Attribute* const plain = find(attributes, MappedAddress);
    const Attribute* const masked = find(attributes, XorMappedAddress);
    if (plain == nullptr && masked == nullptr)
        return tl::unexpected(refused("the answer holds no address"));
    const auto address =
        masked != nullptr ? addressIn(masked->value, keyOf(id)) : addressIn(plain->value, {});
    if (!address) return tl::unexpected(refused("the answer holds what is no address"));
    return *address;
}

/// Reads ERROR-CODE: three digits, and words for people (section 14.8).
Problem errorOf(const std::vector<Attribute>& attributes) {
    constexpr unsigned kTryAlternate = 300;
    constexpr std::size_t kReasonAt = 4;
    const Attribute* const error = find(attributes, ErrorCode);
    if (error == nullptr || error->value.size() < kReasonAt)
        return refused("the server refuses, and does not say why");
    const unsigned hundreds = error->value[2] & 7U;
    const unsigned code = hundreds * 100 + error->value[3];
    if (code == kTryAlternate)
        return refused(
            "the server sends us to another one (300 Try Alternate), where nobody follows it");
    const Bytes reason = error->value.subspan(kReasonAt);
    return refused(fmt::format("the server refuses: error {} {}", code,
                               quoted(std::string{reason.begin(), reason.end()}, kLongestReason)));
}

/// Returns why `datagram` is no answer to that request (sections 5 and 6.3); nullopt: it is one.
std::optional<Problem> strangeness(Bytes datagram, const TransactionId& id) {
    ByteReader in{datagram};
    const std::uint16_t type = in.u16();
    const std::size_t length = in.u16();
    const std::uint32_t cookie = in.u32();
    if (!in.ok() || datagram.size() < kHeaderSize || cookie != kMagicCookie ||
        length != datagram.size() - kHeaderSize || length % 4 != 0)
        return notOurs("no message of STUN");
    if (!std::ranges::equal(datagram.subspan(8, id.size()), id))
        return notOurs("of another transaction");
    if (type != BindingSuccess && type != BindingError)
        return notOurs("no answer to a Binding request");
    return std::nullopt;
}

}  // namespace

std::vector<std::uint8_t> bindingRequest(const TransactionId& id) {
    ByteWriter out;
    out.u16(BindingRequest).u16(kAttributeHeaderSize + kFingerprintLength).u32(kMagicCookie);
    for (const std::uint8_t octet : id) out.u8(octet);
    const std::uint32_t fingerprint = crc32(out.bytes()) ^ kFingerprintMask;
    out.u16(Fingerprint).u16(kFingerprintLength).u32(fingerprint);
    return out.bytes();
}

tl::expected<IpEndpoint, Problem> decodeResponse(Bytes datagram, const TransactionId& id) {
    if (auto problem = strangeness(datagram, id)) return tl::unexpected(std::move(*problem));
    auto attributes = attributesOf(datagram);
    if (!attributes) return tl::unexpected(notOurs("an attribute runs over the end"));
    if (!fingerprintFits(datagram, *attributes))
        return tl::unexpected(notOurs("its FINGERPRINT is wrong"));
    dropWhatIsNotProtected(*attributes);
    const auto unknown = std::ranges::find_if(*attributes, [](const Attribute& each) {
        return each.type < kFirstOptional &&
               std::ranges::find(kUnderstood, each.type) == kUnderstood.end();
    });
    if (unknown != attributes->end())  // sections 6.3.3 and 6.3.4: the transaction has failed
        return tl::unexpected(refused(fmt::format(
            "the answer asks for what is not understood (attribute {:#06x})", unknown->type)));
    if (datagram[0] == BindingError >> 8 && datagram[1] == (BindingError & 0xff))
        return tl::unexpected(errorOf(*attributes));
    return mappedAddress(*attributes, id);
}

std::optional<std::chrono::milliseconds> waitAfter(unsigned sent) {
    constexpr std::chrono::milliseconds kFirst{500};  // RTO
    constexpr unsigned kTimes = 7;                    // Rc
    constexpr unsigned kLast = 16;                    // Rm
    if (sent == 0 || sent > kTimes) return std::nullopt;
    return sent == kTimes ? kFirst * kLast : kFirst * (1U << (sent - 1));
}

}  // namespace igd::stun
