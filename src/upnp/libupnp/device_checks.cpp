// SPDX-License-Identifier: GPL-2.0-or-later
#include "libupnp/device_checks.h"

#include "upnpd/util/unique_fd.h"

#include <fmt/format.h>

#include <cstring>
#include <memory>
#include <stdexcept>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace igd::upnp {
namespace {

struct AddressesFree {
    void operator()(ifaddrs* list) const noexcept { ::freeifaddrs(list); }
};

bool isThatAddress(const ifaddrs& entry, const InterfaceName& interface, Ipv4Address address) {
    if (entry.ifa_addr == nullptr || entry.ifa_addr->sa_family != AF_INET) return false;
    if (interface.text() != entry.ifa_name) return false;
    return reinterpret_cast<const sockaddr_in*>(entry.ifa_addr)->sin_addr.s_addr ==
           htonl(address.value());
}

[[noreturn]] void fail(std::string_view why) {
    throw std::runtime_error{std::string{why}};
}

}  // namespace

void requireAddress(const InterfaceName& interface, Ipv4Address address) {
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0)
        fail(fmt::format("the addresses of {} cannot be read", interface.text()));
    const std::unique_ptr<ifaddrs, AddressesFree> list{all};
    for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
        if (!isThatAddress(*entry, interface, address)) continue;
        if ((entry->ifa_flags & IFF_UP) == 0) fail(fmt::format("{} is down", interface.text()));
        if ((entry->ifa_flags & IFF_MULTICAST) == 0)
            fail(fmt::format("{} cannot do multicast, which UPnP needs", interface.text()));
        return;
    }
    fail(fmt::format("{} does not have the address {}", interface.text(), toString(address)));
}

void requireRefusal(const Endpoint& listener, const std::atomic<unsigned>& refused) {
    const unsigned before = refused;
    const UniqueFd probe{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const timeval patience{2, 0};
    ::setsockopt(probe.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(probe.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in target{};
    target.sin_family = AF_INET;
    target.sin_port = htons(listener.port.value);
    target.sin_addr.s_addr = htonl(listener.address.value());
    if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0)
        fail(fmt::format("libupnp's own port {} cannot be reached over lo: {}", toString(listener),
                         std::strerror(errno)));
    char byte{};
    const bool ended = ::recv(probe.get(), &byte, 1, 0) <= 0;
    if (!ended || refused == before)
        fail("libupnp goes past the daemon's accept() hook: any local process could talk to it");
}

}  // namespace igd::upnp
