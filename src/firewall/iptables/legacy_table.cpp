// SPDX-License-Identifier: GPL-2.0-or-later
// One table: its chains and rules in memory.
#include "iptables/iptc_calls.h"
#include "iptables/legacy_tables.h"
#include "names.h"

#include "upnpd/util/log.h"

#include <libiptc/libiptc.h>

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

template <class Ip>
std::string targetName(const Entry& entry) {
    return at<xt_entry_target>(entry.data() + asRule<Ip>(entry)->target_offset).u.user.name;
}

/// Returns the text of an entry's first comment; empty: it has none.
template <class Ip>
std::string_view commentOf(const typename Ip::Rule* entry) {
    const auto* const bytes = reinterpret_cast<const std::byte*>(entry);
    for (std::size_t offset = sizeof(typename Ip::Rule); offset < entry->target_offset;) {
        const auto frame = at<xt_entry_match>(bytes + offset).u.user;
        if (std::string_view{frame.name} == "comment") {
            const auto* const text =
                reinterpret_cast<const char*>(bytes + offset + sizeof(xt_entry_match));
            return {text, ::strnlen(text, frame.match_size - sizeof(xt_entry_match))};
        }
        offset += frame.match_size;
    }
    return {};
}

/// A rule of ours in a chain of somebody else, in the form of this or an earlier version.
template <class Ip>
bool isOpening(const typename Ip::Rule* entry) {
    const std::string_view comment = commentOf<Ip>(entry);
    const std::string_view tag = Ip::kNames.tag;
    return comment.starts_with(tag) && (comment.size() == tag.size() || comment[tag.size()] == ':');
}

}  // namespace

template <class Ip>
void BasicLegacyTable<Ip>::Free::operator()(xtc_handle* handle) const noexcept {
    iptc<Ip>().free(handle);
}

template <class Ip>
std::optional<BasicLegacyTable<Ip>> BasicLegacyTable<Ip>::read(const char* table) {
    xtc_handle* const handle = iptc<Ip>().init(table);
    if (handle == nullptr) return std::nullopt;
    return BasicLegacyTable{handle};
}

template <class Ip>
bool BasicLegacyTable<Ip>::hasChain(const std::string& chain) const {
    return chain.size() < sizeof(ipt_chainlabel) &&
           iptc<Ip>().isChain(chain.c_str(), handle_.get()) != 0;
}

template <class Ip>
bool BasicLegacyTable<Ip>::append(const std::string& chain, const Entry& entry) {
    return iptc<Ip>().append(chain.c_str(), asRule<Ip>(entry), handle_.get()) != 0;
}

template <class Ip>
bool BasicLegacyTable<Ip>::insert(const std::string& chain, const Entry& entry,
                                  std::size_t number) {
    return iptc<Ip>().insert(chain.c_str(), asRule<Ip>(entry), static_cast<unsigned int>(number),
                             handle_.get()) != 0;
}

template <class Ip>
bool BasicLegacyTable<Ip>::erase(const std::string& chain, const Entry& entry) {
    std::vector<unsigned char> everyByte(entry.size(), 0xff);
    if (iptc<Ip>().erase(chain.c_str(), asRule<Ip>(entry), everyByte.data(), handle_.get()) != 0)
        return true;
    if (errno != ENOENT || !hasChain(chain)) return false;
    log::warning("firewall: a rule to be removed from iptables chain {} was gone already", chain);
    return true;
}

template <class Ip>
bool BasicLegacyTable<Ip>::eraseNumber(const std::string& chain, std::size_t number) {
    return iptc<Ip>().eraseNumber(chain.c_str(), static_cast<unsigned int>(number),
                                  handle_.get()) != 0;
}

template <class Ip>
std::vector<std::string> BasicLegacyTable<Ip>::chains() const {
    std::vector<std::string> names;
    for (const char* chain = iptc<Ip>().firstChain(handle_.get()); chain != nullptr;
         chain = iptc<Ip>().nextChain(handle_.get()))
        names.emplace_back(chain);
    return names;
}

template <class Ip>
template <class IsOurs>
bool BasicLegacyTable<Ip>::eraseWhere(const std::string& chain, IsOurs isOurs) {
    unsigned int number = 0;
    for (const typename Ip::Rule* entry = iptc<Ip>().firstRule(chain.c_str(), handle_.get());
         entry != nullptr;) {
        const bool ours = isOurs(entry);
        const typename Ip::Rule* const next = iptc<Ip>().nextRule(entry, handle_.get());
        if (!ours)
            ++number;
        else if (iptc<Ip>().eraseNumber(chain.c_str(), number, handle_.get()) == 0)
            return false;
        entry = next;
    }
    return true;
}

template <class Ip>
bool BasicLegacyTable<Ip>::eraseReferences() {
    return std::ranges::all_of(chains(), [this](const std::string& chain) {
        return isOurLegacyChain(chain) || eraseWhere(chain, [this](const typename Ip::Rule* entry) {
                   return isOurLegacyChain(iptc<Ip>().target(entry, handle_.get())) ||
                          isOpening<Ip>(entry);
               });
    });
}

template <class Ip>
bool BasicLegacyTable<Ip>::eraseOpenings(const std::string& chain) {
    return eraseWhere(chain, isOpening<Ip>);
}

template <class Ip>
template <class Is>
bool BasicLegacyTable<Ip>::anyRule(const std::string& chain, Is is) const {
    for (const typename Ip::Rule* entry = iptc<Ip>().firstRule(chain.c_str(), handle_.get());
         entry != nullptr; entry = iptc<Ip>().nextRule(entry, handle_.get()))
        if (is(entry)) return true;
    return false;
}

