// SPDX-License-Identifier: GPL-2.0-or-later
// Pinholes in the engine: their table, their firewall and the end of their leases.
#pragma once

#include "upnpd/firewall/factory.h"
#include "upnpd/ipc/messages.h"
#include "upnpd/portmap/pinholes.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string_view>

namespace igd {

class PinholeService {
public:
    /// Opens the back end that goes with `backend`, the one for mappings; it needs the rights for
    /// that. Throws std::runtime_error.
    PinholeService(boost::asio::io_context& loop, const FirewallConfig& config,
                   std::string_view backend, Policy policy, PinholeObserver& observer);

    /// Lays what the rules need, and the rules of an earlier run; false, with the reason in the
    /// log: it could not be laid.
    [[nodiscard]] bool start(std::span<const Ipv6Mapping> mappings,
                             std::span<const Pinhole> pinholes);

    [[nodiscard]] ipc::Reply answer(const PinholeRequest& request, const Lan& lan);
    [[nodiscard]] ipc::Reply answer(const ipc::UpdatePinhole& update, const Lan& lan);
    [[nodiscard]] ipc::Reply answer(const ipc::DeletePinhole& one, const Lan& lan);
    [[nodiscard]] ipc::Reply answer(const ipc::CountPinhole& one, const Lan& lan);

    [[nodiscard]] PortAnswer map(const PortRequest& request, const Lan& lan);
    [[nodiscard]] PortAnswer unmap(const PortRelease& request, const Lan& lan);

    /// The internal networks have these prefixes now. True: pinholes were closed for that.
    bool keepWithin(std::span<const Ipv6Prefix> prefixes);
    /// See Pinholes::changePolicy(). Errors: Backend.
    Result<PolicyChange> changePolicy(Policy policy, const Lans& lans);
    /// See Pinholes::remove(). Errors: NotFound, Backend.
    Result<std::size_t> remove(Protocol protocol, const Ipv6Address& client, Port port) {
        return pinholes_.remove(protocol, client, port, Clock::now());
    }
    /// Closes all; false, with the reason in the log.
    [[nodiscard]] bool clear();
    /// Lays all rules again; errors: Backend.
    [[nodiscard]] Result<void> repair(TimePoint now) { return pinholes_.repair(now); }
    [[nodiscard]] FirewallHealth& health() { return *firewall_; }
    [[nodiscard]] std::size_t size() const { return pinholes_.size(); }

    /// Takes everything out of the kernel and does nothing any more; false: rules are left.
    [[nodiscard]] bool stop();

    [[nodiscard]] std::vector<Pinhole> all() const { return pinholes_.all(); }
    [[nodiscard]] std::vector<Ipv6Mapping> mapped() const { return pinholes_.mapped(); }

private:
    void armExpiry();
    void expire();

    std::unique_ptr<PinholeFirewall> firewall_;
    Pinholes pinholes_;
    boost::asio::steady_timer expiry_;
};

/// How long conntrack remembers a silent flow of `protocol`, both of whose hosts have spoken;
/// nullopt when the kernel does not say.
[[nodiscard]] std::optional<Seconds> conntrackTimeout(Protocol protocol);

}  // namespace igd
