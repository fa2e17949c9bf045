// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/firewall/watch.h"

#include "names.h"
#include "settling.h"

#include "upnpd/util/log.h"
#include "upnpd/util/memory.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <deque>
#include <optional>
#include <system_error>

#include <sys/inotify.h>
#include <unistd.h>

namespace igd {
namespace {

using boost::asio::posix::stream_descriptor;

constexpr Seconds kSizeInterval{1};
constexpr std::chrono::milliseconds kStretch{5};

/// Hears when a program of legacy iptables has done its work; -1 where there is no lock file.
int openLockWatch() {
    const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd >= 0 && ::inotify_add_watch(fd, firewall::kLegacyLock, IN_CLOSE) < 0)
        log::info("firewall: {} cannot be watched: legacy iptables is looked at once a second",
                  firewall::kLegacyLock);
    return fd;
}

}  // namespace

class FirewallWatch::Impl {
public:
    Impl(boost::asio::io_context& loop, FirewallHealth& backend,
         std::function<void(const std::string&)> damaged)
        : backend_(backend),
          damaged_(std::move(damaged)),
          settled_(loop),
          stretch_(loop),
          sizes_(loop),
          rest_(loop),
          lock_(loop) {
        for (const int fd : backend_.announcements()) announcements_.emplace_back(loop, fd);
        if (const int fd = openLockWatch(); fd >= 0) lock_.assign(fd);
        for (stream_descriptor& each : announcements_) await(each);
        awaitLock();
        awaitSizes();
        worked();
    }
    ~Impl() {
        for (stream_descriptor& each : announcements_) (void)each.release();  // the backend's
    }

    void stop() {
        stopped_ = true;
        boost::system::error_code ignored;
        for (stream_descriptor& each : announcements_) each.cancel(ignored);
        lock_.cancel(ignored);
        settled_.cancel();
        stretch_.cancel();
        sizes_.cancel();
        rest_.cancel();
    }

    void changed(Announced what) {
        if (what == Announced::Nothing || stopped_) return;
        if (what == Announced::OurElements) elements_ = true;
        settled_.expires_at(settling_.changed(Clock::now()));
        settled_.async_wait([this](boost::system::error_code error) {
            if (!error) begin();
        });
    }

private:
    /// Changes that come while the rules are read are looked at afterwards.
    void begin() {
        settling_.looked();
        if (reading_)
            again_ = true;
        else
            read();
    }

    /// Reads in stretches, between which clients are answered.
    void read() {
        reading_ = !backend_.readOn(kStretch);
        if (!reading_) return look();
        stretch_.expires_after(std::chrono::seconds{0});
        stretch_.async_wait([this](boost::system::error_code error) {
            if (!error) read();
        });
    }

    void look() {
        const bool elements = std::exchange(elements_, false);
        auto damage = backend_.damage();
        if (!damage && elements) damage = "elements of our maps were changed";
        if (damage) damaged_(*damage);
        if (std::exchange(again_, false) || backend_.isToLookAgain()) changed(Announced::Rules);
        worked();
        if (!sizesAwaited_) awaitSizes();  // the repair may lay silent rules
    }

    /// Whoever changes rules, we or others, is heard of here. While it goes on the backend rests
    /// once in a while, too.
    void worked() {
        if (std::exchange(worked_, true)) return;
        rest_.expires_after(kRestAfter);
        rest_.async_wait([this](boost::system::error_code error) {
            if (error || stopped_) return;
            worked_ = false;
            backend_.rest();
        });
    }

    void await(stream_descriptor& each) {
        each.async_wait(stream_descriptor::wait_read, [&](boost::system::error_code error) {
            if (error || stopped_) return;
            worked();
            changed(backend_.heard());
            await(each);
        });
    }

    void awaitLock() {
        if (!lock_.is_open()) return;
        lock_.async_wait(stream_descriptor::wait_read, [this](boost::system::error_code error) {
            if (error || stopped_) return;
            std::array<char, 4096> ignored{};
            while (::read(lock_.native_handle(), ignored.data(), ignored.size()) > 0) {
            }
            worked();
            changed(Announced::Rules);
            awaitLock();
        });
    }

    /// Looks every second as long as there is anything to look at.
    void awaitSizes() {
        sizesAwaited_ = true;
        sizes_.expires_after(kSizeInterval);
        sizes_.async_wait([this](boost::system::error_code error) {
            if (error || stopped_) return;
            const SilentRules rules = backend_.lookAtSilentRules();
            // Without the lock file nothing tells that silent rules have come.
            sizesAwaited_ = rules != SilentRules::None || !lock_.is_open();
            if (rules == SilentRules::Touched) changed(Announced::Rules);
            if (sizesAwaited_) awaitSizes();
        });
    }

    FirewallHealth& backend_;
    std::function<void(const std::string&)> damaged_;
    firewall::Settling settling_;
    boost::asio::steady_timer settled_;
    boost::asio::steady_timer stretch_;
    boost::asio::steady_timer sizes_;
    boost::asio::steady_timer rest_;
    stream_descriptor lock_;
    std::deque<stream_descriptor> announcements_;
    bool elements_ = false;
    bool reading_ = false;
    bool again_ = false;  ///< something changed while the rules were read
    bool worked_ = false;
    bool sizesAwaited_ = false;
    bool stopped_ = false;
};

FirewallWatch::FirewallWatch(boost::asio::io_context& loop, FirewallHealth& backend,
                             std::function<void(const std::string&)> damaged)
    : impl_(std::make_unique<Impl>(loop, backend, std::move(damaged))) {}

FirewallWatch::~FirewallWatch() = default;

void FirewallWatch::look() {
    impl_->changed(Announced::Rules);
}

void FirewallWatch::stop() {
    impl_->stop();
}

}  // namespace igd
