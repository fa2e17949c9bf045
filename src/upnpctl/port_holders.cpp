// SPDX-License-Identifier: GPL-2.0-or-later
#include "port_holders.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>
#include <system_error>

namespace igd::ctl {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kListening = "0A";  ///< a state of TCP

template <class Number>
std::optional<Number> hexadecimal(std::string_view text) {
    Number number{};
    const auto end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number, 16);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return number;
}

/// Reads an address as the kernel writes it there: words of 32 bits in the host's order.
std::optional<IpAddress> addressIn(std::string_view text) {
    constexpr std::size_t kWord = 8;
    Ipv6Address::Bytes bytes{};
    if (text.size() != kWord && text.size() != 4 * kWord) return std::nullopt;
    for (std::size_t at = 0; at < text.size(); at += kWord) {
        const auto word = hexadecimal<std::uint32_t>(text.substr(at, kWord));
        if (!word) return std::nullopt;
        std::memcpy(bytes.data() + at / 2, &*word, sizeof *word);
    }
    if (text.size() != kWord) return Ipv6Address{bytes};
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8U | bytes.at(i);
    return Ipv4Address{value};
}

bool isAny(const IpAddress& address) {
    return address == IpAddress{Ipv4Address{}} || address == IpAddress{Ipv6Address{}};
}

/// Returns whether one of two sockets with these addresses and one port keeps the other from being
/// bound. One that is bound to :: may have IPv4 too.
bool collide(const IpAddress& one, const IpAddress& other) {
    if (one == other || one == IpAddress{Ipv6Address{}} || other == IpAddress{Ipv6Address{}})
        return true;
    return one.index() == other.index() && (isAny(one) || isAny(other));
}

/// Returns the inode of the socket in a line of /proc/net/udp and the like, when it is in the way
/// of `wanted`.
std::optional<std::uint64_t> inodeIn(const std::string& line, const SocketName& wanted) {
    constexpr std::size_t kLocal = 1;
    constexpr std::size_t kState = 3;
    constexpr std::size_t kInode = 9;
    const auto fields = words(line);
    if (fields.size() <= kInode) return std::nullopt;
    if (wanted.tcp && fields[kState] != kListening) return std::nullopt;
    const auto colon = fields[kLocal].find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto address = addressIn(fields[kLocal].substr(0, colon));
    const auto port = hexadecimal<std::uint16_t>(fields[kLocal].substr(colon + 1));
    if (!address || port != wanted.local.port.value) return std::nullopt;
    if (!collide(*address, wanted.local.address)) return std::nullopt;
    return parseUnsigned<std::uint64_t>(fields[kInode]);
}

/// Returns the links in /proc/PID/fd to the sockets that are in the way.
std::set<std::string> socketsInTheWay(const SocketName& wanted, const fs::path& proc) {
    std::set<std::string> links;
    for (const char* family : {"", "6"}) {
        std::ifstream table{proc / "net" / (std::string{wanted.tcp ? "tcp" : "udp"} + family)};
        for (std::string line; std::getline(table, line);)
            if (const auto inode = inodeIn(line, wanted))
                links.insert(fmt::format("socket:[{}]", *inode));
    }
    return links;
}

bool hasOneOf(const std::set<std::string>& links, const fs::path& process) {
    std::error_code error;
    for (fs::directory_iterator each{process / "fd", error}, end; !error && each != end;
         each.increment(error)) {
        std::error_code unreadable;
        if (links.contains(fs::read_symlink(each->path(), unreadable).string())) return true;
    }
    return false;
}

std::string nameOf(const fs::path& process) {
    std::ifstream file{process / "comm"};
    std::string name;
    std::getline(file, name);
    return cleanUtf8(name, 64);
}

}  // namespace

std::string holdersOf(const SocketName& wanted, const fs::path& proc) {
    const auto links = socketsInTheWay(wanted, proc);
    std::string text;
    if (links.empty()) return text;
    std::error_code error;
    for (fs::directory_iterator each{proc, error}, end; !error && each != end;
         each.increment(error)) {
        const std::string pid = each->path().filename().string();
        if (!parseUnsigned<std::uint32_t>(pid) || !hasOneOf(links, each->path())) continue;
        const std::string name = nameOf(each->path());
        if (name == "upnpd") continue;
        text += fmt::format("{}{} (pid {})", text.empty() ? "" : ", ", name, pid);
    }
    return text;
}

}  // namespace igd::ctl
