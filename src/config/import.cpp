// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/import.h"

#include "keys.h"
#include "line.h"
#include "permission_line.h"
#include "shell_style.h"
#include "text_file.h"

#include "upnpd/config/host_checks.h"
#include "upnpd/system/lease_file.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace igd {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// Quotes what a comment, a `;` or quotes would make another value of.
std::string valueText(const std::string& value) {
    const auto read = readValue(value);
    if (read && *read == value) return value;
    return fmt::format("{0}{1}{0}", value.find('"') == std::string::npos ? '"' : '\'', value);
}

std::string setting(std::string_view name, const std::string& value) {
    return fmt::format("{} = {}\n", name, valueText(value));
}

std::string textOf(const ClientPattern& client) {
    if (const auto* const mac = std::get_if<MacAddress>(&client)) return "mac:" + toString(*mac);
    if (const auto* const ipv4 = std::get_if<Ipv4Prefix>(&client))
        return toString(Ipv4Prefix{ipv4->network(), ipv4->length});
    if (const auto* const ipv6 = std::get_if<Ipv6Prefix>(&client))
        return toString(masked(PeerFilter{*ipv6, Port{0}}).remote);
    return "any";
}

std::string textOf(const PermissionRule& rule) {
    return fmt::format("{} {} {} {}{}\n", rule.allow ? "allow" : "deny",
                       toString(rule.externalPorts), textOf(rule.client),
                       toString(rule.internalPorts),
                       rule.protocol ? fmt::format(" {}", lowerName(*rule.protocol)) : "");
}

const KeyAlias* aliasOf(std::string_view key) {
    const auto found = std::ranges::find(keyAliases(), key, &KeyAlias::old);
    return found == keyAliases().end() ? nullptr : &*found;
}

bool isWithoutEffect(std::string_view key) {
    const auto keys = keysWithoutEffect();
    return std::ranges::find(keys, key, &ConfigurationKey::name) != keys.end();
}

class Importer {
public:
    Importer(std::string_view text, std::string_view file, const HostFacts& host)
        : parsed_(parseConfiguration(text, file)), isShellStyle_(looksShellStyle(text)) {
        findInterfaces(host, parsed_);
        std::ranges::stable_sort(parsed_.diagnostics, {}, &Diagnostic::line);
        text_ = fmt::format("# Made by upnpd --import from {}.\n", file);
        std::size_t number = 0;
        while (!text.empty()) {
            const auto end = std::min(text.find('\n'), text.size());
            readLine(++number, text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        finish();
    }

    Imported take() && { return {std::move(text_), std::move(parsed_.diagnostics)}; }

private:
    void readLine(std::size_t number, std::string_view line) {
        if (number == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(3);
        if (isBlank(line)) return;
        text_ += fmt::format("\n# {}: {}\n", number, cleanUtf8(trimmed(line), 1024));
        bool isGood = true;
        for (const Diagnostic& each : parsed_.diagnostics) {
            if (each.line != number) continue;
            text_ += fmt::format("#    {}\n", each.text);
            isGood = isGood && each.severity != Severity::Error;
        }
        if (isGood) text_ += translated(number, line);
    }

    /// Returns the line in the names of today; empty: it says nothing here.
    [[nodiscard]] std::string translated(std::size_t number, std::string_view line) {
        if (isPermission(line)) {
            const auto read = parsePermission(line, "");
            return read && read->rule ? textOf(*read->rule) : "";
        }
        const auto split = splitLine(line);
        if (split && (split->key == "ext_ifname" || split->key == "listening_ip"))
            isOfMiniupnpd_ = true;
        if (auto interfaces = interfacesOf(number); !interfaces.empty()) return interfaces;
        if (isShellStyle_ || !split || isWithoutEffect(split->key)) return "";
        const KeyAlias* const alias = aliasOf(split->key);
        const std::string_view name = alias != nullptr ? alias->name : split->key;
        if (name == kInternalInterfaceKey || name == kExternalInterfaceKey ||
            name == kExternalInterface6Key)
            return "";
        if (name == "port_control") hasPortControl_ = true;
        if (split->value.empty()) return name == "presentation_url" ? setting(name, "none") : "";
        if (split->key == "uuid" && parsed_.settings.identity.uuid.empty())
            return setting(name, "auto");
        if (alias == nullptr) return setting(name, split->value);
        if (alias->setPart != nullptr) return partOf(*alias, split->value);
        const auto value =
            alias->translate != nullptr ? alias->translate(split->value) : split->value;
        return value ? setting(name, *value) : "";
    }

    /// The line's interfaces, by name.
    [[nodiscard]] std::string interfacesOf(std::size_t number) const {
        std::string result;
        if (parsed_.external && parsed_.external->line == number)
            result += setting(kExternalInterfaceKey, toString(parsed_.external->uplink));
        if (parsed_.external6 && parsed_.external6->line == number)
            result += setting(kExternalInterface6Key, toString(parsed_.external6->uplink));
        for (const NamedInterface& each : parsed_.internal)
            if (each.line == number) result += setting(kInternalInterfaceKey, each.name.text());
        for (const NamedPattern& each : parsed_.patterns)
            if (each.line == number) result += setting(kInternalInterfaceKey, each.pattern.text());
        for (const NamedNetwork& each : parsed_.networks)
            if (each.line == number) result += fmt::format("#{} = NAME\n", kInternalInterfaceKey);
        return result;
    }

    /// The two parts of a server are one value here, where the first of them stands. A part without
    /// a name of today keeps its own.
    std::string partOf(const KeyAlias& alias, const std::string& value) {
        if (alias.name != "stun_server") return setting(alias.old, value);
        const StunServer& server = parsed_.settings.externalAddress.server;
        if (std::exchange(hasServer_, true) || server.host.empty()) return "";
        return setting(alias.name, fmt::format("{}:{}", server.host, server.port.value));
    }

    /// Adds the defaults that differ.
    void finish() {
        if (!isOfMiniupnpd_) return;
        if (!hasPortControl_)
            text_ +=
                "\n# miniupnpd answers NAT-PMP and PCP with enable_pcp_pmp = yes alone; upnpd\n"
                "# does unless it is told not to.\n#port_control = none\n";
        if (parsed_.settings.policy.permissions.empty())
            text_ +=
                "\n# Without lines miniupnpd allows every port; upnpd allows those from 1024.\n"
                "#allow 0-65535 any 0-65535\n";
    }

    ParsedConfiguration parsed_;
    bool isShellStyle_;
    std::string text_;
    bool hasServer_ = false;
    bool hasPortControl_ = false;
    bool isOfMiniupnpd_ = false;
};

}  // namespace

Imported importConfiguration(std::string_view text, std::string_view fileName,
                             const HostFacts& host) {
    return Importer{text, fileName, host}.take();
}

tl::expected<Imported, std::string> importFile(const std::string& path, const HostFacts& host) {
    const auto text = readTextFile(path);
    if (!text) return tl::unexpected(fmt::format("{}: {}", path, text.error().reason));
    if (isLeaseFileOfMiniupnpd(*text))
        return tl::unexpected(fmt::format(
            "{0} holds leases of miniupnpd: upnpd takes them over at its next start if the "
            "configuration has lease_file = {0}",
            path));
    return importConfiguration(*text, path, host);
}

}  // namespace igd
