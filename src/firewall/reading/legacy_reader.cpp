// SPDX-License-Identifier: GPL-2.0-or-later
#include "reading/legacy_reader.h"

#include "names.h"

#include "upnpd/inspect/legacy_decoder.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace igd::firewall {
namespace {

constexpr std::array kTables{"raw", "mangle", "nat", "filter", "security"};
constexpr int kMostTries = 3;  // a table may change between its two system calls

static_assert(IPT_SO_GET_ENTRIES == IP6T_SO_GET_ENTRIES &&
              sizeof(ipt_get_entries) == sizeof(ip6t_get_entries) &&
              sizeof(ipt_getinfo) == sizeof(ip6t_getinfo));

/// The question for the entries, with room for the answer.
std::vector<std::byte> question(const char* table, std::uint32_t size) {
    std::vector<std::byte> buffer(sizeof(ipt_get_entries) + size);
    std::memcpy(buffer.data(), table, std::strlen(table));
    std::memcpy(buffer.data() + offsetof(ipt_get_entries, size), &size, sizeof size);
    return buffer;
}

template <class Info>
inspect::LegacyFrame frameOf(const Info& info) {
    inspect::LegacyFrame frame;
    frame.validHooks = info.valid_hooks;
    std::ranges::copy(info.hook_entry, frame.hookEntry.begin());
    std::ranges::copy(info.underflow, frame.underflow.begin());
    return frame;
}

}  // namespace

template <class Ip>
LegacyReader::Side<Ip>::Side() : socket(::socket(Ip::kFamily, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

template <class Ip>
int LegacyReader::Side<Ip>::addTo(inspect::Ruleset& rules) const {
    for (const char* table : kTables) {
        if (!presence.has(table)) continue;
        int error = EAGAIN;
        for (int tries = 0; error == EAGAIN && tries < kMostTries; ++tries)
            error = add(rules, table);
        if (error != 0) return error;
    }
    return 0;
}

template <class Ip>
int LegacyReader::Side<Ip>::add(inspect::Ruleset& rules, const char* table) const {
    typename Ip::Info info{};
    std::memcpy(info.name, table, std::strlen(table));
    socklen_t size = sizeof info;
    if (::getsockopt(socket.get(), Ip::kLevel, Ip::kGetInfo, &info, &size) != 0)
        // It is loaded, but not for this network namespace, or went away.
        return errno == ENOENT || errno == ENOPROTOOPT ? 0 : errno;
    std::vector<std::byte> buffer = question(table, info.size);
    size = static_cast<socklen_t>(buffer.size());
    if (::getsockopt(socket.get(), Ip::kLevel, IPT_SO_GET_ENTRIES, buffer.data(), &size) != 0)
        return errno;
    const bool added =
        inspect::addLegacyTable(rules, table, Ip::kFamily == AF_INET6, frameOf(info),
                                std::span{buffer}.subspan(sizeof(ipt_get_entries)), kTag);
    return added ? 0 : EBADMSG;
}

LegacyReader::LegacyReader() = default;

std::error_code LegacyReader::addTo(inspect::Ruleset& rules) const {
    const int first = ipv4_.addTo(rules);
    const int second = ipv6_.addTo(rules);
    return {first != 0 ? first : second, std::generic_category()};
}

}  // namespace igd::firewall
