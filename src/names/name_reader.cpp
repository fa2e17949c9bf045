// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/names/name_reader.h"

#include "upnpd/names/lease_hosts.h"
#include "upnpd/names/name_query.h"
#include "upnpd/system/child_process.h"
#include "upnpd/system/confinement.h"
#include "upnpd/system/privileges.h"
#include "upnpd/util/text.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace igd {
namespace {

constexpr int kMisused = 2;
constexpr std::size_t kPacket = 4096;
constexpr std::size_t kTask = NameQuery::kMaxAddresses * 48 + 1;

/// The engine reads soon; when it does not, it has ended.
bool send(int engine, std::string_view packet) {
    constexpr int kPatience = 2000;
    for (;;) {
        if (::send(engine, packet.data(), packet.size(), MSG_NOSIGNAL) >= 0) return true;
        if (errno != EAGAIN && errno != EINTR) return false;
        pollfd room{engine, POLLOUT, 0};
        if (::poll(&room, 1, kPatience) == 0) return false;
    }
}

std::string contentOf(int file) {
    std::string content(kMaxLeaseFile, '\0');
    std::size_t size = 0;
    while (size < content.size()) {
        const ssize_t got = ::read(file, content.data() + size, content.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        size += static_cast<std::size_t>(got);
    }
    content.resize(size);
    return content;
}

bool tell(int engine, const std::vector<NamedHost>& hosts) {
    std::string packet;
    for (const NamedHost& host : hosts) {
        const std::string line = lineOf(host);
        if (packet.size() + line.size() > kPacket) {
            if (!send(engine, packet)) return false;
            packet.clear();
        }
        packet += line;
    }
    return packet.empty() || send(engine, packet);
}

sockaddr_in6 socketAddress6(const Ipv6Address& address) {
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    std::memcpy(&to.sin6_addr, address.bytes().data(), address.bytes().size());
    return to;
}

/// Returns what the name server, or /etc/hosts, says; empty: nothing.
std::string lookUp(const IpAddress& address) {
    std::array<char, NI_MAXHOST> name{};
    const auto ask = [&](const auto& to) {
        return ::getnameinfo(reinterpret_cast<const sockaddr*>(&to), sizeof to, name.data(),
                             name.size(), nullptr, 0, NI_NAMEREQD) == 0;
    };
    bool known = false;
    if (const auto* const ipv6 = std::get_if<Ipv6Address>(&address)) {
        known = ask(socketAddress6(*ipv6));
    } else {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_addr.s_addr = htonl(std::get<Ipv4Address>(address).value());
        known = ask(to);
    }
    return known ? cleanHostName(name.data()) : "";
}

/// A host that a file names is not looked up.
int work(int engine, NameTask task) {
    for (const UniqueFd& file : task.files) {
        const std::vector<NamedHost> hosts = hostsIn(contentOf(file.get()));
        for (const NamedHost& host : hosts)
            if (!host.name.empty()) std::erase(task.addresses, host.address);
        if (!tell(engine, hosts)) return 1;
    }
    if (!send(engine, kFilesRead)) return 1;
    for (const IpAddress& address : task.addresses)
        if (const std::string name = lookUp(address);
            !name.empty() && !tell(engine, {{address, std::nullopt, name}}))
            return 1;
    return 0;
}

}  // namespace

bool sendTask(int to, const std::vector<UniqueFd>& files, const std::vector<IpAddress>& addresses) {
    std::string text{"\n"};
    for (const IpAddress& address : addresses) text += toString(address) + " ";
    std::array<int, NameQuery::kMaxFiles> descriptors{};
    if (files.size() > descriptors.size() || text.size() > kTask) return false;
    for (std::size_t i = 0; i < files.size(); ++i) descriptors[i] = files[i].get();
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptors)> control{};
    iovec content{text.data(), text.size()};
    msghdr message{};
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    if (!files.empty()) {
        const std::size_t size = files.size() * sizeof(int);
        message.msg_control = control.data();
        message.msg_controllen = CMSG_SPACE(size);
        cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(size);
        std::memcpy(CMSG_DATA(header), descriptors.data(), size);
    }
    return ::sendmsg(to, &message, MSG_NOSIGNAL) >= 0;
}

std::optional<NameTask> receiveTask(int from) {
    std::array<char, kTask> text{};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(NameQuery::kMaxFiles * sizeof(int))> control{};
    iovec content{text.data(), text.size()};
    msghdr message{};
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = ::recvmsg(from, &message, MSG_CMSG_CLOEXEC);
    if (size <= 0) return std::nullopt;
    NameTask task;
    const cmsghdr* const header = CMSG_FIRSTHDR(&message);
    if (header != nullptr && header->cmsg_type == SCM_RIGHTS)
        for (std::size_t at = 0; CMSG_LEN(at + sizeof(int)) <= header->cmsg_len;
             at += sizeof(int)) {
            int file = -1;
            std::memcpy(&file, CMSG_DATA(header) + at, sizeof file);
            task.files.emplace_back(file);
        }
    const std::string_view listed =
        std::string_view{text.data(), static_cast<std::size_t>(size)}.substr(1);
    for (const std::string_view word : words(listed))
        if (const auto address = parseIpAddress(word)) task.addresses.push_back(*address);
    return task;
}

int runNameReader() {
    takeNameOfDaemon();
    const UniqueFd engine{kEngineDescriptor};
    ::setenv("RES_OPTIONS", "timeout:1 attempts:1", 1);  // a name that is not to be had is no loss
    try {
        dropAllRights();
        confineStunClient();  // it may read what the resolver reads, and use sockets
    } catch (const std::runtime_error&) {
        return 1;
    }
    auto task = receiveTask(engine.get());
    return task ? work(engine.get(), std::move(*task)) : kMisused;
}

}  // namespace igd
