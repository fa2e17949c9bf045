// SPDX-License-Identifier: GPL-2.0-or-later
// The fields of a GatewayStatus, which travels in messages and in the setup of a front end.
#pragma once

#include "upnpd/ipc/value_fields.h"
#include "upnpd/portmap/gateway.h"

namespace igd::ipc {

template <class Io, Is<GatewayStatus> M>
void fields(Io& io, M& m) {
    io(m.serial, m.linkUp, m.externalAddress, m.connectedSince, m.upstreamBitRate,
       m.downstreamBitRate, m.bytesSent, m.bytesReceived, m.packetsSent, m.packetsReceived,
       m.mappingCount, m.systemUpdateId, m.epochStart, m.firewallEnabled, m.inboundPinholeAllowed);
}

}  // namespace igd::ipc
