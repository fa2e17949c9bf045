// SPDX-License-Identifier: GPL-2.0-or-later
#include "device.h"

#include "libc_hooks.h"
#include "notice_reader.h"

#include "upnpd/util/unique_fd.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <random>
#include <stdexcept>
#include <thread>

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <upnp.h>
#include <upnptools.h>
// libixml 1.8.4 leaks these macros.
#undef IN
#undef OUT
#undef INOUT
#undef TRUE
#undef FALSE

namespace igd {
namespace {

constexpr int kMaxAge = 1800;
/// A random time of up to so many milliseconds comes before the first NOTIFY (UDA 1.1 section 1.2:
/// not all devices at once).
constexpr int kStart = 100;

void check(int code, std::string_view what) {
    if (code == UPNP_E_SUCCESS) return;
    throw std::runtime_error{
        fmt::format("libupnp: {} failed: {} ({})", what, UpnpGetErrorMessage(code), code)};
}

/// Nothing calls in: libupnp serves nobody.
int ignore(Upnp_EventType /*type*/, const void* /*event*/, void* /*cookie*/) {
    return 0;
}

UpnpDevice_Handle registered(const std::string& description) {
    constexpr int kUrlOfLibrary = 1;  // it makes one up for a text; nobody sees it
    UpnpDevice_Handle handle = -1;
    check(UpnpRegisterRootDevice2(UPNPREG_BUF_DESC, description.c_str(), description.size(),
                                  kUrlOfLibrary, &ignore, nullptr, &handle),
          "registering the device");
    return handle;
}

/// Sends ssdp:byebye for everything.
void unregister(UpnpDevice_Handle device) {
    check(UpnpUnRegisterRootDevice(device), "taking the device back");
}

/// libupnp says of such an interface only that it is invalid.
void requireMulticast(const InterfaceName& interface) {
    ifreq request{};
    interface.text().copy(request.ifr_name, sizeof request.ifr_name - 1);
    const UniqueFd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    if (::ioctl(socket.get(), SIOCGIFFLAGS, &request) == 0 &&
        (request.ifr_flags & IFF_MULTICAST) == 0)
        throw std::runtime_error{"the interface cannot do multicast"};
}

/// Sends in place of each of libupnp's NOTIFYs ours.
class Announcer {
public:
    explicit Announcer(const Presence& presence) : notifier_(presence) {}

    void take(std::string_view datagram) {
        const auto notice = noticeIn(datagram);
        if (!notice) throw std::runtime_error{"libupnp sends what is no NOTIFY"};
        note(notifier_.send(*notice));
        if (notice->alive) std::this_thread::sleep_for(kSpread);
    }

    /// Sends the set without libupnp.
    void sendSet(const std::vector<SearchTarget>& targets, bool byebye) {
        if (byebye) notifier_.sayGoodbye(targets);
        note(notifier_.announce(targets));
    }

    /// Throws unless something was sent.
    void check() const {
        if (sent_ == 0)
            throw std::runtime_error{fmt::format("nothing can be sent: {}", std::strerror(error_))};
    }

private:
    void note(std::size_t left) {
        sent_ += left;
        if (left == 0) error_ = errno;
    }

    const Notifier notifier_;
    std::size_t sent_ = 0;
    int error_ = ENODEV;  ///< no address can be sent from
};

void checkHooks(const LibcHooks::Counts& counts) {
    if (counts.listener > 0 && counts.searchSocket > 0 && counts.stopSocket > 0) return;
    throw std::runtime_error{fmt::format(
        "libupnp goes past the daemon's libc hooks (bind {}/{}/{}): it would hear more than it "
        "may; is it linked statically?",
        counts.listener.load(), counts.searchSocket.load(), counts.stopSocket.load())};
}

void pauseBeforeFirst() {
    std::uniform_int_distribution<int> pause{0, kStart};
    std::random_device random;
    std::this_thread::sleep_for(std::chrono::milliseconds{pause(random)});
}

}  // namespace

void advertiseDevice(const AdvertiserSetup& setup) {
    requireMulticast(setup.lan.interface);
    const DeviceIdentity shown = asAnnounced(setup.identity);
    // libupnp's threads outlive this function.
    static Announcer announcer{
        {setup.lan, setup.httpPort, setup.bootId, configurationId(shown), shown.profile}};
    // UpnpInit2() refuses an interface without an address of IPv4.
    if (setup.lan.addresses.empty()) {
        pauseBeforeFirst();
        announcer.sendSet(searchTargets(shown), setup.byebye);
        return announcer.check();
    }
    static LibcHooks hooks{setup.lan.interface,
                           [](std::string_view datagram) { announcer.take(datagram); }};
    pauseBeforeFirst();
    check(UpnpInit2(setup.lan.interface.text().c_str(), 0), "UpnpInit2");
    checkHooks(hooks.counts());
    const std::string description = descriptionDocument(shown);
    if (setup.byebye) unregister(registered(description));
    const UpnpDevice_Handle device = registered(description);
    check(UpnpSendAdvertisement(device, kMaxAge), "UpnpSendAdvertisement");
    if (hooks.counts().datagram == 0)
        throw std::runtime_error{"libupnp goes past the daemon's hook of sendto()"};
    announcer.check();
}

}  // namespace igd
