// SPDX-License-Identifier: GPL-2.0-or-later
// Openings over a kernel that can refuse, with what they told their observer, and a LAN whose hosts
// are resolved before they are judged.
#pragma once

#include "fake_firewall.h"
#include "samples.h"

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

namespace igd {

/// Records what the observer was told, in words.
struct Record final : OpeningObserver {
    void openingStored(const Opening& opening) override { stored.push_back(describe(opening)); }
    void openingEnded(const Opening& opening) override { ended.push_back(describe(opening)); }
    std::vector<std::string> stored{};
    std::vector<std::string> ended{};
};

inline std::optional<MappingError> errorOf(const ChangeResult& result) {
    if (const auto* const error = std::get_if<MappingError>(&result)) return *error;
    if (const auto* const refusal = std::get_if<PortRefusal>(&result)) return refusal->error;
    return std::nullopt;
}
inline bool isGranted(const ChangeResult& result) {
    return !errorOf(result);
}

class OpeningsTest : public testing::Test {
protected:
    OpeningsTest() { openings.changeExternal({kExternal, kExternal}, t0); }

    /// Asks as the front ends do: the parties are resolved from the request.
    ChangeResult ask(const ChangeRequest& request, TimePoint now = t0) {
        return openings.apply(changeOf(request), now);
    }
    PortGrant grant(const ChangeRequest& request, TimePoint now = t0) {
        return std::get<PortGrant>(ask(request, now));
    }
    Change changeOf(const ChangeRequest& request) const {
        const auto [requester, client] = std::visit(
            [this](const auto& each) {
                return std::pair{requesterOf(each), clientOf(each).value_or(requesterOf(each))};
            },
            request);
        return {request, {resolve(requester), resolve(client), lan}};
    }
    Host resolve(const IpAddress& address) const {
        const auto host = hosts.find(address);
        return host == hosts.end() ? Host{address} : host->second;
    }
    Result<PolicyChange> reload(const PolicyConfig& config, std::vector<Opening> statics = {},
                                std::optional<Lans> lans = std::nullopt, TimePoint now = t0) {
        const ResolveHost byTable = [this](const Lan&, const IpAddress& address) {
            return resolve(address);
        };
        return openings.changePolicy(Policy{config}, statics, lans.value_or(Lans{{lan}, true}),
                                     byTable, now);
    }
    /// The mapping, for whoever may read all.
    Result<MappingView> view(MappingKey key, TimePoint now = t0) const {
        return openings.lists().find(key, kAlice, now);
    }

    FakeFirewall firewall{};
    Record record{};
    std::optional<MappingKey> routersOwn{};
    std::optional<Seconds> defaultLease{};
    Lan lan = kLan;
    std::map<IpAddress, Host> hosts{{kAlice.address, kAlice},
                                    {kAlice6.address, kAlice6},
                                    {kBob.address, kBob},
                                    {kBob6.address, kBob6}};
    Openings openings{Policy{{}},
                      {.firewall = firewall,
                       .observer = record,
                       .portInUse = [this](const MappingKey& key) { return routersOwn == key; },
                       .defaultLease = [this] { return defaultLease; }}};

private:
    template <class Request>
    static IpAddress requesterOf(const Request& request) {
        return request.requester;
    }
    static IpAddress requesterOf(const AnyMappingRequest& any) { return any.mapping.requester; }

    /// For whom it is asked; nullopt: the request does not say.
    template <class Request>
    std::optional<IpAddress> clientOf(const Request& request) const {
        if constexpr (requires { request.client; })
            return request.client;
        else if constexpr (requires { request.internal; })
            return request.internal.address;
        else if constexpr (requires { request.id; })
            return clientOf(request.id);
        else
            return std::nullopt;
    }
    std::optional<IpAddress> clientOf(const AnyMappingRequest& any) const {
        return any.mapping.internal.address;
    }
    std::optional<IpAddress> clientOf(const PinholeRequest& request) const {
        return request.key.client;
    }
    std::optional<IpAddress> clientOf(PinholeId id) const {
        for (const Opening& pinhole : openings.lists().all())
            if (pinhole.pinholeId == id) return pinhole.internal.address;
        return std::nullopt;
    }
};

}  // namespace igd
