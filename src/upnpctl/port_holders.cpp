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

/// Whether a socket with the first of the addresses is meant by one who asks about the second.
using Meant = bool (*)(const IpAddress&, const IpAddress&);

bool isEqual(const IpAddress& one, const IpAddress& other) {
    return one == other;
}

/// Returns the inode of the socket in a line of /proc/net/udp and the like, when it has the port of
/// `wanted` and an address that is meant.
std::optional<std::uint64_t> inodeIn(const std::string& line, const SocketName& wanted,
                                     Meant meant) {
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
    if (!meant(*address, wanted.local.address)) return std::nullopt;
    return parseUnsigned<std::uint64_t>(fields[kInode]);
}

/// Returns the links in /proc/PID/fd to the sockets that are meant.
std::set<std::string> socketsOf(const SocketName& wanted, Meant meant, const fs::path& proc) {
    std::set<std::string> links;
    for (const char* family : {"", "6"}) {
        std::ifstream table{proc / "net" / (std::string{wanted.tcp ? "tcp" : "udp"} + family)};
        for (std::string line; std::getline(table, line);)
            if (const auto inode = inodeIn(line, wanted, meant))
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

/// Calls `each` with the number and the name of each process that has one of the sockets.
template <class Each>
void forHolders(const std::set<std::string>& links, const fs::path& proc, Each each) {
    if (links.empty()) return;
    std::error_code error;
    for (fs::directory_iterator process{proc, error}, end; !error && process != end;
         process.increment(error)) {
        const std::string pid = process->path().filename().string();
        if (parseUnsigned<std::uint32_t>(pid) && hasOneOf(links, process->path()))
            each(pid, nameOf(process->path()));
    }
}

constexpr std::string_view kOwnName = "upnpd";

}  // namespace

std::string holdersOf(const SocketName& wanted, const fs::path& proc) {
    std::string text;
    forHolders(socketsOf(wanted, collide, proc), proc,
               [&](const std::string& pid, const std::string& name) {
                   if (name == kOwnName) return;
                   text += fmt::format("{}{} (pid {})", text.empty() ? "" : ", ", name, pid);
               });
    return text;
}

SocketName socketIn(const Json& json) {
    const std::string address = json.value("address", "");
    SocketName name{json.value("protocol", "") == "tcp",
                    {Ipv4Address{}, Port{json.value("port", std::uint16_t{0})}}};
    if (const auto six = parseIpv6Address(address)) name.local.address = *six;
    if (const auto four = parseIpv4Address(address)) name.local.address = *four;
    return name;
}

void addHolders(Json& problems) {
    for (Json& problem : problems) {
        const SocketName name = socketIn(problem);
        if (name.local.port == Port{0}) continue;
        if (std::string holders = holdersOf(name); !holders.empty())
            problem["holders"] = std::move(holders);
    }
}

Listener listenerOf(const SocketName& wanted, const fs::path& proc) {
    const auto links = socketsOf(wanted, isEqual, proc);
    if (links.empty()) return Listener::Nobody;
    auto listener = Listener::NotSeen;
    forHolders(links, proc, [&](const std::string&, const std::string& name) {
        if (name == kOwnName)
            listener = Listener::Us;
        else if (listener == Listener::NotSeen)
            listener = Listener::Other;
    });
    return listener;
}

}  // namespace igd::ctl
