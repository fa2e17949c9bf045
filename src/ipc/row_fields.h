// SPDX-License-Identifier: GPL-2.0-or-later
// The fields of what people are shown: the rows of the page, and metrics. Their texts are the
// engine's own.
#pragma once

#include "upnpd/ipc/text_fields.h"
#include "upnpd/ipc/value_fields.h"
#include "upnpd/portmap/gateway.h"

namespace igd::ipc {

template <class Io, Is<Traffic> M>
void fields(Io& io, M& m) {
    io(m.packets, m.bytes);
}
template <class Io, Is<OpeningRow> M>
void fields(Io& io, M& m) {
    io(m.id, m.kind, m.protocol, m.externalPort.value, m.internalPort.value, m.portCount, m.client);
    io.text(m.hostName, kMaxHostName);
    io(m.mac);
    io.text(m.from, kMaxSentence);
    io(m.via);
    agent(io, m.agent);
    description(io, m.description);
    io(m.age, m.renewed, m.left, m.traffic, m.enabled, m.isOwn);
}
template <class Io, Is<RefusalRow> M>
void fields(Io& io, M& m) {
    io(m.ago, m.via, m.requester);
    io.text(m.hostName, kMaxHostName);
    io.text(m.what, kMaxSentence);
    io.text(m.reason, kMaxSentence);
    io(m.count);
}
template <class Io, Is<GetRows> M>
void fields(Io& io, M& m) {
    io(m.from, m.requester);
}
template <class Io, Is<OpeningRows> M>
void fields(Io& io, M& m) {
    io.list(m.rows, kMaxRows);
    io(m.total);
}
template <class Io, Is<GetOverview> M>
void fields(Io& io, M& m) {
    io(m.requester);
}
template <class Io, Is<CloseOpening> M>
void fields(Io& io, M& m) {
    io(m.id, m.requester);
}
template <class Io, Is<ApproveHost> M>
void fields(Io& io, M& m) {
    io(m.host, m.yes, m.requester);
}
template <class Io, Is<Overview> M>
void fields(Io& io, M& m) {
    io.text(m.external, kMaxSentence);
    io(m.uptime);
    io.text(m.firewall, kMaxSentence);
    io.list(m.health, kMaxRows);
    io.list(m.refusals, kMaxRows);
    io(m.asksAdministrator);
    io.list(m.waiting, kMaxWaiting);
}
template <class Io, Is<GetMetrics> M>
void fields(Io& io, M& m) {
    io(m.from, m.openMetrics);
}
template <class Io, Is<MetricsText> M>
void fields(Io& io, M& m) {
    io.text(m.text, kMaxMetricsText);
    io(m.next);
}

}  // namespace igd::ipc
