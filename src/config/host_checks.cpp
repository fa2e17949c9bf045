// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/host_checks.h"

#include "keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace igd {
namespace {

constexpr std::size_t kMostNames = 8;

/// Returns the names of the host's interfaces, as help for one that was misspelt.
std::string namesOn(const HostFacts& host) {
    std::string names;
    std::size_t count = 0;
    for (const HostInterface& each : host.interfaces)
        if (!each.isLoopback && !each.leads && ++count <= kMostNames)
            names += (names.empty() ? "" : ", ") + each.name.text();
    if (count > kMostNames) names += ", ...";
    return names.empty() ? "no other" : names;
}

/// `ip link` writes a VLAN as eth0.5@eth0.
std::string absentText(const InterfaceName& name, const HostFacts& host) {
    const auto at = name.text().find('@');
    if (at != std::string::npos)
        return fmt::format("{}: no such interface yet: the name is what stands before the @, {}",
                           name.text(), name.text().substr(0, at));
    return fmt::format("{}: no such interface yet (there is {}); it is waited for", name.text(),
                       namesOn(host));
}

class Checker {
public:
    Checker(const HostFacts& host, ParsedConfiguration& parsed) : host_(host), parsed_(parsed) {}

    void check() {
        checkUplink(parsed_.external, kExternalInterfaceKey, host_.defaultRoutes);
        checkUplink(parsed_.external6, kExternalInterface6Key, host_.defaultRoutes6);
        for (const NamedInterface& each : parsed_.internal) checkOne(each, kInternalInterfaceKey);
        checkSides();
        checkMetrics();
    }

private:
    void say(const NamedInterface& about, Severity severity, std::string text) {
        Diagnostic diagnostic{about.file, about.line, severity, std::move(text)};
        auto& all = parsed_.diagnostics;
        if (std::ranges::find(all, diagnostic) == all.end()) all.push_back(std::move(diagnostic));
    }

    void checkUplink(const std::optional<NamedUplink>& side, std::string_view key,
                     const std::vector<HostFacts::DefaultRoute>& routes) {
        if (!side) return;
        for (const InterfaceName& name : side->uplink.names)
            checkOne({name, side->file, side->line}, key);
        if (side->uplink.isAuto() && !leavesOutside(routes))
            parsed_.diagnostics.push_back(
                {side->file, side->line, Severity::Warning,
                 fmt::format("{} = auto: no default route leads to the Internet yet; it is waited "
                             "for",
                             key)});
    }

    /// Returns the interface of the first of `routes` that is no internal one by its name.
    [[nodiscard]] std::optional<InterfaceName> leavesOutside(
        const std::vector<HostFacts::DefaultRoute>& routes) const {
        for (const HostFacts::DefaultRoute& each : routes)
            if (std::ranges::find(parsed_.internal, each.interface, &NamedInterface::name) ==
                parsed_.internal.end())
                return each.interface;
        return std::nullopt;
    }

    /// Returns whether `name` is an external interface of IPv4.
    [[nodiscard]] bool isExternal(const InterfaceName& name) const {
        if (!parsed_.external) return false;
        const Uplink& uplink = parsed_.external->uplink;
        return uplink.isAuto() ? name == leavesOutside(host_.defaultRoutes) : uplink.has(name);
    }

    void checkOne(const NamedInterface& each, std::string_view key) {
        const HostInterface* const found = host_.find(each.name);
        const std::string& name = each.name.text();
        if (found == nullptr) return say(each, Severity::Warning, absentText(each.name, host_));
        if (found->isLoopback)
            say(each, Severity::Error,
                key == kInternalInterfaceKey
                    ? fmt::format("{} is no LAN: name the interface to the clients", name)
                    : fmt::format("{} does not lead to the Internet: name the interface that does",
                                  name));
        if (found->leads)
            say(each, Severity::Warning,
                fmt::format("{0} is a port of {1} {2}: name {2}", name,
                            host_.find(*found->leads)->kind, found->leads->text()));
    }

