// SPDX-License-Identifier: GPL-2.0-or-later
#include "admission.h"

#include <fmt/format.h>

namespace igd {
namespace {

std::optional<Refusal> refusesHolder(const MappingKey& key, const Host& client,
                                     const Ledger& ledger) {
    const Opening* const holder = ledger.find(key);
    if (holder == nullptr) return std::nullopt;
    if (holder->isAdministrators())
        return Refusal{MappingError::Conflict, "the administrator has mapped that port"};
    if (isOf(*holder, client)) return std::nullopt;
    return Refusal{MappingError::Conflict, "held by " + toString(holder->internal.address)};
}

std::optional<Refusal> refusesCompanion(const MappingKey& key, const Host& client,
                                        const Ledger& ledger) {
    const Opening* const companion = ledger.find(companionOf(key));
    if (companion == nullptr || companion->claimOf(Origin::NatPmp) == nullptr ||
        isOf(*companion, client))
        return std::nullopt;
    return Refusal{MappingError::Conflict,
                   "kept for " + toString(companion->internal.address) + " (RFC 6886 section 3.3)"};
}

}  // namespace

std::optional<Refusal> Admission::refusesUse(const Policy& policy, const MappingKey& key) const {
    if (policy.isReserved(key.externalPort))
        return Refusal{MappingError::PortInUse,
                       fmt::format("port {} is reserved", key.externalPort.value)};
    if (portInUse_(key))
        return Refusal{MappingError::PortInUse, "the router itself uses that port"};
    if (const auto rule = firewall_.foreignForward(key.protocol, key.externalPort))
        return Refusal{MappingError::PortInUse, "the administrator leads that port on: " + *rule};
    return std::nullopt;
}

std::optional<Refusal> Admission::refusesPort(const Policy& policy, const MappingKey& key,
                                              const Host& client, const Ledger& ledger) const {
    if (auto refusal = refusesHolder(key, client, ledger)) return refusal;
    if (auto refusal = refusesCompanion(key, client, ledger)) return refusal;
    return refusesUse(policy, key);
}

std::optional<Refusal> Admission::refusesNew() const {
    return isAskedAbove() ? above_->refusesAll() : std::nullopt;
}

/// The word about one port goes before that about all: AddPortMapping is a conflict then.
std::optional<Refusal> Admission::refusesAbove(const MappingKey& key) const {
    if (!isAskedAbove()) return std::nullopt;
    if (auto refusal = above_->refuses(key)) return refusal;
    return above_->refusesAll();
}

std::optional<Port> Admission::offeredFor(const MappingKey& key) const {
    return isAskedAbove() ? above_->offeredFor(key) : std::nullopt;
}

std::optional<Refusal> Admission::refusesWay(const Asked& asked) const {
    if (asked.kind == OpeningKind::Peer) return std::nullopt;  // the client sends first
    const auto rule = firewall_.stops(asked.protocol, asked.externalPort,
                                      {asked.client.address, asked.internalPort});
    if (!rule) return std::nullopt;
    return Refusal{MappingError::NotAuthorized,
                   "the administrator's firewall stops packets to it: " + *rule};
}

Asked portOf(const Asked& asked, unsigned distance) {
    Asked one = asked;
    one.portCount = 1;
    one.internalPort = portBehind(asked.internalPort, distance);
    if (asked.externalPort != Port{0}) one.externalPort = portBehind(asked.externalPort, distance);
    return one;
}

std::optional<Refusal> Admission::refusesOne(const Policy& policy, const Asked& asked,
                                             const Ledger& ledger, Admitted what) const {
    if (auto refusal = policy.refusesPorts(asked)) return refusal;
    const MappingKey key{asked.protocol, asked.externalPort};
    if (asked.externalPort != Port{0}) {
        auto refusal = what.holdsPort ? refusesUse(policy, key)
                                      : refusesPort(policy, key, asked.client, ledger);
        if (refusal) return refusal;
        // Nobody waits for what the administrator opens, and it stays whatever is said there.
        if (!what.holdsPort && !asked.isAdministrators())
            if (auto above = refusesAbove(key)) return above;
    }
    return refusesWay(asked);
}

std::optional<Refusal> Admission::admit(const Policy& policy, const Asked& asked,
                                        const Ledger& ledger, Admitted what) const {
    if (auto refusal = policy.refusesClient(asked)) return refusal;
    for (unsigned i = 0; i < asked.portCount; ++i)
        if (auto refusal = refusesOne(policy, portOf(asked, i), ledger, what)) return refusal;
    if (!what.isNew || asked.isAdministrators()) return std::nullopt;
    if (approval_ && asked.kind != OpeningKind::Peer)
        if (auto refusal = approval_(asked)) return refusal;
    const bool isSeen = asked.client.mac || !asked.lan.isOnLink(asked.client.address);
    if (!isSeen)
        if (auto refusal = policy.refusesUnseen(ledger.portsOfUnseen(), asked.portCount))
            return refusal;
    return policy.refusesMore(ledger.portsOf(accountOf(asked.client)), ledger.ports(),
                              asked.portCount);
}

}  // namespace igd
