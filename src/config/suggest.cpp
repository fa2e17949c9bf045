// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/suggest.h"

#include "upnpd/config/interface_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace igd {
namespace {

constexpr std::uint8_t kLongestOfNetwork = 30;

std::string addressesOf(const HostInterface& interface) {
    std::string text;
    for (const Ipv4Prefix& each : interface.addresses)
        text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", toString(each),
                            rangeName(each.address));
    return text.empty() ? "no IPv4 address" : text;
}

std::string described(const HostInterface& interface) {
    const auto kind =
        interface.kind.empty() ? std::string{} : fmt::format(", of kind {},", interface.kind);
    return fmt::format("{}{} has {}", interface.name.text(), kind, addressesOf(interface));
}

bool hasPrivateNetwork(const HostInterface& interface) {
    return std::ranges::any_of(interface.addresses, [](const Ipv4Prefix& each) {
        return each.address.isPrivate() && each.length <= kLongestOfNetwork;
    });
}

bool isOfDocker(std::string_view name) {
    constexpr std::size_t kDigits = 12;
    return name.starts_with("docker") ||
           (name.starts_with("br-") && name.size() == 3 + kDigits &&
            name.find_first_not_of("0123456789abcdef", 3) == std::string_view::npos);
}

/// Returns why an interface with a private network is hardly one to clients; empty: it may be.
std::string_view objectionTo(const HostInterface& interface) {
    const std::string_view name = interface.name.text();
    const auto begins = [name](auto... words) { return (name.starts_with(words) || ...); };
    if (isOfDocker(name) || begins("podman", "cni", "veth", "lxc", "lxd", "incus"))
        return "it looks like a network of containers";
    if (begins("virbr", "vmnet", "vboxnet")) return "it looks like a network of virtual machines";
    const std::string_view kind = interface.kind;
    if (kind == "wireguard" || kind == "tun" || kind == "ppp" || kind == "ipip" || kind == "sit")
        return "it is a tunnel";
    return {};
}

/// Puts the text together.
class Writer {
public:
    explicit Writer(const HostFacts& host) : host_(host) {}

    Suggestion write() {
        text_ =
            "# Proposed by upnpd --suggest for this host. See that both sides are right, put this\n"
            "# into the configuration (upnpd.conf(5)), and check it: upnpd -t\n";
        const HostInterface* const external = writeExternal();
        const bool hasInternal = writeInternal(external);
        return {std::move(text_), external != nullptr && hasInternal};
    }

private:
    const HostInterface* writeExternal() {
        if (host_.defaultRoutes.empty()) {
            text_ +=
                "\n# No default route of IPv4 is there, so the interface to the Internet is not "
                "known.\n#external_interface = NAME\n";
            return nullptr;
        }
        const auto& [name, gateway, metric] = host_.defaultRoutes.front();
        const HostInterface& external = *host_.find(name);
        text_ +=
            fmt::format("\n# The default route{} leaves by {}.\n# {}.\nexternal_interface = {}\n",
                        gateway ? fmt::format(" (to {})", toString(*gateway)) : "",
                        external.name.text(), described(external), external.name.text());
        writeOthers(external);
        const bool isPublic = std::ranges::any_of(
            external.addresses, [](const Ipv4Prefix& each) { return each.address.isPublic(); });
        if (!isPublic && !external.addresses.empty())
            text_ +=
                "# No host of the Internet reaches that address: another router is in front. Ask "
                "it "
                "for\n# each port, or see external_address.\n#upstream = auto\n"
                "#external_address = stun\n#stun_server = HOST\n";
        return &external;
    }

    /// Several lines are proposed and not chosen: only the administrator knows what each is for.
    void writeOthers(const HostInterface& external) {
        Uplink all{{external.name}};
        for (const HostFacts::DefaultRoute& each : host_.defaultRoutes)
            if (!all.has(each.interface)) all.names.push_back(each.interface);
        if (all.names.size() > 1)
            text_ += fmt::format(
                "# Default routes leave by others, too. To fail over between these lines:\n"
                "#external_interface = {}\n",
                toString(all));
    }

    [[nodiscard]] bool isOutside(const InterfaceName& name) const {
        return std::ranges::find(host_.defaultRoutes, name, &HostFacts::DefaultRoute::interface) !=
               host_.defaultRoutes.end();
    }

    bool writeInternal(const HostInterface* external) {
        bool found = false;
        for (const HostInterface& each : host_.interfaces) {
            if (&each == external || each.isLoopback || each.leads || isOutside(each.name) ||
                !hasPrivateNetwork(each))
                continue;
            const auto objection = objectionTo(each);
            text_ += fmt::format("\n# {}.\n", described(each));
            if (!objection.empty()) text_ += fmt::format("# Not proposed: {}.\n#", objection);
            text_ += fmt::format("internal_interface = {}\n", each.name.text());
            found = found || objection.empty();
        }
        if (!found)
            text_ +=
                "\n# No other interface has a private network, so the one to the clients is not "
                "known.\n#internal_interface = NAME\n";
        return found;
    }

    const HostFacts& host_;
    std::string text_;
};

}  // namespace

Suggestion suggestConfiguration(const HostFacts& host) {
    return Writer{host}.write();
}

}  // namespace igd
