// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/upstream/gateway_above.h"

#include "above_table.h"

#include "upnpd/system/child_process.h"
#include "upnpd/upstream/above_process.h"
#include "upnpd/util/log.h"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace igd {
namespace {

using namespace above;

constexpr Seconds kSweep{5};
constexpr Seconds kLongestRest{60};
/// A process that has not ended by then is ended; it needs less to give all ports back.
constexpr Seconds kTimeToLeave{2};

bool isNumbered(const Opening& opening) {
    return opening.kind == OpeningKind::Mapping && isTranslated(opening.protocol);
}

std::vector<MappingKey> keysOf(const Opening& opening) {
    std::vector<MappingKey> keys;
    for (unsigned distance = 0; distance < opening.portCount; ++distance)
        keys.push_back({opening.protocol, portBehind(opening.externalPort, distance)});
    return keys;
}

}  // namespace

GatewayAbove::GatewayAbove(boost::asio::io_context& loop, UpstreamSetting setting, Parts parts,
                           Start start)
    : loop_(loop),
      setting_(setting),
      parts_(std::move(parts)),
      start_(std::move(start)),
      table_(std::make_unique<AboveTable>()),
      process_(loop),
      timer_(loop) {}

GatewayAbove::~GatewayAbove() = default;

pid_t GatewayAbove::startProcess(UniqueFd channel) {
    return startChild(Program{}, std::move(channel), {"upnpd", kAskAboveArgument});
}

/// A public address needs no gateway above.
bool GatewayAbove::isAsked() const {
    return setting_.by != Upstream::Off && line_ && line_->own && !line_->own->isPublic();
}

std::optional<Ipv4Address> GatewayAbove::gateway() const {
    if (setting_.gateway) return setting_.gateway;
    return line_ ? line_->gateway : std::nullopt;
}

void GatewayAbove::set(const UpstreamSetting& setting) {
    if (setting == setting_) return;
    const auto before = external();
    setting_ = setting;
    begin(before);
}

void GatewayAbove::look(Line line) {
    if (line_ == line) return;
    const bool isSameLink = line_ && line_->own == line.own && line_->gateway == line.gateway &&
                            line_->interface == line.interface;
    const auto before = external();
    line_ = std::move(line);
    if (!isSameLink) begin(before);
}

/// With another gateway, or another address of ours there, all is asked for anew.
void GatewayAbove::begin(std::optional<Ipv4Address> toldBefore) {
    endChild();
    failures_ = 0;
    said_.clear();
    takeMapped();
    if (isAsked())
        launch();
    else
        timer_.cancel();
    if (toldBefore) parts_.changed();
}

/// A mapped port passes prepare() whatever the gateway above says: it stands already.
void GatewayAbove::takeMapped() {
    table_->forget();
    for (const Opening& opening : parts_.mapped())
        if (isNumbered(opening))
            for (const MappingKey& key : keysOf(opening)) (void)table_->mapped(key, Clock::now());
}

/// Its end of the channel is closed: it gives all ports back and ends, and SIGCHLD reports that.
void GatewayAbove::endChild() {
    launchDue_ = false;
    process_.hangUp();
}

void GatewayAbove::launch() {
    const auto to = gateway();
    const bool isOurs = to && (to == line_->own ||
                               std::ranges::find(line_->ownOthers, *to) != line_->ownOthers.end());
    if (!to)
        return report(
            "the default route of the external interface names no gateway: set upstream_gateway");
    if (isOurs) return report(fmt::format("{} is this router itself", toString(*to)));
    launchDue_ = process_.isRunning();
    if (launchDue_ || stopped_) return;
    try {
        process_.start(start_, {[this](HelperProcess::Packet packet) { heard(packet); }});
    } catch (const std::system_error& error) {
        return report(fmt::format("no process asks it: {}", error.what()));
    }
    const auto setup = encode(ToProcess{Begin{line_->interface.text(), *line_->own, *to,
                                              setting_.by, parts_.nonceSeed, parts_.ownUuid}});
    if (!setup || !process_.say(*setup)) return report("no process asks it: it does not listen");
    takeMapped();
    for (const auto& each : table_->notHeld()) hold(each.key, true);
    sweep();
}

/// For people, and for clients, who are refused until there is another word.
void GatewayAbove::report(const std::string& problem) {
    heardOfHop(Hop{.by = setting_.by, .problem = problem});
}

void GatewayAbove::heard(HelperProcess::Packet packet) {
    const TimePoint now = Clock::now();
    const auto message = decodeToEngine(packet);
    if (!message) return report("the process that asks it makes no sense");
    if (const auto* const hop = std::get_if<Hop>(&*message)) {
        heardOfHop(*hop);
    } else {
        MappingKey key;
        std::optional<std::string> why;
        if (const auto* const held = std::get_if<Held>(&*message)) {
            key = {held->protocol, held->port};
            why = table_->take(*held, now);
            log::debug("upstream: {} is {} above, for {} s", toString(key), held->external.value,
                       held->lease.count());
        } else {
            const auto& refusal = std::get<NotHeld>(*message);
            key = {refusal.protocol, refusal.port};
            why = table_->take(refusal, now);
            log::debug("upstream: {} is not to be had above: {}", toString(key), refusal.reason);
        }
        if (why) boost::asio::post(loop_, [this, key, text = *why] { parts_.lost(key, text); });
    }
    boost::asio::post(loop_, [this] {
        if (!stopped_) parts_.answered();
    });
}

