// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/control_settings.h"

#include "upnpd/config/settings.h"

namespace igd {
namespace {

std::string firstError(const std::vector<Diagnostic>& diagnostics) {
    for (const Diagnostic& diagnostic : diagnostics)
        if (diagnostic.severity == Severity::Error) return toString(diagnostic);
    return "the configuration cannot be used";
}

}  // namespace

ControlSettings loadControlSettings(const std::optional<std::string>& file) {
    Options options;
    options.configurationFile = file;
    const LoadedConfiguration loaded = loadConfiguration(options, Surroundings::ofThisProcess());
    if (!loaded.configuration)
        return {Settings{}.controlSocket, tl::unexpected(firstError(loaded.diagnostics))};
    const Configuration& configuration = *loaded.configuration;
    return {
        configuration.controlSocket,
        ControlSettings::Service{configuration.externalInterface, configuration.internalInterfaces,
                                 configuration.upnp, configuration.natPmp || configuration.pcp,
                                 configuration.httpPort}};
}

}  // namespace igd
