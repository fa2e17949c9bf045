// SPDX-License-Identifier: GPL-2.0-or-later
#include "legacy_tables.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include "ip6t_entry.h"
#include "names.h"

#include <fcntl.h>
#include <libiptc/libiptc.h>
#include <sys/file.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <thread>

extern "C" {  // which libiptc.h says of itself, and this one does not
#include <libiptc/libip6tc.h>
}

namespace igd::firewall {

/// What of libiptc, and of the kernel's structures, differs between the two families.
struct IpTables {
    using Rule = ipt_entry;
    using Header = ipt_ip;
    using Info = ipt_getinfo;
    static constexpr const char* kNamesFile = "/proc/net/ip_tables_names";
    static constexpr int kFamily = AF_INET;
    static constexpr int kLevel = IPPROTO_IP;
    static constexpr int kGetInfo = IPT_SO_GET_INFO;
    static constexpr int kGetTarget = IPT_SO_GET_REVISION_TARGET;
    static const Header& header(const Rule& rule) { return rule.ip; }
    static Entry opening() { return openingEntry(); }

    static constexpr auto init = ::iptc_init;
    static constexpr auto free = ::iptc_free;
    static constexpr auto isChain = ::iptc_is_chain;
    static constexpr auto firstChain = ::iptc_first_chain;
    static constexpr auto nextChain = ::iptc_next_chain;
    static constexpr auto firstRule = ::iptc_first_rule;
    static constexpr auto nextRule = ::iptc_next_rule;
    static constexpr auto target = ::iptc_get_target;
    static constexpr auto policy = ::iptc_get_policy;
    static constexpr auto append = ::iptc_append_entry;
    static constexpr auto insert = ::iptc_insert_entry;
    static constexpr auto erase = ::iptc_delete_entry;
    static constexpr auto eraseNumber = ::iptc_delete_num_entry;
    static constexpr auto flush = ::iptc_flush_entries;
    static constexpr auto createChain = ::iptc_create_chain;
    static constexpr auto eraseChain = ::iptc_delete_chain;
    static constexpr auto commit = ::iptc_commit;
    static constexpr auto error = ::iptc_strerror;
};

struct Ip6Tables {
    using Rule = ip6t_entry;
    using Header = ip6t_ip6;
    using Info = ip6t_getinfo;
    static constexpr const char* kNamesFile = "/proc/net/ip6_tables_names";
    static constexpr int kFamily = AF_INET6;
    static constexpr int kLevel = IPPROTO_IPV6;
    static constexpr int kGetInfo = IP6T_SO_GET_INFO;
    static constexpr int kGetTarget = IP6T_SO_GET_REVISION_TARGET;
    static const Header& header(const Rule& rule) { return rule.ipv6; }
    static Entry opening() { return pinholeOpeningEntry(); }

