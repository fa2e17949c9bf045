// SPDX-License-Identifier: GPL-2.0-or-later
#include "libupnp/device.h"

#include "libupnp/device_checks.h"
#include "libupnp/libc_hooks.h"

#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <upnp.h>
#include <upnptools.h>

namespace igd::upnp {
namespace {

constexpr int kMaxAge = 1800;

using Ready = std::function<void(std::string error)>;

void check(int code, std::string_view what) {
    if (code == UPNP_E_SUCCESS) return;
    throw std::runtime_error{
        fmt::format("libupnp: {} failed: {} ({})", what, UpnpGetErrorMessage(code), code)};
}

void checkHooks(const LibcHooks::Counts& counts) {
    if (counts.listener > 0 && counts.searchSocket > 0 && counts.stopSocket > 0 &&
        counts.multicastInterface > 0)
        return;
    throw std::runtime_error{fmt::format(
        "libupnp goes past the daemon's libc hooks (bind {}/{}/{}, setsockopt {}): it would hear "
        "more than it may; is it linked statically?",
        counts.listener.load(), counts.searchSocket.load(), counts.stopSocket.load(),
        counts.multicastInterface.load())};
}

/// libupnp is initialised for as long as an object of this class lives.
class Library {
public:
    Library(LibcHooks& hooks, const InterfaceName& interface) : hooks_(hooks) {
        const LibcHooks::Binding binding{hooks_};
        const int code = UpnpInit2(interface.text().c_str(), 0);
        if (code != UPNP_E_SUCCESS) UpnpFinish();
        check(code, "UpnpInit2 on " + interface.text());
    }
    ~Library() {
        hooks_.allowStop();
        UpnpFinish();
    }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

private:
    LibcHooks& hooks_;
};

/// The device is registered for as long as an object of this class lives; its end sends
/// ssdp:byebye.
class Registration {
public:
    explicit Registration(const DeviceSettings& settings) {
        const auto heedless = [](Upnp_EventType, const void*, void*) { return 0; };
        check(UpnpRegisterRootDevice4(settings.descriptionUrl.c_str(), heedless, nullptr, &handle_,
                                      AF_INET, settings.version1DescriptionUrl.c_str()),
              "reading " + settings.descriptionUrl);
    }
    ~Registration() { UpnpUnRegisterRootDevice(handle_); }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;
    [[nodiscard]] UpnpDevice_Handle handle() const { return handle_; }

private:
    UpnpDevice_Handle handle_ = -1;
};

}  // namespace

class UpnpDevice::Life : public std::enable_shared_from_this<UpnpDevice::Life> {
public:
    explicit Life(DeviceSettings settings) : settings_(std::move(settings)) {}

    void run(const Ready& ready) noexcept {
        try {
            live(ready);
        } catch (const std::exception& error) {
            if (!ready_) ready(error.what());
            if (ready_)
                log::error("upnp: the device of {} ended: {}", settings_.interface.text(),
                           error.what());
        }
        const std::scoped_lock lock{mutex_};
        ended_ = true;
        changed_.notify_all();
    }

    [[nodiscard]] bool end(Seconds patience) {
        std::unique_lock lock{mutex_};
        stopping_ = true;
        changed_.notify_all();
        return changed_.wait_for(lock, patience, [this] { return ended_; });
    }

private:
    void live(const Ready& ready) {
        // A failed UpnpInit2() leaves threads behind, so everything that can be known is asked
        // before.
        requireAddress(settings_.interface, settings_.address);
        LibcHooks hooks{settings_.interface, settings_.address};
        const Library library{hooks, settings_.interface};
        checkHooks(hooks.counts());
        requireRefusal({kLoopbackAddress, Port{UpnpGetServerPort()}},
                       hooks.counts().refusedConnection);
        // The device is registered once for the byebye alone: control points forget an earlier run.
        { const Registration forget{settings_}; }
        const Registration registration{settings_};
        check(UpnpSendAdvertisement(registration.handle(), kMaxAge), "UpnpSendAdvertisement");
        ready_ = true;
        ready({});
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [this] { return stopping_; });
    }

    const DeviceSettings settings_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    bool ended_ = false;
    bool ready_ = false;  ///< of the device's thread alone
};

UpnpDevice::UpnpDevice(DeviceSettings settings)
    : life_(std::make_shared<Life>(std::move(settings))) {}

UpnpDevice::~UpnpDevice() = default;

void UpnpDevice::start(std::function<void(std::string error)> ready) {
    started_ = true;
    std::thread{[life = life_, ready = std::move(ready)] { life->run(ready); }}.detach();
}

bool UpnpDevice::stop(Seconds patience) {
    return !started_ || life_->end(patience);
}

}  // namespace igd::upnp
