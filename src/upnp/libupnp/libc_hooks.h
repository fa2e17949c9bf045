// SPDX-License-Identifier: GPL-2.0-or-later
// libupnp opens its sockets too wide and sends its multicast the wrong way, and has no call to
// change that. It asks libc for them through its PLT, so the executable's own bind(), setsockopt()
// and accept() come first: they mend libupnp's calls, and pass on every other call untouched.
#pragma once

#include "upnpd/net/address.h"
#include "upnpd/net/interface_name.h"

#include <atomic>

struct sockaddr;

namespace igd::upnp {

/// libupnp listens at this address.
constexpr Ipv4Address kLoopbackAddress{0x7f000001};

class LibcHooks {
public:
    /// Puts the hooks in force until its end; one object at a time.
    LibcHooks(InterfaceName interface, Ipv4Address address);
    ~LibcHooks();
    LibcHooks(const LibcHooks&) = delete;
    LibcHooks& operator=(const LibcHooks&) = delete;

    /// While a Binding lives, the sockets that this thread binds are libupnp's: its listeners get a
    /// loopback address and a port that the kernel chooses, and its UDP sockets receive nothing at
    /// all.
    class Binding {
    public:
        explicit Binding(LibcHooks& hooks);
        ~Binding();
        Binding(const Binding&) = delete;
        Binding& operator=(const Binding&) = delete;
    };

    /// The counts say how often each hook did its work; a zero means that libupnp goes past it.
    struct Counts {
        std::atomic<unsigned> listener{0};
        std::atomic<unsigned> searchSocket{0};
        std::atomic<unsigned> stopSocket{0};
        std::atomic<unsigned> multicastInterface{0};
        std::atomic<unsigned> refusedConnection{0};
    };
    [[nodiscard]] const Counts& counts() const { return counts_; }

    /// Lets UpnpFinish() wake its server by a datagram to 127.0.0.1, which nobody could send until
    /// now.
    void allowStop() const;

    // The hooks call the following functions.
    [[nodiscard]] int bindForLibrary(int fd, const sockaddr* address, unsigned length) noexcept;
    [[nodiscard]] int setMulticastInterface(int fd) noexcept;
    [[nodiscard]] bool isListener(int fd) const noexcept {
        return fd == listener_ || fd == listener6_;
    }
    [[nodiscard]] int refuseConnection(int fd) noexcept;

private:
    [[nodiscard]] bool prepare4(int fd, void* address) noexcept;
    [[nodiscard]] bool prepare6(int fd, void* address) noexcept;

    const InterfaceName interface_;
    const unsigned interfaceIndex_;
    const Ipv4Address address_;
    std::atomic<int> listener_{-1};
    std::atomic<int> listener6_{-1};
    std::atomic<int> stopSocket_{-1};
    Counts counts_;
};

}  // namespace igd::upnp
