// SPDX-License-Identifier: GPL-2.0-or-later
#include "pinhole_service.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <fstream>
#include <string>

namespace igd {
namespace {

constexpr Seconds kRetry{1};

ipc::Reply replyOf(const Result<void>& result) {
    if (!result) return result.error();
    return ipc::Done{};
}

}  // namespace

PinholeService::PinholeService(boost::asio::io_context& loop, const FirewallConfig& config,
                               std::string_view backend, Policy policy, PinholeObserver& observer)
    : firewall_(openPinholeFirewall(config, backend)),
      pinholes_(std::move(policy), *firewall_, &observer),
      expiry_(loop) {}

bool PinholeService::start(std::span<const Ipv6Mapping> mappings,
                           std::span<const Pinhole> pinholes) {
    pinholes_.restore(mappings, pinholes, Clock::now());
    armExpiry();
    return pinholes_.repair(Clock::now()).has_value();
}

ipc::Reply PinholeService::answer(const PinholeRequest& request, const Lan& lan) {
    const auto id = pinholes_.request(request, lan, Clock::now());
    if (!id) return id.error();
    armExpiry();
    return ipc::PinholeOpened{*id};
}

ipc::Reply PinholeService::answer(const ipc::UpdatePinhole& update, const Lan& lan) {
    const auto updated =
        pinholes_.update(update.id, update.lease, update.requester, lan, Clock::now());
    armExpiry();
    return replyOf(updated);
}

ipc::Reply PinholeService::answer(const ipc::DeletePinhole& one, const Lan& lan) {
    return replyOf(pinholes_.release(one.id, one.requester, lan, Clock::now()));
}

ipc::Reply PinholeService::answer(const ipc::CountPinhole& one, const Lan& lan) {
    const auto packets = pinholes_.packets(one.id, one.requester, lan, Clock::now());
    if (!packets) return packets.error();
    return ipc::PacketCount{*packets};
}

PortAnswer PinholeService::map(const PortRequest& request, const Lan& lan) {
    const auto answer = pinholes_.map(request, lan, Clock::now());
    armExpiry();
    return answer;
}

PortAnswer PinholeService::unmap(const PortRelease& request, const Lan& lan) {
    return pinholes_.unmap(request, lan, Clock::now());
}

Result<PolicyChange> PinholeService::changePolicy(Policy policy, const Lans& lans) {
    const auto changed = pinholes_.changePolicy(std::move(policy), lans, Clock::now());
    armExpiry();
    return changed;
}

bool PinholeService::keepWithin(std::span<const Ipv6Prefix> prefixes) {
    return pinholes_.keepWithin(prefixes, Clock::now())
        .value_or(false);  // what stays ends with its lease
}

bool PinholeService::clear() {
    return pinholes_.clear(Clock::now()).has_value();
}

bool PinholeService::stop() {
    expiry_.cancel();
    return firewall_->removeAll().has_value();
}

void PinholeService::armExpiry() {
    const auto next = pinholes_.nextExpiry();
    if (!next) {
        expiry_.cancel();
        return;
    }
    expiry_.expires_at(*next);
    expiry_.async_wait([this](boost::system::error_code error) {
        if (!error) expire();
    });
}

void PinholeService::expire() {
    if (pinholes_.expire(Clock::now())) return armExpiry();
    // The firewall refused: they stay, for they are still there, and it is tried again.
    expiry_.expires_after(kRetry);
    expiry_.async_wait([this](boost::system::error_code error) {
        if (!error) expire();
    });
}

std::optional<Seconds> conntrackTimeout(Protocol protocol) {
    const std::string name =
        protocol == Protocol::Udp ? "udp_timeout_stream" : "tcp_timeout_established";
    std::string line;
    if (!std::getline(std::ifstream{"/proc/sys/net/netfilter/nf_conntrack_" + name}, line))
        return std::nullopt;
    const auto seconds = parseUnsigned<std::uint32_t>(trimmed(line));
    return seconds ? std::optional{Seconds{*seconds}} : std::nullopt;
}

}  // namespace igd
