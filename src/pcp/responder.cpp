// SPDX-License-Identifier: GPL-2.0-or-later
// The first octet says of which protocol a datagram is (PMP-Sock-06 to -08, PCP-Ver-01).
#include "upnpd/pcp/responder.h"

#include "context.h"

#include "upnpd/portmap/call_times.h"
#include "upnpd/util/log.h"

#include <utility>

namespace igd::pcp {
namespace {

constexpr std::size_t kProbesPerClient = 20;  ///< a second
constexpr std::size_t kProbes = 1000;
constexpr std::uint8_t kNatPmpVersion = 0;
constexpr std::uint8_t kPcpVersion = 2;
constexpr std::uint8_t kResponseBit = 0x80;

PortAnswer answerOf(const GatewayReply& reply) {
    if (const auto* const grant = std::get_if<PortGrant>(&reply)) return *grant;
    if (const auto* const refusal = std::get_if<PortRefusal>(&reply))
        return tl::unexpected{*refusal};
    return refuse(MappingError::Backend);
}

}  // namespace

void Context::ask(const GatewayRequest& request,
                  std::function<void(const PortAnswer&)> answered) const {
    parts.gateway.ask(
        request, parts.now() + kPortCallTime,
        [answered = std::move(answered)](const GatewayReply& told) { answered(answerOf(told)); });
}

Responder::Responder(ResponderConfig config, ResponderParts parts)
    : config_(std::move(config)), parts_(std::move(parts)), probes_({kProbesPerClient, kProbes}) {}

Dropped Responder::receive(Datagram datagram, const IpAddress& source, const HostKey& host,
                           Reply reply) {
    if (datagram.size() < 2) return "too short";
    if ((datagram[1] & kResponseBit) != 0) return "a response";
    const Context context{config_, parts_, source, host, std::move(reply)};
    const std::uint8_t version = datagram[0];
    const bool isFour = std::holds_alternative<Ipv4Address>(source);
    if (version == kNatPmpVersion && config_.natPmp && isFour)
        return receiveNatPmp(datagram, context);
    if (version == kPcpVersion && config_.pcp) return receivePcp(datagram, context, probes_);
    if (!config_.pcp && !isFour) return "NAT-PMP over IPv6";
    log::debug("{}: {} speaks version {}", config_.pcp ? "pcp" : "nat-pmp", toString(source),
               version);
    context.reply(config_.pcp ? pcpUnsupportedVersion(datagram, context.epoch())
                              : natPmpUnsupportedVersion(context.epoch()));
    return std::nullopt;
}

std::uint32_t epochTime(TimePoint epochStart, TimePoint now) {
    return static_cast<std::uint32_t>(std::chrono::floor<Seconds>(now - epochStart).count());
}

}  // namespace igd::pcp
