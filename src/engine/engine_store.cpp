// SPDX-License-Identifier: GPL-2.0-or-later
// The engine and the leases of its earlier runs: those of upnpd.conf, of the lease file and of the
// store.
#include "engine.h"
#include "machine.h"

#include "upnpd/util/log.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <stdexcept>

#include <sys/stat.h>

namespace igd {
namespace {

/// Returns when the lease file was last written; nullopt: there is none, or nothing in it.
std::optional<WallTime> writtenAt(const std::optional<std::filesystem::path>& file) {
    struct stat status {};
    if (!file || ::stat(file->c_str(), &status) != 0 || status.st_size == 0) return std::nullopt;
    return WallTime{Seconds{status.st_mtim.tv_sec}} +
           std::chrono::floor<WallTime::duration>(std::chrono::nanoseconds{status.st_mtim.tv_nsec});
}

}  // namespace

void Engine::openStore() {
    if (!configuration_.leaseStore) return;
    StorePlace place{.setting = *configuration_.leaseStore, .name = hostName()};
    if (configuration_.leaseStoreLogin) {
        auto login = readLogin(*configuration_.leaseStoreLogin);
        if (!login) throw std::runtime_error(login.error());
        place.login = *std::move(login);
    }
    kept_.emplace(
        igd::openStore(loop_, place), [place] { return leftInStore(place); },
        KeptLeases::Parts{[this] { return openings_.lists().all(); },
                          [this](const auto& openings) { restoreLate(openings); }});
}

std::vector<Opening> Engine::leasesOfEarlierRun() {
    const auto written = writtenAt(configuration_.leaseFile);
    std::vector<Opening> leases;
    if (configuration_.leaseFile)
        leases = leases_.load(
            *configuration_.leaseFile, [this] { return openings_.lists().all(); },
            std::max(configuration_.policy.maxLease, configuration_.policy.pcpMaxLease),
            configuration_.takenOverPinholes);
    return kept_ ? kept_->load(std::move(leases), written) : leases;
}

void Engine::restoreLeases() {
    std::vector<Opening> restored = configuration_.staticMappings;  // first: they win
    std::ranges::move(leasesOfEarlierRun(), std::back_inserter(restored));
    rulesLaid_ = true;
    if (!openings_.restore(restored, Clock::now()))
        throw std::runtime_error(
            "the firewall does not take our rules (its reason is in the log; where it is about "
            "IPv6, ipv6_pinholes = no does without)");
    leases_.open();
    // The configuration may be another one than that under which they were made.
    const auto change = changePolicy();
    if (!change) log::error("portmap: what the configuration does not permit stays open");
    if (change && change->mappings + change->pinholes + change->shortened == 0) continueEpoch();
    const std::size_t count = openings_.lists().size() - configuration_.staticMappings.size();
    if (count != 0) log::change("portmap: {} opening(s) of an earlier run restored", count);
    timers_.changed();
    presence_.setTimeout(configuration_.policy.absentHostTimeout);
    if (!kept_) return;
    leases_.alsoIn(kept_->store());
    kept_->begin();
    tellStore();
}

/// Clients of NAT-PMP and PCP need not ask again for what was not lost.
void Engine::continueEpoch() {
    const auto start = kept_ ? kept_->epochStart(toldAddress()) : std::nullopt;
    if (start) external_.continueEpoch(*start);
}

std::string Engine::toldAddress() const {
    const auto told = external_.wan().external().told();
    return told ? toString(*told) : "";
}

/// The store has answered after the start.
void Engine::restoreLate(const std::vector<Opening>& openings) {
    const TimePoint now = Clock::now();
    traffic_.beforeLaying(now);
    const bool isLaid = openings_.restore(openings, now).has_value();
    traffic_.laid();
    if (!isLaid || !changePolicy())
        log::error("store: the firewall does not take the openings that it has kept");
    const std::size_t count = keepRestored(namesOf(openings));
    log::change("store: {} opening(s) of an earlier run restored", count);
    openingsChanged();
}

std::size_t Engine::keepRestored(const std::set<OpeningName>& names) {
    std::size_t count = 0;
    for (const Opening& each : openings_.lists().all()) {
        if (!names.contains(each.name())) continue;
        leases_.openingStored(each);
        ++count;
    }
    return count;
}

/// The epoch is that of the rules.
void Engine::tellStore() {
    if (kept_ && rulesLaid_) kept_->tell(external_.epochStart(), bootId_, toldAddress());
}

void Engine::stopStore(std::function<void()> done) {
    if (!kept_) return done();
    kept_->stop(std::move(done));
}

}  // namespace igd