    void checkSides() {
        if (host_.defaultRoutes.empty() || !parsed_.external) return;
        const InterfaceName& leaves = host_.defaultRoutes.front().interface;
        const auto found = std::ranges::find(parsed_.internal, leaves, &NamedInterface::name);
        if (found != parsed_.internal.end() && !parsed_.external->uplink.has(leaves))
            say(*found, Severity::Warning,
                fmt::format("the default route leaves by {}, which is an internal interface: are "
                            "the two sides mixed up?",
                            leaves.text()));
    }

    /// Metrics are for people on this side.
    void checkMetrics() {
        const auto& local = parsed_.settings.metricsListen;
        if (!local) return;
        const HostInterface* const found = host_.findHolder(local->address);
        const auto sayHere = [&](Severity severity, std::string text) {
            parsed_.diagnostics.push_back(
                {parsed_.file, parsed_.lines.at("metrics_listen"), severity, std::move(text)});
        };
        if (found == nullptr)
            sayHere(Severity::Warning,
                    fmt::format("metrics_listen: no interface has {} yet; it is waited for",
                                toString(local->address)));
        else if (isExternal(found->name))
            sayHere(Severity::Error,
                    fmt::format("metrics_listen: {} is an address of the external interface: the "
                                "Internet could read there; name an internal one",
                                toString(local->address)));
    }

    const HostFacts& host_;
    ParsedConfiguration& parsed_;
};

std::string stateOf(const InterfaceName& name, const HostFacts& host) {
    const HostInterface* const found = host.find(name);
    if (found == nullptr) return "no such interface yet";
    const std::string link = found->running ? "up" : "down";
    if (found->addresses.empty()) return link + ", no address";
    const Ipv4Address address = found->addresses.front().address;
    return fmt::format("{}, {} {}", link, rangeName(address), toString(address));
}

/// Returns "wan0", "wan1 of wan0 wan1", "auto: wan0", or "auto (no default route yet)".
std::string described(const Uplink& uplink, const InterfaceName& inForce) {
    if (uplink.names.size() == 1) return inForce.text();
    if (!uplink.isAuto()) return fmt::format("{} of {}", inForce.text(), toString(uplink));
    return inForce.isNone() ? "auto (no default route yet)" : "auto: " + inForce.text();
}

}  // namespace

void findInterfaces(const HostFacts& host, ParsedConfiguration& parsed) {
    std::vector<NamedNetwork> awaited;
    for (const NamedNetwork& each : parsed.networks) {
        if (const HostInterface* const found = host.findIn(each.network)) {
            parsed.internal.push_back({found->name, each.file, each.line});
            continue;
        }
        awaited.push_back(each);
        parsed.diagnostics.push_back(
            {each.file, each.line, Severity::Warning,
             fmt::format("no interface has an address of {} yet; it is waited for",
                         toString(each.network))});
    }
    parsed.networks = std::move(awaited);
}

void checkAgainst(const HostFacts& host, ParsedConfiguration& parsed) {
    Checker{host, parsed}.check();
}

std::string summary(const Configuration& configuration, const HostFacts& host) {
    const InterfaceName& external = configuration.externalInterface;
    std::string text = described(configuration.external, external);
    if (!external.isNone()) text += fmt::format(" ({})", stateOf(external, host));
    if (configuration.external6)
        text += fmt::format(", IPv6 {}",
                            described(*configuration.external6, configuration.externalInterface6));
    text += " ->";
    const char* separator = " ";
    const auto add = [&](const std::string& what) {
        text += separator + what;
        separator = ", ";
    };
    for (const InterfaceName& name : configuration.internalInterfaces)
        add(name.text() + (host.find(name) == nullptr ? " (no such interface yet)" : ""));
    for (const InterfacePattern& pattern : configuration.internalPatterns)
        add(pattern.text() + " (as they come)");
    for (const Ipv4Prefix& network : configuration.awaitedNetworks)
        add(toString(network) + " (on no interface yet)");
    return text;
}

}  // namespace igd
