// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/settings.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace igd {
namespace {

std::string_view name(Severity severity) {
    switch (severity) {
        case Severity::Notice:
            return "notice";
        case Severity::Warning:
            return "warning";
        case Severity::Error:
            return "error";
    }
    return "error";
}

/// Replaces %h, %v and %%; any other % stands for itself.
std::string expanded(std::string_view text, std::string_view hostName) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char next = text[i] == '%' && i + 1 < text.size() ? text[i + 1] : '\0';
        if (next == 'h')
            result += hostName;
        else if (next == 'v')
            result += UPNPD_VERSION;
        else
            result += text[i];
        if (next == 'h' || next == 'v' || next == '%') ++i;
    }
    return result;
}

}  // namespace

std::vector<InterfaceName> Configuration::namedInternal() const {
    std::vector<InterfaceName> named = internalInterfaces;
    std::erase_if(named, [this](const InterfaceName& name) {
        return std::ranges::find(matchedInterfaces, name) != matchedInterfaces.end();
    });
    return named;
}

bool Configuration::leavesOpen() const {
    return external.names.size() != 1 || (external6 && external6->names.size() != 1) ||
           !internalPatterns.empty() || !awaitedNetworks.empty();
}

bool Configuration::isExternal(const InterfaceName& name) const {
    return name == externalInterface || name == externalInterface6 || external.has(name) ||
           (external6 && external6->has(name));
}

Sides Configuration::sides() const {
    Sides sides{externalInterface, externalInterface6, internalInterfaces};
    if (usesAll()) sides.uplinks = namedUplinks();
    return sides;
}

bool Configuration::usesAll() const {
    return uplinkUse == UplinkUse::All && external.names.size() > 1;
}

std::vector<UplinkSide> Configuration::namedUplinks() const {
    std::vector<UplinkSide> all;
    for (const InterfaceName& name : external.names)
        all.push_back(
            {.interface = name, .mark = usesAll() ? uplinkMark(markBits, all.size()) : 0});
    return all;
}

std::uint32_t uplinkMark(std::uint32_t bits, std::size_t place) {
    const auto low = static_cast<unsigned>(std::countr_zero(bits));
    const std::uint64_t value = std::uint64_t{place + 1} << low;
    // All bits together are the mark of what may pass.
    return value < bits && (value & ~std::uint64_t{bits}) == 0 ? static_cast<std::uint32_t>(value)
                                                               : 0;
}

PortControlConfig Configuration::portControl() const {
    return {{natPmp, pcp, natPmpHidesPrivate, policy.thirdParties},
            portRequestsPerSecond,
            natPmpLegacyAnnouncements};
}

FirewallConfig Configuration::firewall() const {
    return {.backend = firewallBackend,
            .external = externalInterface,
            .external6 = externalInterface6,
            .internal = internalInterfaces,
            .insertForwardRules = insertForwardRules,
            .hairpin = hairpin,
            .forwardRulesAppend = forwardRulesAppend,
            .forwardChain = forwardChain,
            .preroutingChain = preroutingChain,
            .forwardChain6 = forwardChain6,
            .markBits = markBits};
}

DeviceIdentity Configuration::identityOn(std::string_view hostName) const {
    DeviceIdentity result = identity;
    for (std::string* text : {&result.friendlyName, &result.manufacturer, &result.modelName,
                              &result.modelNumber, &result.modelDescription, &result.serialNumber})
        *text = expanded(*text, hostName);
    return result;
}

std::string toString(const Diagnostic& diagnostic) {
    if (diagnostic.line == 0)
        return fmt::format("{}: {}: {}", diagnostic.file, name(diagnostic.severity),
                           diagnostic.text);
    return fmt::format("{}:{}: {}: {}", diagnostic.file, diagnostic.line, name(diagnostic.severity),
                       diagnostic.text);
}

log::Level levelOf(Severity severity) {
    switch (severity) {
        case Severity::Notice:
            return log::Level::Info;
        case Severity::Warning:
            return log::Level::Warning;
        case Severity::Error:
            return log::Level::Error;
    }
    return log::Level::Error;
}

bool hasErrors(const std::vector<Diagnostic>& diagnostics) {
    return std::ranges::find(diagnostics, Severity::Error, &Diagnostic::severity) !=
           diagnostics.end();
}

}  // namespace igd
