// SPDX-License-Identifier: GPL-2.0-or-later
// One table: its chains and rules in memory.
#include "iptables/ip_tables.h"
#include "iptables/legacy_tables.h"
#include "names.h"

#include "upnpd/util/log.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <string_view>

#include <linux/netfilter/xt_mark.h>

namespace igd::firewall {
namespace {

template <class Ip>
const typename Ip::Rule* asRule(const Entry& entry) {
    return reinterpret_cast<const typename Ip::Rule*>(entry.data());
}

template <class T>
T at(const std::byte* place) {
    T value;
    std::memcpy(&value, place, sizeof value);
    return value;
}

/// Equal in size, name, revision and data. The kernel writes a name up to its NUL only; what stands
/// behind it is chance.
bool isSameMatch(const std::byte* a, const std::byte* b) {
    const auto first = at<xt_entry_match>(a).u.user;
    const auto second = at<xt_entry_match>(b).u.user;
    return first.match_size == second.match_size && std::strcmp(first.name, second.name) == 0 &&
           first.revision == second.revision &&
           std::memcmp(a + sizeof(xt_entry_match), b + sizeof(xt_entry_match),
                       first.match_size - sizeof(xt_entry_match)) == 0;
}

/// Equal in all that the members of a header fill; behind the last one IPv6's has padding.
template <class Ip>
bool isSameHeader(const typename Ip::Header& a, const typename Ip::Header& b) {
    const auto bytes = [](const typename Ip::Header& header) {
        return std::span{reinterpret_cast<const std::byte*>(&header), Ip::kHeaderFilled};
    };
    return std::ranges::equal(bytes(a), bytes(b));
}

/// Equal in header and matches. Counters are the kernel's, the target is compared by its name.
template <class Ip>
bool hasMatchesOf(const typename Ip::Rule* entry, const Entry& wanted) {
    const auto* const other = asRule<Ip>(wanted);
    if (!isSameHeader<Ip>(Ip::header(*entry), Ip::header(*other)) ||
        entry->target_offset != other->target_offset)
        return false;
    const auto* const bytes = reinterpret_cast<const std::byte*>(entry);
    for (std::size_t offset = sizeof(typename Ip::Rule); offset < other->target_offset;
         offset += at<xt_entry_match>(wanted.data() + offset).u.user.match_size)
        if (!isSameMatch(bytes + offset, wanted.data() + offset)) return false;
    return true;
}

/// The rule opens a chain for the packets of ours, whatever bits mark them: an earlier run may have
/// had others.
template <class Ip>
bool isOpening(const typename Ip::Rule* entry) {
    constexpr std::size_t kMark = sizeof(typename Ip::Rule) + sizeof(xt_entry_match);
    if (entry->target_offset < kMark + sizeof(xt_mark_mtinfo1)) return false;
    const auto* const bytes = reinterpret_cast<const std::byte*>(entry);
    return hasMatchesOf<Ip>(entry, Ip::opening(at<xt_mark_mtinfo1>(bytes + kMark).mark));
}

template <class Ip>
std::string targetName(const Entry& entry) {
    return at<xt_entry_target>(entry.data() + asRule<Ip>(entry)->target_offset).u.user.name;
}

/// The rule applies to every packet: no address, interface, protocol or match.
template <class Ip>
bool isUnconditional(const typename Ip::Rule* entry) {
    static const typename Ip::Header kAny{};
    return entry->target_offset == sizeof(typename Ip::Rule) &&
           isSameHeader<Ip>(Ip::header(*entry), kAny);
}

bool goesOn(std::string_view target) {
    constexpr std::array<std::string_view, 8> kHarmless{"",      "ACCEPT", "RETURN",   "LOG",
                                                        "NFLOG", "MARK",   "CONNMARK", "TCPMSS"};
    return std::ranges::find(kHarmless, target) != kHarmless.end();
}

}  // namespace

template <class Ip>
void BasicLegacyTable<Ip>::Free::operator()(xtc_handle* handle) const noexcept {
    Ip::free(handle);
}

template <class Ip>
std::optional<BasicLegacyTable<Ip>> BasicLegacyTable<Ip>::read(const char* table) {
    xtc_handle* const handle = Ip::init(table);
    if (handle == nullptr) return std::nullopt;
    return BasicLegacyTable{handle};
}

template <class Ip>
bool BasicLegacyTable<Ip>::hasChain(const std::string& chain) const {
    return chain.size() < sizeof(ipt_chainlabel) && Ip::isChain(chain.c_str(), handle_.get()) != 0;
}

template <class Ip>
bool BasicLegacyTable<Ip>::append(const std::string& chain, const Entry& entry) {
    return Ip::append(chain.c_str(), asRule<Ip>(entry), handle_.get()) != 0;
}

template <class Ip>
bool BasicLegacyTable<Ip>::insert(const std::string& chain, const Entry& entry,
                                  std::size_t number) {
    return Ip::insert(chain.c_str(), asRule<Ip>(entry), static_cast<unsigned int>(number),
                      handle_.get()) != 0;
}

template <class Ip>
bool BasicLegacyTable<Ip>::erase(const std::string& chain, const Entry& entry) {
    std::vector<unsigned char> everyByte(entry.size(), 0xff);
    if (Ip::erase(chain.c_str(), asRule<Ip>(entry), everyByte.data(), handle_.get()) != 0)
        return true;
    if (errno != ENOENT || !hasChain(chain)) return false;
    log::warning("firewall: a rule to be removed from iptables chain {} was gone already", chain);
    return true;
}

template <class Ip>
bool BasicLegacyTable<Ip>::eraseNumber(const std::string& chain, std::size_t number) {
    return Ip::eraseNumber(chain.c_str(), static_cast<unsigned int>(number), handle_.get()) != 0;
}

template <class Ip>
std::vector<std::string> BasicLegacyTable<Ip>::chains() const {
    std::vector<std::string> names;
    for (const char* chain = Ip::firstChain(handle_.get()); chain != nullptr;
         chain = Ip::nextChain(handle_.get()))
        names.emplace_back(chain);
    return names;
}

template <class Ip>
bool BasicLegacyTable<Ip>::eraseReferences() {
    for (const std::string& chain : chains()) {
        if (isOurLegacyChain(chain)) continue;
        unsigned int number = 0;
        for (const typename Ip::Rule* entry = Ip::firstRule(chain.c_str(), handle_.get());
             entry != nullptr;) {
            const std::string_view target = Ip::target(entry, handle_.get());
            const bool ours =
                isOurLegacyChain(target) || (target == IPTC_LABEL_ACCEPT && isOpening<Ip>(entry));
            const typename Ip::Rule* const next = Ip::nextRule(entry, handle_.get());
            if (!ours)
                ++number;
            else if (Ip::eraseNumber(chain.c_str(), number, handle_.get()) == 0)
                return false;
            entry = next;
        }
    }
    return true;
}

template <class Ip>
bool BasicLegacyTable<Ip>::holdsOpening(const std::string& chain) const {
    for (const typename Ip::Rule* entry = Ip::firstRule(chain.c_str(), handle_.get());
         entry != nullptr; entry = Ip::nextRule(entry, handle_.get()))
        if (isOpening<Ip>(entry) &&
            std::string_view{Ip::target(entry, handle_.get())} == IPTC_LABEL_ACCEPT)
            return true;
    return false;
}

template <class Ip>
bool BasicLegacyTable<Ip>::holdsOurs() const {
    return std::ranges::any_of(chains(), [&](const std::string& chain) {
        return isOurLegacyChain(chain) || holdsOpening(chain);
    });
}

template <class Ip>
bool BasicLegacyTable<Ip>::createChain(const std::string& chain) {
    return Ip::createChain(chain.c_str(), handle_.get()) != 0;
}

template <class Ip>
bool BasicLegacyTable<Ip>::eraseChain(const std::string& chain) {
    return Ip::eraseChain(chain.c_str(), handle_.get()) != 0;
}

template <class Ip>
bool BasicLegacyTable<Ip>::removeOurs() {
    std::vector<std::string> ours = chains();
    std::erase_if(ours, [](const std::string& chain) { return !isOurLegacyChain(chain); });
    // They lead to each other: all are emptied before the first one goes.
    return eraseReferences() &&
           std::ranges::all_of(
               ours, [&](const auto& c) { return Ip::flush(c.c_str(), handle_.get()) != 0; }) &&
           std::ranges::all_of(ours, [&](const auto& chain) { return eraseChain(chain); });
}

template <class Ip>
bool BasicLegacyTable<Ip>::open(const std::string& chain, bool atEnd, std::uint32_t markBits) {
    const Entry opening = Ip::opening(markBits);
    return atEnd ? append(chain, opening) : insert(chain, opening);
}

template <class Ip>
bool BasicLegacyTable<Ip>::isOpen(const std::string& chain, std::uint32_t markBits) const {
    return holds(chain, Ip::opening(markBits));
}

template <class Ip>
bool BasicLegacyTable<Ip>::mayDrop(const std::string& chain) const {
    xt_counters counters{};
    const char* const policy = Ip::policy(chain.c_str(), &counters, handle_.get());
    if (policy != nullptr && std::string_view{policy} == IPTC_LABEL_DROP) return true;
    const typename Ip::Rule* last = nullptr;
    for (const typename Ip::Rule* entry = Ip::firstRule(chain.c_str(), handle_.get());
         entry != nullptr; entry = Ip::nextRule(entry, handle_.get()))
        if (!isOurLegacyChain(Ip::target(entry, handle_.get()))) last = entry;
    return last != nullptr && isUnconditional<Ip>(last) && !goesOn(Ip::target(last, handle_.get()));
}

template <class Ip>
std::size_t BasicLegacyTable<Ip>::countRules(const std::string& chain) const {
    std::size_t count = 0;
    for (const typename Ip::Rule* entry = Ip::firstRule(chain.c_str(), handle_.get());
         entry != nullptr; entry = Ip::nextRule(entry, handle_.get()))
        ++count;
    return count;
}

template <class Ip>
std::vector<typename BasicLegacyTable<Ip>::Seen> BasicLegacyTable<Ip>::rules(
    const std::string& chain) const {
    std::vector<Seen> rules;
    for (const typename Ip::Rule* entry = Ip::firstRule(chain.c_str(), handle_.get());
         entry != nullptr; entry = Ip::nextRule(entry, handle_.get())) {
        const auto* const bytes = reinterpret_cast<const std::byte*>(entry);
        rules.push_back(
            {Entry{bytes, bytes + entry->next_offset}, Ip::target(entry, handle_.get())});
    }
    return rules;
}

template <class Ip>
bool BasicLegacyTable<Ip>::endsWithOurs(const std::string& chain, std::size_t count) const {
    std::size_t last = 0;
    for (const typename Ip::Rule* entry = Ip::firstRule(chain.c_str(), handle_.get());
         entry != nullptr; entry = Ip::nextRule(entry, handle_.get()))
        last = isOurLegacyChain(Ip::target(entry, handle_.get())) ? last + 1 : 0;
    return last >= count;
}

template <class Ip>
std::optional<std::uint64_t> BasicLegacyTable<Ip>::packetsOf(const std::string& chain,
                                                             const Entry& wanted) const {
    const std::string target = targetName<Ip>(wanted);
    for (const typename Ip::Rule* entry = Ip::firstRule(chain.c_str(), handle_.get());
         entry != nullptr; entry = Ip::nextRule(entry, handle_.get()))
        if (hasMatchesOf<Ip>(entry, wanted) && Ip::target(entry, handle_.get()) == target)
            return entry->counters.pcnt;
    return std::nullopt;
}

template <class Ip>
bool BasicLegacyTable<Ip>::holds(const std::string& chain, const Entry& wanted) const {
    // A target is written as its own name, or a chain's; the kernel's form of it is an offset.
    const std::string target = targetName<Ip>(wanted);
    for (const typename Ip::Rule* entry = Ip::firstRule(chain.c_str(), handle_.get());
         entry != nullptr; entry = Ip::nextRule(entry, handle_.get()))
        if (hasMatchesOf<Ip>(entry, wanted) && Ip::target(entry, handle_.get()) == target)
            return true;
    return false;
}

template <class Ip>
bool BasicLegacyTable<Ip>::isUsed() const {
    for (const std::string& chain : chains()) {
        if (isOurLegacyChain(chain)) continue;
        xt_counters counters{};
        const char* const policy = Ip::policy(chain.c_str(), &counters, handle_.get());
        if (policy == nullptr || std::string_view{policy} != IPTC_LABEL_ACCEPT) return true;
        for (const typename Ip::Rule* entry = Ip::firstRule(chain.c_str(), handle_.get());
             entry != nullptr; entry = Ip::nextRule(entry, handle_.get())) {
            const std::string_view target = Ip::target(entry, handle_.get());
            if (!isOurLegacyChain(target) && !isOpening<Ip>(entry)) return true;
        }
    }
    return false;
}

template <class Ip>
bool BasicLegacyTable<Ip>::commit() {
    return Ip::commit(handle_.get()) != 0;
}

template class BasicLegacyTable<IpTables>;
template class BasicLegacyTable<Ip6Tables>;

}  // namespace igd::firewall
