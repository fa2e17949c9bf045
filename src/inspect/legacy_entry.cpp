// SPDX-License-Identifier: GPL-2.0-or-later
#include "legacy_entry.h"

#include <algorithm>
#include <array>

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

namespace igd::inspect::xt {
namespace {

using Octets = std::span<const std::byte>;

/// Returns the text up to its NUL; nullopt: it has none.
std::optional<std::string_view> textOf(Octets octets) {
    const auto end = std::ranges::find(octets, std::byte{0});
    if (end == octets.end()) return std::nullopt;
    return std::string_view{reinterpret_cast<const char*>(octets.data()),
                            static_cast<std::size_t>(end - octets.begin())};
}

/// Matches and targets begin alike: size, name, revision.
struct ExtensionHeader {
    static constexpr std::size_t kSize = sizeof(xt_entry_match);
    static constexpr std::size_t kName = 2;
    static constexpr std::size_t kRevision = kName + XT_EXTENSION_MAXNAMELEN;
};
static_assert(sizeof(xt_entry_target) == ExtensionHeader::kSize);

/// Returns the extension at the start of `octets` and its size; nullopt: there is none.
std::optional<std::pair<Extension, std::size_t>> extensionAt(Octets octets) {
    const auto size = infoOf<std::uint16_t>(octets);
    if (!size || *size < ExtensionHeader::kSize || *size > octets.size()) return std::nullopt;
    const auto name = textOf(octets.subspan(ExtensionHeader::kName, XT_EXTENSION_MAXNAMELEN));
    if (!name) return std::nullopt;
    const auto revision = static_cast<std::uint8_t>(octets[ExtensionHeader::kRevision]);
    return std::pair{
        Extension{*name, revision,
                  octets.subspan(ExtensionHeader::kSize, *size - ExtensionHeader::kSize)},
        std::size_t{*size}};
}

/// The name of an interface, or the beginning of one; `mask` says which octets count.
void interface(const Rule& rule, Field field, const char (&name)[IFNAMSIZ],
               const unsigned char (&mask)[IFNAMSIZ], bool inverted) {
    Word word;
    Word bits;
    std::ranges::copy(name, word.octets.begin());
    std::ranges::copy(mask, bits.octets.begin());
    if (bits == Word{} && !inverted) return;
    word = word & bits;
    const auto length = std::ranges::find(word.octets, 0) - word.octets.begin();
    const auto counted = std::ranges::find(bits.octets, 0) - bits.octets.begin();
    const bool simple = std::all_of(bits.octets.begin(), bits.octets.begin() + counted,
                                    [](std::uint8_t octet) { return octet == 0xff; }) &&
                        std::all_of(bits.octets.begin() + counted, bits.octets.end(),
                                    [](std::uint8_t octet) { return octet == 0; });
    if (!simple) return rule.add(Comparison{field, inverted, bits, word, word});
    const Word last = counted > length ? word : word | (bits ^ kAllOnes);
    rule.add(Comparison{field, inverted, kAllOnes, word, last});
}

template <class Address>
void address(const Rule& rule, Field field, const Address& value, const Address& mask,
             bool inverted) {
    nf_inet_addr wide{};
    nf_inet_addr bits{};
    std::memcpy(&wide, &value, sizeof value);
    std::memcpy(&bits, &mask, sizeof mask);
    const Word word = wordOf(wide, rule.ipv6);
    const Word maskWord = wordOf(bits, rule.ipv6);
    if (maskWord == Word{} && word == Word{} && !inverted) return;
    rule.add(Comparison{field, inverted, maskWord, word, word});
}

/// IPv4 and IPv6 number these alike.
constexpr unsigned kInverseIn = IPT_INV_VIA_IN, kInverseOut = IPT_INV_VIA_OUT,
                   kInverseSource = IPT_INV_SRCIP, kInverseDestination = IPT_INV_DSTIP,
                   kInverseProtocol = XT_INV_PROTO;
static_assert(IP6T_INV_VIA_IN == kInverseIn && IP6T_INV_VIA_OUT == kInverseOut &&
              IP6T_INV_SRCIP == kInverseSource && IP6T_INV_DSTIP == kInverseDestination);

template <class Header>
void ends(const Rule& rule, const Header& header) {
    const auto inverted = [&](unsigned flag) { return (header.invflags & flag) != 0; };
    interface(rule, Field::InInterface, header.iniface, header.iniface_mask, inverted(kInverseIn));
    interface(rule, Field::OutInterface, header.outiface, header.outiface_mask,
              inverted(kInverseOut));
    address(rule, fieldOf(rule.ipv6, Field::Source4, Field::Source6), header.src, header.smsk,
            inverted(kInverseSource));
    address(rule, fieldOf(rule.ipv6, Field::Destination4, Field::Destination6), header.dst,
            header.dmsk, inverted(kInverseDestination));
}

void protocol(const Rule& rule, std::uint16_t number, unsigned inverseFlags) {
    rule.add(
        within(Field::TransportProtocol, number, number, (inverseFlags & kInverseProtocol) != 0));
}

void conditions4(const Rule& rule, const ipt_ip& header) {
    ends(rule, header);
    if (header.proto != 0) protocol(rule, header.proto, header.invflags);
    if ((header.flags & IPT_F_FRAG) == 0) return;
    constexpr std::uint64_t kOffset = 0x1fff;  // of the fragment word (RFC 791)
    rule.add(masked(Field::Fragment, kOffset, 0, (header.invflags & IPT_INV_FRAG) == 0));
}

void conditions6(const Rule& rule, const ip6t_ip6& header) {
    ends(rule, header);
    if ((header.flags & IP6T_F_PROTO) != 0 && header.proto != 0)
        protocol(rule, header.proto, header.invflags);
    if ((header.flags & IP6T_F_TOS) != 0) rule.guess(Truth::Unknown);
}

}  // namespace

std::optional<LegacyEntry> LegacyEntry::at(std::span<const std::byte> octets, bool ipv6) {
    const std::size_t own = ipv6 ? sizeof(ip6t_entry) : sizeof(ipt_entry);
    if (octets.size() < own) return std::nullopt;
    const std::size_t offsets =
        ipv6 ? offsetof(ip6t_entry, target_offset) : offsetof(ipt_entry, target_offset);
    const auto target = infoOf<std::uint16_t>(octets.subspan(offsets)).value_or(0);
    const auto next =
        infoOf<std::uint16_t>(octets.subspan(offsets + sizeof(std::uint16_t))).value_or(0);
    if (target < own || next <= target || next > octets.size()) return std::nullopt;
    LegacyEntry entry{octets.first(own), ipv6};
    entry.size_ = next;
    if (!entry.readMatches(octets.subspan(own, target - own)) ||
        !entry.readTarget(octets.subspan(target, next - std::size_t{target})))
        return std::nullopt;
    return entry;
}

bool LegacyEntry::readMatches(std::span<const std::byte> octets) {
    while (!octets.empty()) {
        const auto match = extensionAt(octets);
        if (!match) return false;
        matches_.push_back(match->first);
        octets = octets.subspan(match->second);
    }
    return true;
}

bool LegacyEntry::readTarget(std::span<const std::byte> octets) {
    const auto target = extensionAt(octets);
    if (target) target_ = target->first;
    return target && (!target_.name.empty() || standardVerdict());
}

bool LegacyEntry::isGoto() const {
    const std::size_t at = ipv6_ ? offsetof(ip6t_ip6, flags) : offsetof(ipt_ip, flags);
    const unsigned flag = ipv6_ ? IP6T_F_GOTO : IPT_F_GOTO;
    return (static_cast<unsigned>(header_[at]) & flag) != 0;
}

std::optional<std::int32_t> LegacyEntry::standardVerdict() const {
    if (target_.name != XT_STANDARD_TARGET) return std::nullopt;
    return infoOf<std::int32_t>(target_.info);
}

std::optional<std::string_view> LegacyEntry::chainName() const {
    if (target_.name != XT_ERROR_TARGET) return std::nullopt;
    return textOf(target_.info);
}

void LegacyEntry::conditions(const Rule& rule) const {
    static_assert(offsetof(ipt_entry, ip) == 0 && offsetof(ip6t_entry, ipv6) == 0);
    if (const auto header = ipv6_ ? infoOf<ip6t_ip6>(header_) : std::nullopt)
        conditions6(rule, *header);
    if (const auto header = ipv6_ ? std::nullopt : infoOf<ipt_ip>(header_))
        conditions4(rule, *header);
}

}  // namespace igd::inspect::xt
