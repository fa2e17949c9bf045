// SPDX-License-Identifier: GPL-2.0-or-later
// The responder of NAT-PMP and PCP with a gateway that answers at once, now yes and now no.
#pragma once

#include "upnpd/pcp/responder.h"

#include <cstdlib>

namespace igd::pcp {

class Moody final : public Gateway {
public:
    void ask(const GatewayRequest& request, TimePoint /*deadline*/, Answered answered) override {
        if (const auto* const map = std::get_if<PortRequest>(&request))
            check(*map);
        else if (const auto* const peer = std::get_if<PeerRequest>(&request))
            check(*peer);
        else if (!std::holds_alternative<PortRelease>(request))
            std::abort();
        const unsigned number = calls_++ % 11;
        if (number == 10)
            return answered(PortGrant{Port{40001}, Ipv4Address{0x50646401}, Seconds{3600}});
        answered(PortRefusal{static_cast<MappingError>(number), Seconds{number}, Port{7}});
    }

private:
    static void check(const PortRequest& request) {
        const bool ports = hasPorts(request.protocol);
        if (ports == (request.internalPort == Port{0}) || request.lifetime <= Seconds{0} ||
            request.filters.size() > 64)
            std::abort();
        if (!isTranslated(request.protocol) && !std::holds_alternative<Ipv6Address>(request.client))
            std::abort();
        for (const PeerFilter& filter : request.filters)
            if (filter.remote.length == 0 || filter.remote.length > 128 ||
                (!ports && filter.port != Port{0}))
                std::abort();
    }
    static void check(const PeerRequest& request) {
        if (!isTranslated(request.protocol) || request.internalPort == Port{0} ||
            request.remotePort == Port{0})
            std::abort();
    }
    unsigned calls_ = 0;
};

/// Checks what every answer must be, whatever was asked: of its protocol's size, and marked as an
/// answer.
inline void check(Datagram datagram, const Bytes& reply) {
    const bool pmp = reply.size() >= 4 && reply[0] == 0;
    if (pmp && (reply.size() > 16 && reply.size() != datagram.size())) std::abort();
    if (!pmp && (reply.size() < 24 || reply.size() > kMaxDatagram || reply.size() % 4 != 0))
        std::abort();
    if (reply[1] < 0x80 && !(pmp && reply.size() == 8)) std::abort();
}

inline void feed(Datagram datagram, const ResponderConfig& config, const IpAddress& source) {
    Moody gateway;
    int answers = 0;
    Responder responder{config,
                        {gateway,
                         [] {
                             return GatewayState{Ipv4Address{0x50646401}, TimePoint{}};
                         },
                         [] { return TimePoint{Seconds{100}}; }}};
    const HostKey host = hostKeyOf(source, std::nullopt);
    const auto dropped = responder.receive(datagram, source, host, [&](const Bytes& reply) {
        check(datagram, reply);
        ++answers;
    });
    if (answers > 1 || (dropped && answers != 0)) std::abort();
}

}  // namespace igd::pcp
