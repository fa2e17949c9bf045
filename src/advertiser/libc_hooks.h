// SPDX-License-Identifier: GPL-2.0-or-later
// libupnp opens its sockets too wide and sends NOTIFYs that are neither whole nor on the right
// interface, and has no call to change that. It asks libc for them through its PLT, so the
// executable's own bind(), accept() and sendto() come first: they mend libupnp's calls, and pass on
// every other call untouched.
#pragma once

#include "upnpd/net/interface_name.h"

#include <atomic>
#include <functional>
#include <string_view>

struct sockaddr;

namespace igd {

class LibcHooks {
public:
    /// Puts the hooks in force until its end; one object at a time. `notify` gets each datagram
    /// that libupnp sends to the SSDP group over IPv4, in libupnp's thread.
    LibcHooks(InterfaceName interface, std::function<void(std::string_view datagram)> notify);
    ~LibcHooks();
    LibcHooks(const LibcHooks&) = delete;
    LibcHooks& operator=(const LibcHooks&) = delete;

    /// The counts say how often each hook did its work; a zero means that libupnp goes past it.
    struct Counts {
        std::atomic<unsigned> listener{0};
        std::atomic<unsigned> searchSocket{0};
        std::atomic<unsigned> stopSocket{0};
        std::atomic<unsigned> refusedConnection{0};
        std::atomic<unsigned> datagram{0};
    };
    [[nodiscard]] const Counts& counts() const { return counts_; }

    // The hooks call the following functions.

    /// libupnp's listeners get a loopback address and a port that the kernel chooses, and its UDP
    /// sockets receive nothing at all.
    [[nodiscard]] int bindForLibrary(int fd, const sockaddr* address, unsigned length) noexcept;
    /// Nobody may talk to libupnp: each connection is closed.
    [[nodiscard]] int refuseConnection(int fd) noexcept;
    /// Returns whether the datagram was one for the group, which is not sent as it is.
    [[nodiscard]] bool takes(std::string_view datagram, const sockaddr* to) noexcept;

private:
    [[nodiscard]] bool prepare4(int fd, void* address) noexcept;
    [[nodiscard]] bool prepare6(int fd, void* address) noexcept;

    const InterfaceName interface_;
    const std::function<void(std::string_view)> notify_;
    Counts counts_;
};

}  // namespace igd