template <class Ip>
bool BasicLegacyTable<Ip>::holdsOwnChain() const {
    return std::ranges::any_of(chains(), isOurLegacyChain);
}

template <class Ip>
bool BasicLegacyTable<Ip>::holdsOurs() const {
    return holdsOwnChain() || std::ranges::any_of(chains(), [this](const std::string& chain) {
               return anyRule(chain, isOpening<Ip>);
           });
}

template <class Ip>
bool BasicLegacyTable<Ip>::createChain(const std::string& chain) {
    return iptc<Ip>().createChain(chain.c_str(), handle_.get()) != 0;
}

template <class Ip>
bool BasicLegacyTable<Ip>::eraseChain(const std::string& chain) {
    return iptc<Ip>().eraseChain(chain.c_str(), handle_.get()) != 0;
}

template <class Ip>
bool BasicLegacyTable<Ip>::removeOurs() {
    std::vector<std::string> ours = chains();
    std::erase_if(ours, [](const std::string& chain) { return !isOurLegacyChain(chain); });
    // They lead to each other: all are emptied before the first one goes.
    return eraseReferences() &&
           std::ranges::all_of(
               ours,
               [&](const auto& c) { return iptc<Ip>().flush(c.c_str(), handle_.get()) != 0; }) &&
           std::ranges::all_of(ours, [&](const auto& chain) { return eraseChain(chain); });
}

template <class Ip>
std::size_t BasicLegacyTable<Ip>::countRules(const std::string& chain) const {
    std::size_t count = 0;
    for (const typename Ip::Rule* entry = iptc<Ip>().firstRule(chain.c_str(), handle_.get());
         entry != nullptr; entry = iptc<Ip>().nextRule(entry, handle_.get()))
        ++count;
    return count;
}

template <class Ip>
std::vector<typename BasicLegacyTable<Ip>::Seen> BasicLegacyTable<Ip>::rules(
    const std::string& chain) const {
    std::vector<Seen> rules;
    for (const typename Ip::Rule* entry = iptc<Ip>().firstRule(chain.c_str(), handle_.get());
         entry != nullptr; entry = iptc<Ip>().nextRule(entry, handle_.get())) {
        const auto* const bytes = reinterpret_cast<const std::byte*>(entry);
        rules.push_back(
            {Entry{bytes, bytes + entry->next_offset}, iptc<Ip>().target(entry, handle_.get())});
    }
    return rules;
}

template <class Ip>
bool BasicLegacyTable<Ip>::endsWithOurs(const std::string& chain, std::size_t count) const {
    std::size_t last = 0;
    for (const typename Ip::Rule* entry = iptc<Ip>().firstRule(chain.c_str(), handle_.get());
         entry != nullptr; entry = iptc<Ip>().nextRule(entry, handle_.get()))
        last = isOurLegacyChain(iptc<Ip>().target(entry, handle_.get())) ? last + 1 : 0;
    return last >= count;
}

template <class Ip>
std::vector<std::optional<Traffic>> BasicLegacyTable<Ip>::trafficOf(
    const std::string& chain, std::span<const Entry> entries) const {
    std::vector<const typename Ip::Rule*> rules;
    for (const typename Ip::Rule* rule = iptc<Ip>().firstRule(chain.c_str(), handle_.get());
         rule != nullptr; rule = iptc<Ip>().nextRule(rule, handle_.get()))
        rules.push_back(rule);
    std::vector<std::optional<Traffic>> all;
    auto next = rules.begin();  // each search begins where the one before has ended
    for (const Entry& entry : entries) {
        const auto is = [&, target = targetName<Ip>(entry)](const typename Ip::Rule* rule) {
            return hasMatchesOf<Ip>(rule, entry) &&
                   iptc<Ip>().target(rule, handle_.get()) == target;
        };
        auto found = std::find_if(next, rules.end(), is);
        if (found == rules.end()) {
            found = std::find_if(rules.begin(), next, is);
            if (found == next) found = rules.end();
        }
        if (found == rules.end()) {
            all.emplace_back();
            continue;
        }
        all.emplace_back(Traffic{(*found)->counters.pcnt, (*found)->counters.bcnt});
        next = std::next(found);
    }
    return all;
}

template <class Ip>
bool BasicLegacyTable<Ip>::holds(const std::string& chain, const Entry& wanted) const {
    // A target is written as its own name, or a chain's; the kernel's form of it is an offset.
    const std::string target = targetName<Ip>(wanted);
    return anyRule(chain, [&](const typename Ip::Rule* entry) {
        return hasMatchesOf<Ip>(entry, wanted) && iptc<Ip>().target(entry, handle_.get()) == target;
    });
}

template <class Ip>
bool BasicLegacyTable<Ip>::isUsed() const {
    return std::ranges::any_of(chains(), [this](const std::string& chain) {
        if (isOurLegacyChain(chain)) return false;
        xt_counters counters{};
        const char* const policy = iptc<Ip>().policy(chain.c_str(), &counters, handle_.get());
        if (policy == nullptr || std::string_view{policy} != IPTC_LABEL_ACCEPT) return true;
        return anyRule(chain, [this](const typename Ip::Rule* entry) {
            return !isOurLegacyChain(iptc<Ip>().target(entry, handle_.get())) &&
                   !isOpening<Ip>(entry);
        });
    });
}

template <class Ip>
bool BasicLegacyTable<Ip>::commit() {
    return iptc<Ip>().commit(handle_.get()) != 0;
}

template class BasicLegacyTable<IpTables>;
template class BasicLegacyTable<Ip6Tables>;

}  // namespace igd::firewall
