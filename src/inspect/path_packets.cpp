// SPDX-License-Identifier: GPL-2.0-or-later
#include "path_packets.h"

#include "upnpd/inspect/ordinary.h"

namespace igd::inspect {

PathPackets::PathPackets(const Ruleset& rules, const Path& path)
    : path_(path), remote_{ordinaryHost(rules, path.ipv6), ordinaryPort(rules)} {
    for (const Lan& lan : path.lans) clients_.push_back({ordinaryClient(rules, lan), remote_.port});
}

Packet PathPackets::arriving(Protocol protocol) const {
    Packet packet;
    packet.in = path_.external.text();
    packet.inIndex = path_.externalIndex;
    packet.protocol = protocol;
    packet.source = packet.originalSource = remote_;
    packet.destination = path_.ipv6 && !clients_.empty()
                             ? clients_.front()
                             : IpEndpoint{path_.externalAddress, remote_.port};
    packet.originalDestination = packet.destination;
    packet.destinationType = path_.ipv6 ? rtn::kUnicast : rtn::kLocal;
    return packet;
}

Packet PathPackets::in(std::size_t lan, Protocol protocol, bool fresh) const {
    Packet packet = arriving(protocol);
    packet.fresh = fresh;
    packet.out = path_.lans[lan].interface.text();
    packet.outIndex = path_.lans[lan].index;
    packet.destination = clients_[lan];
    if (path_.ipv6) packet.originalDestination = packet.destination;
    packet.destinationType = rtn::kUnicast;
    packet.translated = !path_.ipv6;
    return packet;
}

Packet PathPackets::back(std::size_t lan, Protocol protocol) const {
    Packet packet = in(lan, protocol, false);
    packet.reply = true;
    std::swap(packet.in, packet.out);
    std::swap(packet.inIndex, packet.outIndex);
    std::swap(packet.source, packet.destination);
    return packet;
}

}  // namespace igd::inspect
