// SPDX-License-Identifier: GPL-2.0-or-later
#include "external_checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <bit>

namespace igd::ctl {
namespace {

constexpr Ipv4Address kSomeHost{0xc1000e81};  // of the Internet, where no rules say which to take

std::string wayOut(Ipv4Address address) {
    return std::string{address.isCarrierNat() ? "ask the provider for a public address"
                                              : "set the router in front to bridge mode"} +
           "; or write upstream = auto into upnpd.conf, which asks what is in front for each port; "
           "or let it forward all ports here, and set external_address to its address, or to stun";
}

std::string kindOf(Ipv4Address address) {
    if (address.isCarrierNat()) return "a carrier's (100.64.0.0/10, RFC 6598)";
    if (address.isPrivate()) return "private (RFC 1918)";
    return fmt::format("not of the public Internet ({})", rangeName(address));
}

std::string list(const std::vector<Ipv4Prefix>& addresses) {
    std::vector<std::string> texts;
    texts.reserve(addresses.size());
    for (const Ipv4Prefix& each : addresses) texts.push_back(toString(each.address));
    return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace

std::vector<Line> ExternalChecks::all() {
    if (link()) {
        address();
        above();
        routes();
    }
    uplinks();
    return std::move(lines_);
}

/// Returns whether there is more to look at.
bool ExternalChecks::link() {
    const std::string& name = facts_.external.text();
    const InterfaceState& state = facts_.outside;
    if (facts_.external.isNone()) {
        lines_.push_back({"WAN-01", Verdict::Fail,
                          "no default route leaves by an interface that is not internal",
                          "external_interface = auto waits for one: is the connection up? (ip "
                          "route show default)"});
        return false;
    }
    if (!state.exists) {
        lines_.push_back({"WAN-01", Verdict::Fail,
                          fmt::format("the external interface {} does not exist", name),
                          "is external_interface right, is the connection up?"});
        return false;
    }
    if (!state.running) {
        lines_.push_back({"WAN-01", Verdict::Fail,
                          fmt::format("the external interface {} is down", name),
                          "is its cable in, is the modem on, is the connection up?",
                          fmt::format("ip link set dev {} up", name)});
        return false;
    }
    if (state.addresses.empty()) {
        lines_.push_back({"WAN-01", Verdict::Fail,
                          fmt::format("the external interface {} has no address", name),
                          "is the connection up, does its DHCP client run?"});
        return false;
    }
    lines_.push_back({"WAN-01", Verdict::Ok,
                      fmt::format("external interface {} has {}", name, list(state.addresses)),
                      ""});
    return true;
}

void ExternalChecks::address() {
    const Ipv4Address address = *facts_.externalAddress();
    const bool toldElse = facts_.told && *facts_.told != address;
    const std::string told = toldElse ? fmt::format("; clients are told {} ({})",
                                                    toString(*facts_.told), facts_.toldFrom)
                                      : "";
    if (address.isPublic())
        return lines_.push_back({"WAN-02", Verdict::Ok,
                                 fmt::format("{} is a public address{}", toString(address), told),
                                 ""});
    const bool toldPublic = toldElse && facts_.told->isPublic();
    if (facts_.above && facts_.above->problem.empty())
        return lines_.push_back(
            {"WAN-02", toldPublic ? Verdict::Ok : Verdict::Note,
             fmt::format("{} is {}{}: the gateway above is asked for each port", toString(address),
                         kindOf(address), told),
             toldPublic ? ""
                        : "the gateway above has no public address: does it ask the next one?"});
    lines_.push_back(
        {"WAN-02", toldPublic ? Verdict::Note : Verdict::Fail,
         fmt::format("{} is {}: no host of the Internet reaches it{}", toString(address),
                     kindOf(address), told),
         toldPublic
             ? "see that the router in front forwards all ports here, or set it to bridge mode"
             : wayOut(address)});
}

/// There is no line where no gateway above is asked.
void ExternalChecks::above() {
    if (!facts_.above) return;
    const Facts::Above& above = *facts_.above;
    if (!above.problem.empty())
        return lines_.push_back(
            {"WAN-05", Verdict::Fail,
             fmt::format("{}, the gateway above, gives no ports: {}", above.gateway, above.problem),
             "switch UPnP, NAT-PMP or PCP on in that router, or name it by upstream_gateway"});
    const std::string name = fmt::format(
        "{}, the gateway above ({}{})", above.gateway, above.by,
        above.told ? fmt::format(", {} {}", rangeName(*above.told), toString(*above.told)) : "");
    if (above.missing.empty())
        return lines_.push_back({"WAN-05", Verdict::Ok,
                                 fmt::format("{}, leads {} port(s) here", name, above.ports), ""});
    lines_.push_back(
        {"WAN-05", Verdict::Fail,
         fmt::format("{}, does not lead here {}", name, fmt::join(above.missing, ", ")),
         "map other ports, or end what has these there"});
}

/// Asks for the first host of each internal interface.
void ExternalChecks::routes() {
    if (!facts_.route || !facts_.forwards) return;
    const IpAddress remote = judge_ != nullptr ? judge_->remote(false) : IpAddress{kSomeHost};
    for (const Facts::Internal& internal : facts_.internal) {
        const auto primary = internal.state.primary();
        if (!primary || primary->length >= 31) continue;
        // Any address there but the router's own will do.
        const IpAddress client{Ipv4Address{primary->address.value() ^ 1U}};
        const std::string hosts = "hosts behind " + internal.interface.text();
        report("WAN-03", hosts + " answer the Internet by " + facts_.external.text(),
               fmt::format("answers of {} get lost", hosts),
               routes_.wayBack(client, remote, internal));
        report("WAN-04", "the routing lets packets in to " + hosts,
               fmt::format("packets for {} get lost", hosts), routes_.wayIn(remote, client));
    }
}

/// There are lines where several are named.
void ExternalChecks::uplinks() {
    for (const Facts::Uplink& each : facts_.uplinks) {
        if (each.mark != 0 || each.interface != facts_.external) uplink(each);
        if (each.mark != 0 && each.state.running && !each.state.addresses.empty()) answersBy(each);
    }
}

void ExternalChecks::uplink(const Facts::Uplink& uplink) {
    const InterfaceState& state = uplink.state;
    const std::string& name = uplink.interface.text();
    const bool atOnce = uplink.mark != 0;
    const std::string_view fault = !state.exists             ? "does not exist"
                                   : !state.running          ? "is down"
                                   : state.addresses.empty() ? "has no address"
                                                             : "";
    if (fault.empty())
        return lines_.push_back(
            {"WAN-06", Verdict::Ok,
             fmt::format("{} {}: it has {}", name, atOnce ? "is in use, too" : "can take over",
                         list(state.addresses)),
             ""});
    lines_.push_back(
        {"WAN-06", Verdict::Note,
         fmt::format("{} {}: it {}", name, atOnce ? "is not in use" : "cannot take over", fault),
         "is the connection up? (ip -br address)"});
}

/// Policy routing is the administrator's: a rule for our mark, and a table with the way out.
void ExternalChecks::answersBy(const Facts::Uplink& uplink) {
    if (!facts_.route || facts_.internal.empty()) return;
    const auto primary = facts_.internal.front().state.primary();
    if (!primary) return;
    const Ipv4Address client{primary->address.value() ^ 1U};
    const auto in = static_cast<std::uint32_t>(facts_.internal.front().state.index);
    const auto hop = facts_.route({client, kSomeHost, in, uplink.mark});
    const std::string& name = uplink.interface.text();
    if (hop && static_cast<int>(hop->interface) == uplink.state.index)
        return lines_.push_back({"WAN-07", Verdict::Ok,
                                 fmt::format("answers to what comes in by {} leave by it", name),
                                 ""});
    const std::string table = fmt::format(
        "{}", 100 + (uplink.mark >> static_cast<unsigned>(std::countr_zero(facts_.markBits))));
    lines_.push_back(
        {"WAN-07", Verdict::Fail,
         fmt::format("answers to what comes in by {} leave by another interface", name),
         fmt::format("give table {0} the default route of {1} (ip route add default via GATEWAY "
                     "dev {1} table {0}), and lead the mark of {1} there",
                     table, name),
         fmt::format("ip rule add fwmark {:#x}/{:#x} lookup {}", uplink.mark, facts_.markBits,
                     table)});
}

void ExternalChecks::report(const char* code, const std::string& well, const std::string& bad,
                            const std::optional<RouteStop>& stop) {
    if (!stop) return lines_.push_back({code, Verdict::Ok, well, ""});
    const bool isAnswer = std::string_view{code} == "WAN-03";
    lines_.push_back({code, stop->certain ? Verdict::Fail : Verdict::Unknown,
                      fmt::format("{}: {}", bad, stop->text),
                      stop->command.empty() && isAnswer
                          ? fmt::format("give {} a default route", facts_.external.text())
                          : "",
                      stop->command});
}

}  // namespace igd::ctl
