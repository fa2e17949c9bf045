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

bool isOurChain(std::string_view chain) {
    return std::ranges::find(kLegacyChains, chain) != kLegacyChains.end();
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
bool BasicLegacyTable<Ip>::insert(const std::string& chain, const Entry& entry) {
    return Ip::insert(chain.c_str(), asRule<Ip>(entry), 0, handle_.get()) != 0;
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
std::vector<std::string> BasicLegacyTable<Ip>::chains() const {
    std::vector<std::string> names;
    for (const char* chain = Ip::firstChain(handle_.get()); chain != nullptr;
         chain = Ip::nextChain(handle_.get()))
        names.emplace_back(chain);
    return names;
}

template <class Ip>
bool BasicLegacyTable<Ip>::eraseReferences() {
    const Entry opening = Ip::opening();
    for (const std::string& chain : chains()) {
        if (isOurChain(chain)) continue;
        unsigned int number = 0;
        for (const typename Ip::Rule* entry = Ip::firstRule(chain.c_str(), handle_.get());
             entry != nullptr;) {
            const std::string_view target = Ip::target(entry, handle_.get());
            const bool ours = isOurChain(target) ||
                              (target == IPTC_LABEL_ACCEPT && hasMatchesOf<Ip>(entry, opening));
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
bool BasicLegacyTable<Ip>::holdsOurs() const {
    const Entry opening = Ip::opening();
    return std::ranges::any_of(kLegacyChains,
                               [this](const char* chain) { return hasChain(chain); }) ||
           std::ranges::any_of(chains(),
                               [&](const std::string& chain) { return holds(chain, opening); });
}

template <class Ip>
bool BasicLegacyTable<Ip>::layOwnChain(const std::string& chain) {
    return hasChain(chain) ? Ip::flush(chain.c_str(), handle_.get()) != 0
                           : Ip::createChain(chain.c_str(), handle_.get()) != 0;
}

template <class Ip>
bool BasicLegacyTable<Ip>::removeOurs() {
    const auto present = [this](const char* chain) { return hasChain(chain); };
    const auto flush = [this](const char* chain) { return Ip::flush(chain, handle_.get()) != 0; };
    const auto erase = [this](const char* chain) {
        return Ip::eraseChain(chain, handle_.get()) != 0;
    };
    // They lead to each other: all are emptied before the first one goes.
    return eraseReferences() &&
           std::ranges::all_of(kLegacyChains,
                               [&](const char* c) { return !present(c) || flush(c); }) &&
           std::ranges::all_of(kLegacyChains,
                               [&](const char* c) { return !present(c) || erase(c); });
}

template <class Ip>
bool BasicLegacyTable<Ip>::open(const std::string& chain, bool atEnd) {
    return atEnd ? append(chain, Ip::opening()) : insert(chain, Ip::opening());
}

template <class Ip>
bool BasicLegacyTable<Ip>::isOpen(const std::string& chain) const {
    return holds(chain, Ip::opening());
}

template <class Ip>
bool BasicLegacyTable<Ip>::mayDrop(const std::string& chain) const {
    xt_counters counters{};
    const char* const policy = Ip::policy(chain.c_str(), &counters, handle_.get());
    if (policy != nullptr && std::string_view{policy} == IPTC_LABEL_DROP) return true;
    const typename Ip::Rule* last = nullptr;
    for (const typename Ip::Rule* entry = Ip::firstRule(chain.c_str(), handle_.get());
         entry != nullptr; entry = Ip::nextRule(entry, handle_.get()))
        if (!isOurChain(Ip::target(entry, handle_.get()))) last = entry;
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
    const Entry opening = Ip::opening();
    for (const std::string& chain : chains()) {
        if (isOurChain(chain)) continue;
        xt_counters counters{};
        const char* const policy = Ip::policy(chain.c_str(), &counters, handle_.get());
        if (policy == nullptr || std::string_view{policy} != IPTC_LABEL_ACCEPT) return true;
        for (const typename Ip::Rule* entry = Ip::firstRule(chain.c_str(), handle_.get());
             entry != nullptr; entry = Ip::nextRule(entry, handle_.get())) {
            const std::string_view target = Ip::target(entry, handle_.get());
            if (!isOurChain(target) && !hasMatchesOf<Ip>(entry, opening)) return true;
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
