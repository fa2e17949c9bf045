// SPDX-License-Identifier: GPL-2.0-or-later
// This file has the actions of WANIPv6FirewallControl:1.
#include "dispatch.h"
#include "errors.h"

namespace igd {
namespace {

constexpr std::uint16_t kAnyProtocol = 65535;
constexpr std::uint32_t kLongestLease = 86400;

/// Returns the error while the firewall is off, or allows no pinholes (IGD-6FC-03, -04).
std::optional<UpnpError> closed(const ActionCall& call) {
    if (!call.context.status.firewallEnabled) return kFirewallDisabled;
    if (!call.context.status.inboundPinholeAllowed) return kInboundPinholeNotAllowed;
    return std::nullopt;
}

bool isWildcard(std::string_view host) {
    return host.empty() || host == "*";
}

tl::expected<Protocol, UpnpError> protocolOf(std::uint16_t number) {
    if (number == kAnyProtocol) return tl::unexpected(kProtocolWildcard);
    for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp})
        if (number == static_cast<std::uint16_t>(protocol)) return protocol;
    return tl::unexpected(kProtocolNotSupported);
}

std::optional<UpnpError> badLease(std::uint32_t lease) {
    if (lease >= 1 && lease <= kLongestLease) return std::nullopt;
    return kArgumentValueOutOfRange;
}

tl::expected<PinholeKey, UpnpError> pinholeKey(const Arguments& in) {
    PinholeKey key;
    const std::string& remote = in.text("RemoteHost");
    const std::string& client = in.text("InternalClient");
    if (isWildcard(client)) return tl::unexpected(kSourceWildcard);
    const auto address = parseNamedIpv6Address(client);
    if (!address) return tl::unexpected(kArgumentValueInvalid);
    key.client = *address;
    if (!isWildcard(remote)) key.remoteHost = parseIpv6Address(remote);
    if (!isWildcard(remote) && !key.remoteHost) return tl::unexpected(kArgumentValueInvalid);
    if (key.remoteHost && key.remoteHost->isUnspecified()) key.remoteHost.reset();
    if (const Port port{in.ui2("RemotePort")}; port != Port{0}) key.remotePort = port;
    key.internalPort = Port{in.ui2("InternalPort")};
    if (key.internalPort == Port{0}) return tl::unexpected(kInternalPortWildcard);
    const auto protocol = protocolOf(in.ui2("Protocol"));
    if (!protocol) return tl::unexpected(protocol.error());
    key.protocol = *protocol;
    return key;
}

Step<OutValues> addPinhole(const ActionCall& call) {
    if (const auto error = closed(call)) return failed(*error);
    const auto key = pinholeKey(call.in);
    if (!key) return failed(key.error());
    const std::uint32_t lease = call.in.ui4("LeaseTime");
    if (const auto error = badLease(lease)) return failed(*error);
    PinholeRequest request{*key, Seconds{lease}, call.requester, call.context.agent};
    return question<PinholeOpened>(std::move(request), [](const Result<PinholeOpened>& opened) {
        if (!opened) return failed(pinholeError(opened.error()));
        return OutValues{std::vector{std::to_string(opened->id)}};
    });
}

OutValues whetherDone(const Result<Done>& done) {
    return done ? OutValues{} : failed(pinholeError(done.error()));
}

Step<OutValues> updatePinhole(const ActionCall& call) {
    if (const auto error = closed(call)) return failed(*error);
    const std::uint32_t lease = call.in.ui4("NewLeaseTime");
    if (const auto error = badLease(lease)) return failed(*error);
    return question<Done>(PinholeUpdate{call.in.ui2("UniqueID"), Seconds{lease}, call.requester},
                          whetherDone);
}

Step<OutValues> deletePinhole(const ActionCall& call) {
    if (const auto error = closed(call)) return failed(*error);
    return question<Done>(PinholeRelease{call.in.ui2("UniqueID"), call.requester}, whetherDone);
}

/// Asks for the packets that a pinhole has let pass; `tell` makes the values of their number.
template <class Tell>
Step<OutValues> packetsOf(const ActionCall& call, Tell tell) {
    if (const auto error = closed(call)) return failed(*error);
    return question<PacketCount>(CountPinhole{call.in.ui2("UniqueID"), call.requester},
                                 [tell](const Result<PacketCount>& count) {
                                     if (!count) return failed(pinholeError(count.error()));
                                     return tell(count->packets);
                                 });
}

Step<OutValues> getPinholePackets(const ActionCall& call) {
    return packetsOf(call, [](std::uint64_t packets) {  // a ui4 that wraps
        return OutValues{std::vector{std::to_string(static_cast<std::uint32_t>(packets))}};
    });
}

Step<OutValues> checkPinholeWorking(const ActionCall& call) {
    return packetsOf(call, [](std::uint64_t packets) {
        return packets == 0 ? failed(kNoTrafficReceived) : std::vector<std::string>{"1"};
    });
}

/// Tells conntrack's time limit, which is one for a protocol (IGD-6FC-29).
Step<OutValues> getOutboundPinholeTimeout(const ActionCall& call) {
    if (!call.context.status.firewallEnabled) return failed(kFirewallDisabled);
    const auto protocol = protocolOf(call.in.ui2("Protocol"));
    if (!protocol) return failed(kProtocolNotSupported);
    return question<Seconds>(GetOutboundTimeout{*protocol}, [](const Result<Seconds>& timeout) {
        if (!timeout) return failed(kActionFailed);
        return OutValues{std::vector{std::to_string(timeout->count())}};
    });
}

constexpr Binding kBindings[] = {
    {"GetFirewallStatus", readVariables},
    {"GetOutboundPinholeTimeout", getOutboundPinholeTimeout},
    {"AddPinhole", addPinhole},
    {"UpdatePinhole", updatePinhole},
    {"DeletePinhole", deletePinhole},
    {"GetPinholePackets", getPinholePackets},
    {"CheckPinholeWorking", checkPinholeWorking},
};

}  // namespace

std::span<const Binding> ipv6FirewallBindings() {
    return kBindings;
}

}  // namespace igd
