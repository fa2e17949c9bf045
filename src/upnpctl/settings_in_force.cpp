// SPDX-License-Identifier: GPL-2.0-or-later
#include "settings_in_force.h"

#include "upnpd/config/values_in_force.h"

namespace igd::ctl {
namespace {

Json jsonOf(const ValueInForce& value) {
    return {{"key", value.key},
            {"value", value.value},
            {"place", value.place},
            {"default", value.isDefault},
            {"found", value.found.empty() ? Json() : Json(value.found)}};
}

/// Reads the configuration as a daemon would that began now.
Outcome<std::vector<Json>> fromFile(const std::optional<std::string>& file) {
    Options options;
    options.configurationFile = file;
    const auto loaded = loadConfiguration(options, Surroundings::ofThisProcess());
    std::string errors;
    for (const Diagnostic& each : loaded.diagnostics)
        if (each.severity == Severity::Error)
            errors += (errors.empty() ? "" : "\n") + toString(each);
    if (!loaded.configuration) return tl::unexpected(Failure{errors, kMisused});
    std::vector<Json> values;
    for (const ValueInForce& each : valuesInForce(*loaded.configuration))
        values.push_back(jsonOf(each));
    return values;
}

}  // namespace

Outcome<SettingsInForce> settingsInForce(const Session& session) {
    const auto daemon = session.daemon();
    const bool isNamed = session.arguments().socket.has_value();
    if (!daemon && (isNamed || daemon.error().status != kNotRunning))
        return tl::unexpected(daemon.error());
    auto settings =
        daemon ? daemon->pages("config", "settings") : fromFile(session.arguments().configuration);
    if (!settings) return tl::unexpected(settings.error());
    return SettingsInForce{daemon.has_value(), *std::move(settings)};
}

}  // namespace igd::ctl
