// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/control_settings.h"

#include "upnpd/config/settings.h"

namespace igd {
namespace {

/// Returns the errors among `diagnostics`, one a line.
std::string errorsOf(const std::vector<Diagnostic>& diagnostics) {
    std::string text;
    for (const Diagnostic& diagnostic : diagnostics)
        if (diagnostic.severity == Severity::Error)
            text += (text.empty() ? "" : "\n") + toString(diagnostic);
    return text;
}

tl::expected<std::optional<std::filesystem::path>, std::string> socketIn(
    const Options& options, const Surroundings& surroundings) {
    const ParsedConfiguration parsed = readConfigurationFile(options, surroundings);
    if (!parsed.ok()) return tl::unexpected(errorsOf(parsed.diagnostics));
    return parsed.settings.controlSocket;
}

tl::expected<ControlSettings::Service, std::string> serviceIn(const LoadedConfiguration& loaded) {
    if (!loaded.configuration) return tl::unexpected(errorsOf(loaded.diagnostics));
    const Configuration& configuration = *loaded.configuration;
    return ControlSettings::Service{configuration.externalInterface,
                                    configuration.internalInterfaces,
                                    configuration.upnp,
                                    configuration.natPmp || configuration.pcp,
                                    configuration.httpPort,
                                    configuration.pcp,
                                    configuration.policy.externalPorts,
                                    configuration.externalInterface6,
                                    configuration.namedUplinks(),
                                    configuration.markBits};
}

}  // namespace

ControlSettings loadControlSettings(const std::optional<std::string>& file) {
    Options options;
    options.configurationFile = file;
    const Surroundings surroundings = Surroundings::ofThisProcess();
    return {socketIn(options, surroundings), serviceIn(loadConfiguration(options, surroundings))};
}

}  // namespace igd
