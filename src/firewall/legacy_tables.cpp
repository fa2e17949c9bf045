// SPDX-License-Identifier: GPL-2.0-or-later
#include "legacy_tables.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

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

namespace igd::firewall {
namespace {

constexpr const char* kNamesFile = "/proc/net/ip_tables_names";
constexpr std::array kTables{"filter", "nat", "mangle", "raw", "security"};
constexpr int kMostTries = 20;  // against somebody who changes the table all the time
constexpr auto kLockPatience = std::chrono::seconds{2};
constexpr auto kLockPause = std::chrono::milliseconds{5};

const ipt_entry* asEntry(const Entry& entry) {
    return reinterpret_cast<const ipt_entry*>(entry.data());
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
bool hasMatchesOf(const ipt_entry* entry, const Entry& wanted) {
    const ipt_entry* const other = asEntry(wanted);
    if (std::memcmp(&entry->ip, &other->ip, sizeof entry->ip) != 0 ||
        entry->target_offset != other->target_offset)
        return false;
    const auto* const bytes = reinterpret_cast<const std::byte*>(entry);
    for (std::size_t offset = sizeof(ipt_entry); offset < other->target_offset;
         offset += at<xt_entry_match>(wanted.data() + offset).u.user.match_size)
        if (!isSameMatch(bytes + offset, wanted.data() + offset)) return false;
    return true;
}

std::string targetName(const Entry& entry) {
    return at<xt_entry_target>(entry.data() + asEntry(entry)->target_offset).u.user.name;
}

/// The rule applies to every packet: no address, interface, protocol or match.
bool isUnconditional(const ipt_entry* entry) {
    static const ipt_ip kAny{};
    return entry->target_offset == sizeof(ipt_entry) && std::memcmp(&entry->ip, &kAny, sizeof kAny) == 0;
}

bool goesOn(std::string_view target) {
    constexpr std::array<std::string_view, 8> kHarmless{"",      "ACCEPT", "RETURN",   "LOG",
                                                        "NFLOG", "MARK",   "CONNMARK", "TCPMSS"};
    return std::ranges::find(kHarmless, target) != kHarmless.end();
}

bool isOurChain(std::string_view chain) {
    return std::ranges::find(kLegacyChains, chain) != kLegacyChains.end();
}

LegacyTables::Shape shapeOf(int socket, const std::string& table) {
    ipt_getinfo info{};
    table.copy(info.name, sizeof info.name - 1);
    socklen_t size = sizeof info;
    if (::getsockopt(socket, IPPROTO_IP, IPT_SO_GET_INFO, &info, &size) != 0) return {};
    LegacyTables::Shape shape{info.valid_hooks, info.num_entries, info.size};
    shape.insert(shape.end(), std::begin(info.hook_entry), std::end(info.hook_entry));
    shape.insert(shape.end(), std::begin(info.underflow), std::end(info.underflow));
    return shape;
}

}  // namespace

void LegacyTable::Free::operator()(xtc_handle* handle) const noexcept {
    ::iptc_free(handle);
}

std::optional<LegacyTable> LegacyTable::read(const char* table) {
    xtc_handle* const handle = ::iptc_init(table);
    if (handle == nullptr) return std::nullopt;
    return LegacyTable{handle};
}

bool LegacyTable::hasChain(const std::string& chain) const {
    return chain.size() < sizeof(ipt_chainlabel) && ::iptc_is_chain(chain.c_str(), handle_.get()) != 0;
}

bool LegacyTable::append(const std::string& chain, const Entry& entry) {
    return ::iptc_append_entry(chain.c_str(), asEntry(entry), handle_.get()) != 0;
}

bool LegacyTable::insert(const std::string& chain, const Entry& entry) {
    return ::iptc_insert_entry(chain.c_str(), asEntry(entry), 0, handle_.get()) != 0;
}

bool LegacyTable::erase(const std::string& chain, const Entry& entry) {
    std::vector<unsigned char> everyByte(entry.size(), 0xff);
    if (::iptc_delete_entry(chain.c_str(), asEntry(entry), everyByte.data(), handle_.get()) != 0) return true;
    if (errno != ENOENT || !hasChain(chain)) return false;
    log::warning("firewall: a rule to be removed from iptables chain {} was gone already", chain);
    return true;
}

std::vector<std::string> LegacyTable::chains() const {
    std::vector<std::string> names;
    for (const char* chain = ::iptc_first_chain(handle_.get()); chain != nullptr;
         chain = ::iptc_next_chain(handle_.get()))
        names.emplace_back(chain);
    return names;
}

bool LegacyTable::eraseReferences() {
    const Entry opening = openingEntry();
    for (const std::string& chain : chains()) {
        if (isOurChain(chain)) continue;
        unsigned int number = 0;
        for (const ipt_entry* entry = ::iptc_first_rule(chain.c_str(), handle_.get()); entry != nullptr;) {
            const std::string_view target = ::iptc_get_target(entry, handle_.get());
            const bool ours =
                isOurChain(target) || (target == IPTC_LABEL_ACCEPT && hasMatchesOf(entry, opening));
            const ipt_entry* const next = ::iptc_next_rule(entry, handle_.get());
            if (!ours)
                ++number;
            else if (::iptc_delete_num_entry(chain.c_str(), number, handle_.get()) == 0)
                return false;
            entry = next;
        }
    }
    return true;
}

bool LegacyTable::holdsOurs() const {
    return std::ranges::any_of(kLegacyChains, [this](const char* chain) { return hasChain(chain); });
}

bool LegacyTable::layOwnChain(const std::string& chain) {
    return hasChain(chain) ? ::iptc_flush_entries(chain.c_str(), handle_.get()) != 0
                           : ::iptc_create_chain(chain.c_str(), handle_.get()) != 0;
}

bool LegacyTable::removeOurs() {
    const auto present = [this](const char* chain) { return hasChain(chain); };
    const auto flush = [this](const char* chain) { return ::iptc_flush_entries(chain, handle_.get()) != 0; };
    const auto erase = [this](const char* chain) { return ::iptc_delete_chain(chain, handle_.get()) != 0; };
    // They lead to each other: all are emptied before the first one goes.
    return eraseReferences() &&
           std::ranges::all_of(kLegacyChains, [&](const char* c) { return !present(c) || flush(c); }) &&
           std::ranges::all_of(kLegacyChains, [&](const char* c) { return !present(c) || erase(c); });
}

bool LegacyTable::mayDrop(const std::string& chain) const {
    xt_counters counters{};
    const char* const policy = ::iptc_get_policy(chain.c_str(), &counters, handle_.get());
    if (policy != nullptr && std::string_view{policy} == IPTC_LABEL_DROP) return true;
    const ipt_entry* last = nullptr;
    for (const ipt_entry* entry = ::iptc_first_rule(chain.c_str(), handle_.get()); entry != nullptr;
         entry = ::iptc_next_rule(entry, handle_.get()))
        if (!isOurChain(::iptc_get_target(entry, handle_.get()))) last = entry;
    return last != nullptr && isUnconditional(last) && !goesOn(::iptc_get_target(last, handle_.get()));
}

std::size_t LegacyTable::countRules(const std::string& chain) const {
    std::size_t count = 0;
    for (const ipt_entry* entry = ::iptc_first_rule(chain.c_str(), handle_.get()); entry != nullptr;
         entry = ::iptc_next_rule(entry, handle_.get()))
        ++count;
    return count;
}

bool LegacyTable::holds(const std::string& chain, const Entry& wanted) const {
    // A target is written as its own name, or a chain's; the kernel's form of it is an offset.
    const std::string target = targetName(wanted);
    for (const ipt_entry* entry = ::iptc_first_rule(chain.c_str(), handle_.get()); entry != nullptr;
         entry = ::iptc_next_rule(entry, handle_.get()))
        if (hasMatchesOf(entry, wanted) && ::iptc_get_target(entry, handle_.get()) == target) return true;
    return false;
}

bool LegacyTable::isUsed() const {
    const Entry opening = openingEntry();
    for (const std::string& chain : chains()) {
        if (isOurChain(chain)) continue;
        xt_counters counters{};
        const char* const policy = ::iptc_get_policy(chain.c_str(), &counters, handle_.get());
        if (policy == nullptr || std::string_view{policy} != IPTC_LABEL_ACCEPT) return true;
        for (const ipt_entry* entry = ::iptc_first_rule(chain.c_str(), handle_.get()); entry != nullptr;
             entry = ::iptc_next_rule(entry, handle_.get())) {
            const std::string_view target = ::iptc_get_target(entry, handle_.get());
            if (!isOurChain(target) && !hasMatchesOf(entry, opening)) return true;
        }
    }
    return false;
}

bool LegacyTable::commit() {
    return ::iptc_commit(handle_.get()) != 0;
}

LegacyTables::LegacyTables()
    : lock_(::open(kLegacyLock, O_RDONLY | O_CREAT | O_CLOEXEC, 0600)),
      names_(::open(kNamesFile, O_RDONLY | O_CLOEXEC)),
      query_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

LegacyTables::Lock::~Lock() {
    if (fd_ >= 0) ::flock(fd_, LOCK_UN);
}

std::optional<LegacyTables::Lock> LegacyTables::lock() const {
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

bool LegacyTables::present(const char* table) const {
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

const char* LegacyTables::firstUsed() const {
    for (const char* name : kTables) {
        if (!present(name)) continue;
        const auto table = LegacyTable::read(name);
        if (table && table->isUsed()) return name;
    }
    return nullptr;
}

bool LegacyTables::hasTarget(const char* name, std::uint8_t revision) const {
    xt_get_revision wanted{};
    std::string_view{name}.copy(wanted.name, sizeof wanted.name - 1);
    wanted.revision = revision;
    socklen_t size = sizeof wanted;
    return ::getsockopt(query_.get(), IPPROTO_IP, IPT_SO_GET_REVISION_TARGET, &wanted, &size) == 0;
}

void LegacyTables::remember(const std::string& table) const {
    left_[table] = shapeOf(query_.get(), table);
}

bool LegacyTables::looksTouched(const std::string& table) const {
    const auto left = left_.find(table);
    return left != left_.end() && left->second != shapeOf(query_.get(), table);
}

bool LegacyTables::edit(const char* name, const std::function<bool(LegacyTable&)>& change) const {
    for (int attempt = 0; attempt < kMostTries; ++attempt) {
        errno = 0;
        auto table = LegacyTable::read(name);
        if (table && change(*table) && table->commit()) {
            remember(name);
            return true;
        }
        if (errno == EAGAIN) continue;
        log::error("firewall: iptables table {} was not changed: {}", name,
                   igd::quoted(::iptc_strerror(errno)));
        return false;
    }
    log::error("firewall: iptables table {} was not changed: others change it all the time", name);
    return false;
}

}  // namespace igd::firewall