    static constexpr auto init = ::ip6tc_init;
    static constexpr auto free = ::ip6tc_free;
    static constexpr auto isChain = ::ip6tc_is_chain;
    static constexpr auto firstChain = ::ip6tc_first_chain;
    static constexpr auto nextChain = ::ip6tc_next_chain;
    static constexpr auto firstRule = ::ip6tc_first_rule;
    static constexpr auto nextRule = ::ip6tc_next_rule;
    static constexpr auto target = ::ip6tc_get_target;
    static constexpr auto policy = ::ip6tc_get_policy;
    static constexpr auto append = ::ip6tc_append_entry;
    static constexpr auto insert = ::ip6tc_insert_entry;
    static constexpr auto erase = ::ip6tc_delete_entry;
    static constexpr auto eraseNumber = ::ip6tc_delete_num_entry;
    static constexpr auto flush = ::ip6tc_flush_entries;
    static constexpr auto createChain = ::ip6tc_create_chain;
    static constexpr auto eraseChain = ::ip6tc_delete_chain;
    static constexpr auto commit = ::ip6tc_commit;
    static constexpr auto error = ::ip6tc_strerror;
};

namespace {

constexpr std::array kTables{"filter", "nat", "mangle", "raw", "security"};
constexpr int kMostTries = 20;  // against somebody who changes the table all the time
constexpr auto kLockPatience = std::chrono::seconds{2};
constexpr auto kLockPause = std::chrono::milliseconds{5};

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

/// Equal in size, name, revision and data. The kernel writes a name up to its NUL only; what stands behind it
/// is chance.
bool isSameMatch(const std::byte* a, const std::byte* b) {
    const auto first = at<xt_entry_match>(a).u.user;
    const auto second = at<xt_entry_match>(b).u.user;
    return first.match_size == second.match_size && std::strcmp(first.name, second.name) == 0 &&
           first.revision == second.revision &&
           std::memcmp(a + sizeof(xt_entry_match), b + sizeof(xt_entry_match),
                       first.match_size - sizeof(xt_entry_match)) == 0;
}

/// Equal in header and matches. Counters are the kernel's, the target is compared by its name.
template <class Ip>
bool hasMatchesOf(const typename Ip::Rule* entry, const Entry& wanted) {
    const auto* const other = asRule<Ip>(wanted);
    if (std::memcmp(&Ip::header(*entry), &Ip::header(*other), sizeof(typename Ip::Header)) != 0 ||
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
           std::memcmp(&Ip::header(*entry), &kAny, sizeof kAny) == 0;
}

bool goesOn(std::string_view target) {
    constexpr std::array<std::string_view, 8> kHarmless{"",      "ACCEPT", "RETURN",   "LOG",
                                                        "NFLOG", "MARK",   "CONNMARK", "TCPMSS"};
    return std::ranges::find(kHarmless, target) != kHarmless.end();
}

bool isOurChain(std::string_view chain) {
    return std::ranges::find(kLegacyChains, chain) != kLegacyChains.end();
}

template <class Ip>
std::vector<unsigned int> shapeOf(int socket, const std::string& table) {
    typename Ip::Info info{};
    table.copy(info.name, sizeof info.name - 1);
    socklen_t size = sizeof info;
    if (::getsockopt(socket, Ip::kLevel, Ip::kGetInfo, &info, &size) != 0) return {};
    std::vector<unsigned int> shape{info.valid_hooks, info.num_entries, info.size};
    shape.insert(shape.end(), std::begin(info.hook_entry), std::end(info.hook_entry));
    shape.insert(shape.end(), std::begin(info.underflow), std::end(info.underflow));
    return shape;
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
    if (Ip::erase(chain.c_str(), asRule<Ip>(entry), everyByte.data(), handle_.get()) != 0) return true;
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
            const bool ours =
                isOurChain(target) || (target == IPTC_LABEL_ACCEPT && hasMatchesOf<Ip>(entry, opening));
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
    return std::ranges::any_of(kLegacyChains, [this](const char* chain) { return hasChain(chain); });
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
    const auto erase = [this](const char* chain) { return Ip::eraseChain(chain, handle_.get()) != 0; };
    // They lead to each other: all are emptied before the first one goes.
    return eraseReferences() &&
           std::ranges::all_of(kLegacyChains, [&](const char* c) { return !present(c) || flush(c); }) &&
           std::ranges::all_of(kLegacyChains, [&](const char* c) { return !present(c) || erase(c); });
}

template <class Ip>
bool BasicLegacyTable<Ip>::mayDrop(const std::string& chain) const {
    xt_counters counters{};
    const char* const policy = Ip::policy(chain.c_str(), &counters, handle_.get());
    if (policy != nullptr && std::string_view{policy} == IPTC_LABEL_DROP) return true;
    const typename Ip::Rule* last = nullptr;
    for (const typename Ip::Rule* entry = Ip::firstRule(chain.c_str(), handle_.get()); entry != nullptr;
         entry = Ip::nextRule(entry, handle_.get()))
        if (!isOurChain(Ip::target(entry, handle_.get()))) last = entry;
    return last != nullptr && isUnconditional<Ip>(last) && !goesOn(Ip::target(last, handle_.get()));
}

template <class Ip>
std::size_t BasicLegacyTable<Ip>::countRules(const std::string& chain) const {
    std::size_t count = 0;
    for (const typename Ip::Rule* entry = Ip::firstRule(chain.c_str(), handle_.get()); entry != nullptr;
         entry = Ip::nextRule(entry, handle_.get()))
        ++count;
    return count;
}

template <class Ip>
std::optional<std::uint64_t> BasicLegacyTable<Ip>::packetsOf(const std::string& chain,
                                                             const Entry& wanted) const {
    const std::string target = targetName<Ip>(wanted);
    for (const typename Ip::Rule* entry = Ip::firstRule(chain.c_str(), handle_.get()); entry != nullptr;
         entry = Ip::nextRule(entry, handle_.get()))
        if (hasMatchesOf<Ip>(entry, wanted) && Ip::target(entry, handle_.get()) == target)
            return entry->counters.pcnt;
    return std::nullopt;
}

template <class Ip>
bool BasicLegacyTable<Ip>::holds(const std::string& chain, const Entry& wanted) const {
    // A target is written as its own name, or a chain's; the kernel's form of it is an offset.
    const std::string target = targetName<Ip>(wanted);
    for (const typename Ip::Rule* entry = Ip::firstRule(chain.c_str(), handle_.get()); entry != nullptr;
         entry = Ip::nextRule(entry, handle_.get()))
        if (hasMatchesOf<Ip>(entry, wanted) && Ip::target(entry, handle_.get()) == target) return true;
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
        for (const typename Ip::Rule* entry = Ip::firstRule(chain.c_str(), handle_.get()); entry != nullptr;
             entry = Ip::nextRule(entry, handle_.get())) {
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

template <class Ip>
BasicLegacyTables<Ip>::BasicLegacyTables()
    : lock_(::open(kLegacyLock, O_RDONLY | O_CREAT | O_CLOEXEC, 0600)),
      names_(::open(Ip::kNamesFile, O_RDONLY | O_CLOEXEC)),
      query_(::socket(Ip::kFamily, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

template <class Ip>
BasicLegacyTables<Ip>::Lock::~Lock() {
    if (fd_ >= 0) ::flock(fd_, LOCK_UN);
}

template <class Ip>
std::optional<typename BasicLegacyTables<Ip>::Lock> BasicLegacyTables<Ip>::lock() const {
    if (!lock_) return Lock{-1};  // no such file, no iptables program that would look at it
    const auto end = std::chrono::steady_clock::now() + kLockPatience;
    while (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) return std::nullopt;
        if (std::chrono::steady_clock::now() >= end) {
            log::error("firewall: another program has held {} for two seconds", kLegacyLock);
            return std::nullopt;
        }
        std::this_thread::sleep_for(kLockPause);
    }
    return Lock{lock_.get()};
}

template <class Ip>
bool BasicLegacyTables<Ip>::present(const char* table) const {
    std::array<char, 512> buffer{};
    const ssize_t size = names_ ? ::pread(names_.get(), buffer.data(), buffer.size(), 0) : -1;
    if (size <= 0) return false;
    std::string_view names{buffer.data(), static_cast<std::size_t>(size)};
    while (!names.empty()) {
        const auto end = std::min(names.find('\n'), names.size());
        if (names.substr(0, end) == table) return true;
        names.remove_prefix(std::min(end + 1, names.size()));
    }
    return false;
}

template <class Ip>
const char* BasicLegacyTables<Ip>::firstUsed() const {
    for (const char* name : kTables) {
        if (!present(name)) continue;
        const auto table = Table::read(name);
        if (table && table->isUsed()) return name;
    }
    return nullptr;
}

template <class Ip>
bool BasicLegacyTables<Ip>::hasTarget(const char* name, std::uint8_t revision) const {
    xt_get_revision wanted{};
    std::string_view{name}.copy(wanted.name, sizeof wanted.name - 1);
    wanted.revision = revision;
    socklen_t size = sizeof wanted;
    return ::getsockopt(query_.get(), Ip::kLevel, Ip::kGetTarget, &wanted, &size) == 0;
}

template <class Ip>
void BasicLegacyTables<Ip>::remember(const std::string& table) const {
    left_[table] = shapeOf<Ip>(query_.get(), table);
}

template <class Ip>
bool BasicLegacyTables<Ip>::looksTouched(const std::string& table) const {
    const auto left = left_.find(table);
    return left != left_.end() && left->second != shapeOf<Ip>(query_.get(), table);
}

template <class Ip>
bool BasicLegacyTables<Ip>::edit(const char* name, const std::function<bool(Table&)>& change) const {
    for (int attempt = 0; attempt < kMostTries; ++attempt) {
        errno = 0;
        auto table = Table::read(name);
        if (table && change(*table) && table->commit()) {
            remember(name);
            return true;
        }
        if (errno == EAGAIN) continue;
        log::error("firewall: iptables table {} was not changed: {}", name, igd::quoted(Ip::error(errno)));
        return false;
    }
    log::error("firewall: iptables table {} was not changed: others change it all the time", name);
    return false;
}

template class BasicLegacyTable<IpTables>;
template class BasicLegacyTables<IpTables>;
template class BasicLegacyTable<Ip6Tables>;
template class BasicLegacyTables<Ip6Tables>;

}  // namespace igd::firewall