void GatewayAbove::heardOfHop(Hop hop) {
    if (std::string text = loopIn(hop); !text.empty())
        hop = {.by = hop.by, .problem = std::move(text)};
    const auto before = external();
    const bool isNew = table_->hop() != hop;
    table_->take(hop);
    if (hop.found) failures_ = 0;
    if (!isNew) return;
    if (!hop.found && said_ != hop.problem)
        log::warning("upstream: no ports from the gateway above: {}", hop.problem);
    if (hop.found)
        log::change("upstream: the gateway above is {}",
                    name().empty() ? toString(*gateway()) : name());
    said_ = hop.problem;
    if (before != external()) parts_.changed();
}

/// Two routers whose external sides are in each other's LANs ask each other for ever; one that
/// tells our own address translates nothing.
std::string GatewayAbove::loopIn(const Hop& hop) const {
    if (!hop.external) return {};
    const std::string told = toString(*hop.external);
    if (hop.external == line_->own)
        return fmt::format("it points back: its external address is our own, {}", told);
    const bool isBehind = std::ranges::any_of(
        line_->internal, [&](const Ipv4Prefix& lan) { return lan.contains(*hop.external); });
    if (isBehind)
        return fmt::format("it points back: its external address {} is in a LAN of ours", told);
    return {};
}

void GatewayAbove::hold(const MappingKey& key, bool exactly) {
    if (const auto packet = encode(ToProcess{Hold{key.protocol, key.externalPort, exactly}}))
        (void)process_.say(*packet);
}

void GatewayAbove::release(const MappingKey& key) {
    if (const auto packet = encode(ToProcess{Release{key.protocol, key.externalPort}}))
        (void)process_.say(*packet);
}

void GatewayAbove::sweep() {
    const TimePoint now = Clock::now();
    for (const MappingKey& key : table_->takeSpare(now)) release(key);
    for (const MappingKey& key : table_->missing(now)) hold(key, true);
    timer_.expires_after(kSweep);
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error) sweep();
    });
}

void GatewayAbove::childEnded() {
    const auto how = process_.takeEnd();
    if (!how) return;
    if (stopped_) {
        if (done_) boost::asio::post(loop_, std::exchange(done_, {}));
        return;
    }
    if (launchDue_) return launch();
    if (!process_.isConnected()) return;  // it was told to
    endChild();
    report(fmt::format("the process that asks it has ended: {}", *how));
    timer_.expires_after(std::min(Seconds{1U << std::min(failures_++, 5U)}, kLongestRest));
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error && isAsked()) launch();
    });
}

void GatewayAbove::stop(std::function<void()> done) {
    stopped_ = true;
    endChild();
    timer_.cancel();
    if (!process_.isRunning()) return boost::asio::post(loop_, std::move(done));
    done_ = std::move(done);
    timer_.expires_after(kTimeToLeave);
    timer_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        process_.kill();
        if (done_) std::exchange(done_, {})();
    });
}

void GatewayAbove::stored(const Opening& opening) {
    if (!isAsked() || !isNumbered(opening)) return;
    if (!opening.isEnabled()) return ended(opening);
    for (const MappingKey& key : keysOf(opening))
        if (table_->mapped(key, Clock::now())) hold(key, true);
}

void GatewayAbove::ended(const Opening& opening) {
    if (!isAsked() || !isNumbered(opening)) return;
    for (const MappingKey& key : keysOf(opening))
        if (table_->unmapped(key)) release(key);
}

bool GatewayAbove::prepare(std::span<const MappingKey> keys) {
    bool isReady = true;
    for (const MappingKey& key : keys) {
        const auto outlook = table_->prepare(key, Clock::now());
        if (outlook == AboveTable::Outlook::Ask) hold(key, false);
        isReady = isReady && outlook == AboveTable::Outlook::Ready;
    }
    return isReady;
}

std::optional<Refusal> GatewayAbove::refusesAll() const {
    return table_->refusesAll(Clock::now());
}

std::optional<Refusal> GatewayAbove::refuses(const MappingKey& key) const {
    return table_->refuses(key, Clock::now());
}

std::optional<Port> GatewayAbove::offeredFor(const MappingKey& key) const {
    return table_->offeredFor(key, Clock::now());
}

std::optional<Ipv4Address> GatewayAbove::external() const {
    const auto& hop = table_->hop();
    return isAsked() && hop && hop->found ? hop->external : std::nullopt;
}

std::string GatewayAbove::name() const {
    if (!external() || !gateway()) return {};
    return fmt::format("{} by {}", toString(*gateway()), igd::name(table_->hop()->by));
}

std::optional<AboveView> GatewayAbove::view() const {
    if (!isAsked()) return std::nullopt;
    AboveView view{.gateway = gateway(), .by = setting_.by, .held = table_->countHeld()};
    if (const auto& hop = table_->hop()) {
        view.by = hop->by;
        view.external = hop->external;
        view.problem = hop->problem;
    } else {
        view.problem = "it is looked for";
    }
    for (AboveTable::Missing& each : table_->notHeld())
        view.missing.push_back({each.key, std::move(each.reason)});
    return view;
}

}  // namespace igd
