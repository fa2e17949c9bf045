// SPDX-License-Identifier: GPL-2.0-or-later
// The configuration is one struct with defaults. It is checked as a whole before anything starts,
// and const from then on; diagnostics say what was found in the files it came from.
#pragma once

#include "upnpd/config/default_duration.h"
#include "upnpd/config/options.h"
#include "upnpd/external/external_address.h"
#include "upnpd/firewall/factory.h"
#include "upnpd/igd/description.h"
#include "upnpd/net/interface_name.h"
#include "upnpd/portcontrol/port_control_server.h"
#include "upnpd/portmap/policy.h"
#include "upnpd/upnp/lan_server.h"
#include "upnpd/util/log.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

/// Settings hold everything but the interfaces, which have no default. Each field is a key of
/// upnpd.conf(5).
struct Settings {
    /// The administrator's own mappings, in the order of the file. They have no lease, and no
    /// client can change them.
    std::vector<Opening> staticMappings;

    BackendChoice firewallBackend = BackendChoice::Auto;
    InsertForwardRules insertForwardRules = InsertForwardRules::Auto;
    bool hairpin = true;
    bool forwardRulesAppend = false;
    std::string forwardChain = "FORWARD";
    std::string preroutingChain = "PREROUTING";
    std::string forwardChain6 = "FORWARD";
    std::uint32_t markBits = kDefaultMarkBits;

    ExternalAddressSetting externalAddress;

    bool pinholes = true;             ///< WANIPv6FirewallControl is there
    bool ipv6FirewallEnabled = true;  ///< what it tells

    bool upnp = true;
    bool natPmp = true;
    bool pcp = true;
    bool natPmpHidesPrivate = false;
    bool natPmpLegacyAnnouncements = false;
    std::size_t portRequestsPerSecond = 500;  ///< of one client

    PolicyConfig policy;
    /// An older name's part of policy.thirdParties, which holds it too once the file is read.
    std::vector<Ipv6Prefix> pcpThirdParties;
    DefaultDuration defaultDuration;
    std::optional<std::filesystem::path> leaseFile = "/var/lib/upnpd/leases";  ///< nullopt: none

    std::uint16_t httpPort = 0;         ///< 0: the first free one from 49152
    std::uint64_t upstreamBitRate = 0;  ///< bit/s; 0: what the interface says
    std::uint64_t downstreamBitRate = 0;
    GateLimits limits;
    /// The texts are as written, with %h and %v in them. An empty uuid is derived from the machine.
    DeviceIdentity identity{.uuid = "",
                            .friendlyName = "%h router",
                            .manufacturer = "Linux UPnP IGD Project",
                            .manufacturerUrl = "http://linux-igd.sourceforge.net/",
                            .modelName = "upnpd",
                            .modelNumber = "%v",
                            .modelDescription = "UPnP Internet Gateway Device for Linux",
                            .modelUrl = "http://linux-igd.sourceforge.net/",
                            .serialNumber = "",
                            .presentationUrl = ""};

    int debugMode = 2;  ///< 0..3
    std::string user = "upnpd";
    bool requireSeccomp = false;
    std::filesystem::path pidFile = "/run/upnpd/upnpd.pid";
    std::optional<std::filesystem::path> controlSocket =
        "/run/upnpd/upnpd.sock";  ///< nullopt: none
};

struct Configuration : Settings {
    InterfaceName externalInterface;
    std::vector<InterfaceName>
        internalInterfaces;  ///< at least one, each once, none of them the external one

    [[nodiscard]] FirewallConfig firewall() const;
    [[nodiscard]] PortControlConfig portControl() const;
    /// Returns the identity with %h replaced by `hostName`, %v by the version and %% by %.
    [[nodiscard]] DeviceIdentity identityOn(std::string_view hostName) const;
};

enum class Severity { Notice, Warning, Error };

struct Diagnostic {
    std::string file;    ///< or "command line", "environment"
    std::size_t line{};  ///< 0: the file as a whole
    Severity severity{};
    std::string text;
    bool operator==(const Diagnostic&) const = default;
};

/// Returns "/etc/linuxigd/upnpd.conf:41: error: ...", always one line.
[[nodiscard]] std::string toString(const Diagnostic& diagnostic);

/// Returns the level at which the log has it.
[[nodiscard]] log::Level levelOf(Severity severity);

/// Returns whether one of `diagnostics` is an error.
[[nodiscard]] bool hasErrors(const std::vector<Diagnostic>& diagnostics);

/// An interface, and the place that names it.
struct NamedInterface {
    InterfaceName name;
    std::string file;
    std::size_t line{};
};

/// The contents of one file. Every fault of it is in `diagnostics`.
struct ParsedConfiguration {
    Settings settings;
    std::optional<NamedInterface> external;
    std::vector<NamedInterface> internal;
    std::vector<Diagnostic> diagnostics;
    [[nodiscard]] bool ok() const { return !hasErrors(diagnostics); }
};

/// Reads the text of an upnpd.conf, or of a shell-style file when it is one. `fileName` is named in
/// the diagnostics.
[[nodiscard]] ParsedConfiguration parseConfiguration(std::string_view text,
                                                     std::string_view fileName);

/// The places besides the command line where the configuration may be.
struct Surroundings {
    std::string configurationFile;
    std::vector<std::string> shellStyleFiles;
    std::map<std::string, std::string, std::less<>> environment;

    /// Returns the paths of the installation, and this process' environment.
    [[nodiscard]] static Surroundings ofThisProcess();
};

struct LoadedConfiguration {
    std::optional<Configuration> configuration;  ///< nullopt when there are errors
    std::vector<Diagnostic> diagnostics;
};

/// Reads the configuration. `options` win over the file, and the file wins over environment and
/// shell-style files, which are read only when an interface is missing.
[[nodiscard]] LoadedConfiguration loadConfiguration(const Options& options,
                                                    const Surroundings& surroundings);

}  // namespace igd
