// SPDX-License-Identifier: GPL-2.0-or-later
// The fields of an opening that was read from the store: what comes out could have been in the
// ledger.
#pragma once

#include "upnpd/ipc/text_fields.h"
#include "upnpd/ipc/value_fields.h"
#include "upnpd/portmap/opening.h"
#include "upnpd/system/lease_row.h"

namespace igd::ipc {

template <class Io, Is<IpEndpoint> M>
void fields(Io& io, M& m) {
    io(m.address, m.port.value);
}

template <class Io, Is<OpeningName> M>
void fields(Io& io, M& m) {
    io(m.kind, m.protocol, m.externalPort.value, m.internal, m.remote, m.portCount);
    io.require(m.portCount != 0);
}

template <class Io, Is<History> M>
void fields(Io& io, M& m) {
    io(m.madeAt, m.renewedAt);
    agent(io, m.agent);
}

template <class Io, Is<Claim> M>
void fields(Io& io, M& m) {
    io(m.origin, m.requester, m.expiresAt, m.enabled);
    io.list(m.filters, kMaxFilters);
    description(io, m.description);
    io(m.nonce, m.askedWithoutEnd, m.history);
}

/// The ledger gives it an id and the deadline of its host: these do not travel.
template <class Io, Is<Opening> M>
void fields(Io& io, M& m) {
    constexpr std::size_t kMaxClaims = 8;
    io(m.kind, m.protocol, m.externalPort.value, m.internal, m.portCount, m.remote, m.flowAddress);
    io.list(m.claims, kMaxClaims);
    io(m.pinholeId, m.account, m.hostSeen);
    io.require(m.portCount != 0 && isSoundLease(m));
    for (const Claim& claim : m.claims) io.require(m.claimOf(claim.origin) == &claim);
}

}  // namespace igd::ipc
