// SPDX-License-Identifier: GPL-2.0-or-later
#include "above_client.h"

#include "port_control_way.h"
#include "upnp_way.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace igd::above {
namespace {

/// How often a gateway is asked whether it is there and has kept all. Each question costs it a
/// datagram; a gateway that starts again says so itself, mostly.
constexpr Seconds kPulse{30};
constexpr Seconds kFirstPause{2};
constexpr Seconds kLongestPause{60};

}  // namespace

AboveClient::AboveClient(boost::asio::io_context& loop, const Begin& setup,
                         std::function<void(const ToEngine&)> tell)
    : tell_(std::move(tell)),
      loop_(loop),
      leases_(loop, {.tell = tell_, .silent = [this] { look(); }}),
      timer_(loop) {
    addWays(setup, {*InterfaceName::parse(setup.interface), setup.own, setup.gateway});
    search(0);
}

void AboveClient::addWays(const Begin& setup, const Link& link) {
    const auto isMeant = [&](Upstream by) { return setup.by == Upstream::Auto || setup.by == by; };
    const Way::Handlers handlers{
        .lost = [this] { leases_.renewAll(); },
        .moved = [this](std::optional<Ipv4Address> external) { tellHop(external); }};
    for (const Upstream by : {Upstream::Pcp, Upstream::NatPmp})
        if (isMeant(by))
            ways_.push_back(std::make_unique<PortControlWay>(loop_, link, by == Upstream::Pcp,
                                                             setup.nonceSeed, handlers));
    if (isMeant(Upstream::Upnp))
        ways_.push_back(std::make_unique<UpnpWay>(loop_, link, setup.ownUuid, handlers));
}

void AboveClient::search(std::size_t from) {
    searching_ = true;
    if (from == 0) whyNot_.clear();
    ways_[from]->find([this, from](const PulseAnswer& answer) {
        if (ended_) return;
        if (answer)
            found(*ways_[from], *answer);
        else
            notFound(from, answer.error());
    });
}

void AboveClient::found(Way& way, const Pulse& pulse) {
    searching_ = false;
    failures_ = 0;
    way_ = &way;
    tellHop(pulse.external);
    leases_.use(way_);
    for (const auto& [key, exactly] : std::exchange(early_, {})) leases_.hold(key, exactly);
    lookAfter(kPulse);
}

void AboveClient::notFound(std::size_t index, const std::string& why) {
    whyNot_.push_back(fmt::format("{}: {}", igd::name(ways_[index]->name()), why));
    if (index + 1 < ways_.size()) return search(index + 1);
    searching_ = false;
    const std::string problem = fmt::format("{}", fmt::join(whyNot_, "; "));
    tell_(Hop{.by = ways_.front()->name(), .problem = problem});
    for (const auto& [key, exactly] : std::exchange(early_, {}))
        tell_(NotHeld{key.protocol, key.externalPort, NotHeld::Why::Silence, problem});
    lookAfter(std::min(kFirstPause * (1U << std::min(failures_++, 5U)), kLongestPause));
}

void AboveClient::lookAfter(Seconds pause) {
    timer_.expires_after(pause);
    timer_.async_wait([this](boost::system::error_code error) {
        if (error || ended_) return;
        if (way_ == nullptr) return search(0);
        look();
    });
}

void AboveClient::look() {
    if (way_ == nullptr || looking_ || ended_) return;
    looking_ = true;
    way_->check([this](const PulseAnswer& answer) {
        looking_ = false;
        if (way_ == nullptr || ended_) return;
        if (!answer) return lose(answer.error());
        tellHop(answer->external);
        lookAfter(kPulse);
    });
}

/// Another protocol may be spoken there afterwards: it is looked for anew.
void AboveClient::lose(const std::string& why) {
    const Upstream by = way_->name();
    way_ = nullptr;
    leases_.use(nullptr);
    tell_(Hop{.by = by, .problem = fmt::format("{}: {}", igd::name(by), why)});
    lookAfter(kFirstPause);
}

void AboveClient::tellHop(std::optional<Ipv4Address> external) {
    if (way_ != nullptr) tell_(Hop{.found = true, .by = way_->name(), .external = external});
}

void AboveClient::hold(const MappingKey& key, bool exactly) {
    if (!searching_) return leases_.hold(key, exactly);
    early_[key] = exactly || early_[key];
}

void AboveClient::release(const MappingKey& key) {
    early_.erase(key);
    leases_.release(key);
}

void AboveClient::end(std::function<void()> done) {
    ended_ = true;
    timer_.cancel();
    leases_.releaseAll(std::move(done));
}

}  // namespace igd::above
