// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/inspect/ordinary.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

namespace igd::inspect {
namespace {

/// A value that may be ordinary. A rule is about it in particular when it names the value, and not
/// all that is around it.
struct Candidate {
    Word value;
    Interval around;
};

bool holds(const Interval& interval, const Word& word) {
    return interval.first <= word && word <= interval.last;
}

/// Counts the steps that are about a candidate in particular.
class Counter {
public:
    Counter(std::span<const Field> fields, const Word& space) : fields_(fields), space_(space) {}

    [[nodiscard]] std::size_t count(const Ruleset& rules, const Candidate& candidate,
                                    std::size_t most) const {
        std::size_t times = 0;
        for (const Chain& chain : rules.chains)
            for (const Step& step : chain.steps)
                if (isAbout(step, candidate) && ++times >= most) return times;
        return times;
    }

private:
    [[nodiscard]] bool isAsked(Field field) const {
        return std::ranges::find(fields_, field) != fields_.end();
    }

    static bool isAbout(const Interval& interval, const Candidate& candidate) {
        return holds(interval, candidate.value) &&
               !(holds(interval, candidate.around.first) && holds(interval, candidate.around.last));
    }

    [[nodiscard]] bool isAbout(std::span<const Operand> operands, const Set* set,
                               const Candidate& candidate) const {
        if (set == nullptr || set->width != operands.size()) return false;
        for (std::size_t i = 0; i < operands.size(); ++i) {
            if (!isAsked(operands[i].field)) continue;
            for (std::size_t at = i; at < set->intervals.size(); at += set->width)
                if (isAbout(set->intervals[at], candidate)) return true;
        }
        return false;
    }

    [[nodiscard]] bool isAbout(const Step& step, const Candidate& candidate) const {
        if (const auto* const one = std::get_if<Comparison>(&step)) {
            const Word hostBits = (one->mask & space_) ^ space_;
            return isAsked(one->field) && isAbout({one->first, one->last | hostBits}, candidate);
        }
        if (const auto* const one = std::get_if<Membership>(&step))
            return isAbout(one->operands, one->set.get(), candidate);
        if (const auto* const one = std::get_if<VerdictMap>(&step))
            return isAbout(one->operands, one->keys.get(), candidate);
        if (const auto* const one = std::get_if<Translation>(&step); one != nullptr && one->map)
            return isAbout(one->map->operands, one->map->keys.get(), candidate);
        return false;
    }

    std::span<const Field> fields_;
    Word space_;
};

/// Returns the index of the first candidate that no rule is about, or of that with fewest.
std::size_t best(const Ruleset& rules, const Counter& counter,
                 std::span<const Candidate> candidates) {
    std::size_t chosen = 0;
    std::size_t least = std::numeric_limits<std::size_t>::max();
    for (std::size_t i = 0; i < candidates.size() && least > 0; ++i) {
        const std::size_t times = counter.count(rules, candidates[i], least);
        if (times < least) {
            least = times;
            chosen = i;
        }
    }
    return chosen;
}

constexpr Word kAllOfIpv4 = wordOf(0xffffffffU);

Interval network(const Word& address, const Word& hostBits) {
    return {(address | hostBits) ^ hostBits, address | hostBits};
}

/// Returns the host bits of a prefix of `length`.
Word hostBitsOf(bool ipv6, unsigned length) {
    const unsigned bits = ipv6 ? 128 : 32;
    Word word;
    for (unsigned bit = length; bit < bits; ++bit) {
        const unsigned at = bit + (128 - bits);
        word.octets[at / 8] |= static_cast<std::uint8_t>(0x80U >> (at % 8));
    }
    return word;
}

IpAddress addressOf(const Word& word, bool ipv6) {
    if (ipv6) return Ipv6Address{word.octets};
    std::uint32_t value = 0;
    for (std::size_t i = Word::kSize - sizeof value; i < Word::kSize; ++i)
        value = value << 8 | word.octets[i];
    return Ipv4Address{value};
}

}  // namespace

IpAddress ordinaryHost(const Ruleset& rules, bool ipv6) {
    // First octets of networks that providers of access have; in IPv6 the third one.
    constexpr std::array<std::uint8_t, 24> kOctets{81,  92,  109, 151, 178, 24, 45,  72,
                                                   98,  203, 213, 66,  130, 62, 163, 187,
                                                   200, 121, 133, 41,  5,   88, 77,  99};
    constexpr unsigned kAround = 6;  // who names a sixty-fourth of all addresses means no one host
    std::vector<Candidate> candidates;
    candidates.reserve(kOctets.size());
    for (const std::uint8_t octet : kOctets) {
        const Word value = ipv6 ? Word{{0x2a, 0x02, octet, 0x5b, 0xd1, 0x8f, 0, 0, 0x3c, 0x71, 9,
                                        0x52, 0xee, 1, 4, 7}}
                                : wordOf((std::uint64_t{octet} << 24) | 0x5bd18fU);
        candidates.push_back({value, network(value, hostBitsOf(ipv6, kAround))});
    }
    const std::array kFields{ipv6 ? Field::Source6 : Field::Source4,
                             ipv6 ? Field::OriginalSource6 : Field::OriginalSource4};
    const Counter counter{kFields, ipv6 ? kAllOnes : kAllOfIpv4};
    return addressOf(candidates[best(rules, counter, candidates)].value, ipv6);
}

IpAddress ordinaryClient(const Ruleset& rules, const Lan& lan) {
    constexpr std::array<std::uint64_t, 16> kHosts{0x89, 0x53, 0x1d, 0xb3, 0xe7, 0x3b, 0x6b, 0x97,
                                                   0xc5, 0x25, 0x71, 0xd3, 5,    6,    2,    1};
    const bool ipv6 = std::holds_alternative<Ipv6Address>(lan.address);
    const Word hostBits = hostBitsOf(ipv6, lan.length);
    const Interval around = network(wordOf(lan.address), hostBits);
    std::vector<Candidate> candidates;
    candidates.reserve(kHosts.size());
    for (const std::uint64_t host : kHosts)
        candidates.push_back({around.first | (wordOf(host) & hostBits), around});
    const std::array kFields{ipv6 ? Field::Destination6 : Field::Destination4,
                             ipv6 ? Field::Source6 : Field::Source4,
                             ipv6 ? Field::ReplySource6 : Field::ReplySource4};
    const Counter counter{kFields, ipv6 ? kAllOnes : kAllOfIpv4};
    return addressOf(candidates[best(rules, counter, candidates)].value, ipv6);
}

Port ordinaryPort(const Ruleset& rules) {
    constexpr std::array<std::uint16_t, 12> kPorts{43619, 39217, 28571, 51769, 20983, 47303,
                                                   33613, 57191, 24749, 61843, 17183, 9871};
    const Interval around{wordOf(1024), wordOf(65535)};
    std::vector<Candidate> candidates;
    candidates.reserve(kPorts.size());
    for (const std::uint16_t port : kPorts) candidates.push_back({wordOf(port), around});
    constexpr std::array kFields{Field::DestinationPort, Field::SourcePort,
                                 Field::OriginalDestinationPort, Field::ReplySourcePort};
    const Counter counter{kFields, wordOf(0xffff)};
    return Port{kPorts[best(rules, counter, candidates)]};
}

}  // namespace igd::inspect
