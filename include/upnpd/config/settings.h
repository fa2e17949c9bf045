// SPDX-License-Identifier: GPL-2.0-or-later
// The configuration is one struct with defaults. It is checked as a whole before anything starts,
// and const from then on; diagnostics say what was found in the files it came from.
#pragma once

#include "upnpd/config/default_duration.h"
#include "upnpd/config/interface_pattern.h"
#include "upnpd/config/options.h"
#include "upnpd/external/external_address.h"
#include "upnpd/firewall/factory.h"
#include "upnpd/igd/description.h"
#include "upnpd/net/interface_name.h"
#include "upnpd/portcontrol/port_control_server.h"
#include "upnpd/portmap/policy.h"
#include "upnpd/store/store_setting.h"
#include "upnpd/system/host_facts.h"
#include "upnpd/upnp/lan_server.h"
#include "upnpd/upstream/upstream_setting.h"
#include "upnpd/util/build_parts.h"
#include "upnpd/util/log.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

/// The presentationURL of the router's own page.
constexpr std::string_view kOwnPage = "/";

/// Who sees what on the router's page.
enum class PageAccess : std::uint8_t { All, Own, None };

/// Which requests wait until the administrator says yes.
enum class ApprovalMode : std::uint8_t { Off, NewHosts, All };

/// Says how many of several external interfaces are in use.
enum class UplinkUse : std::uint8_t { Failover, All };

/// Returns the mark, among `bits`, of answers that leave by the external interface at that place
/// (0: the first); 0: the bits have no room for it.
[[nodiscard]] std::uint32_t uplinkMark(std::uint32_t bits, std::size_t place);

/// The lease files of DHCP servers, where the names of hosts stand.
struct HostNameFiles {
    bool automatic = true;  ///< those that are found where servers have them
    std::vector<std::filesystem::path> paths{};
    bool operator==(const HostNameFiles&) const = default;
};

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
    UplinkUse uplinkUse = UplinkUse::Failover;

    ExternalAddressSetting externalAddress;
    UpstreamSetting upstream;

    bool pinholes = isBuiltIn(BuildPart::Ipv6);  ///< WANIPv6FirewallControl is there
    bool ipv6FirewallEnabled = true;             ///< what it tells

    bool upnp = true;
    bool natPmp = isBuiltIn(BuildPart::Pcp);
    bool pcp = isBuiltIn(BuildPart::Pcp);
    bool natPmpHidesPrivate = false;
    bool natPmpLegacyAnnouncements = false;
    std::size_t portRequestsPerSecond = 500;  ///< of one client

    PolicyConfig policy;
    /// An older name's part of policy.thirdParties, which holds it too once the file is read.
    std::vector<Ipv6Prefix> pcpThirdParties;
    DefaultDuration defaultDuration;
    std::optional<std::filesystem::path> leaseFile = "/var/lib/upnpd/leases";  ///< nullopt: none
    /// miniupnpd's file of pinholes (lease_file6), whose leases are taken over once.
    std::optional<std::filesystem::path> takenOverPinholes;
    std::optional<StoreSetting> leaseStore;                ///< nullopt: none
    std::optional<std::filesystem::path> leaseStoreLogin;  ///< nullopt: no password
    bool isOfPair = false;  ///< another router stands by: see engine/pair.h
    /// The addresses that move from one router of a pair to the other.
    std::vector<IpAddress> virtualAddresses{};

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
                            .presentationUrl = std::string{kOwnPage},
                            .announced = IgdVersion::One};

    int debugMode = 2;            ///< 0..3
    bool logAllocations = false;  ///< a line for each beginning and end of an external port's use
    std::string user = "upnpd";
    bool requireSeccomp = false;
    std::filesystem::path pidFile = "/run/upnpd/upnpd.pid";
    std::optional<std::filesystem::path> controlSocket =
        "/run/upnpd/upnpd.sock";  ///< nullopt: none

    PageAccess page = PageAccess::All;
    std::optional<std::filesystem::path> pagePassword;  ///< nullopt: nobody acts on the page
    HostNameFiles hostNames;
    ApprovalMode approve = ApprovalMode::Off;
    std::optional<std::filesystem::path> onChange;  ///< a program; nullopt: none
    std::optional<IpEndpoint> metricsListen;        ///< nullopt: nowhere
};

/// A key that a line of the file, an option or a variable has set.
struct AssignedValue {
    std::string key;    ///< of today; a permission's is `allow` or `deny`
    std::string value;  ///< as written, without the quotes
    std::string place;  ///< "/etc/linuxigd/upnpd.conf:41", "command line" or "environment"
    bool operator==(const AssignedValue&) const = default;
};

/// The interfaces are those in force; InterfaceFinder keeps them so, where the file does not name
/// them.
struct Configuration : Settings {
    InterfaceName externalInterface;                ///< none(): no default route leaves by one yet
    std::vector<InterfaceName> internalInterfaces;  ///< each once, none of them an external one
    /// Networks of the router that are to be served as soon as an interface has an address there.
    /// Where there are none, there is an internal interface.
    std::vector<Ipv4Prefix> awaitedNetworks{};
    std::string file{};  ///< where the settings were read; empty: there was no file
    std::vector<AssignedValue> assigned{};  ///< those that count, in the order of their lines
    InterfaceName externalInterface6 = externalInterface;  ///< by which packets to pinholes come
    Uplink external{{externalInterface}};
    std::optional<Uplink> external6{};  ///< nullopt: the same as IPv4's
    std::vector<InterfacePattern> internalPatterns{};
    std::vector<InterfaceName> matchedInterfaces{};  ///< the internal ones that patterns found

    /// Returns the internal interfaces but those that patterns found.
    [[nodiscard]] std::vector<InterfaceName> namedInternal() const;
    /// Returns whether the host's changes may bring other interfaces: InterfaceFinder is to look.
    [[nodiscard]] bool leavesOpen() const;
    /// Returns whether `name` is an external interface, in use or not.
    [[nodiscard]] bool isExternal(const InterfaceName& name) const;
    /// Returns whether several external interfaces are in use at once.
    [[nodiscard]] bool usesAll() const;
    /// Returns the external interfaces that the configuration names, in their order; with marks
    /// where all are in use at once.
    [[nodiscard]] std::vector<UplinkSide> namedUplinks() const;
    /// Returns the interfaces of both sides; those that are in use at once are without addresses.
    [[nodiscard]] Sides sides() const;
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

/// An external interface or what it follows, and the place that says so.
struct NamedUplink {
    Uplink uplink;
    std::string file;
    std::size_t line{};
};

/// A pattern of internal interfaces, and the place that has it.
struct NamedPattern {
    InterfacePattern pattern;
    std::string file;
    std::size_t line{};
};

/// An address or a network of the router, whose interface is an internal one, and the place that
/// names it.
struct NamedNetwork {
    Ipv4Prefix network;
    std::string file;
    std::size_t line{};
};

/// The contents of one file. Every fault of it is in `diagnostics`.
struct ParsedConfiguration {
    Settings settings;
    std::string file{};  ///< empty: there was none
    std::optional<NamedUplink> external;
    std::optional<NamedUplink> external6;
    std::vector<NamedInterface> internal;
    std::vector<NamedPattern> patterns;
    /// The lines that count, by the names of keys; a key that is not named is not there.
    std::map<std::string, std::size_t, std::less<>> lines;
    std::vector<NamedNetwork> networks;
    std::vector<AssignedValue> assigned{};  ///< but for the interfaces
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
    /// Looks at the host; empty: nothing is checked against it.
    std::function<HostFacts()> host{};

    /// Returns the paths of the installation, and this process' environment.
    [[nodiscard]] static Surroundings ofThisProcess();
};

struct LoadedConfiguration {
    std::optional<Configuration> configuration;  ///< nullopt when there are errors
    std::vector<Diagnostic> diagnostics;
};

/// Reads the file that `options` name, or that of `surroundings`, which may be absent. The
/// interfaces are not looked for elsewhere.
[[nodiscard]] ParsedConfiguration readConfigurationFile(const Options& options,
                                                        const Surroundings& surroundings);

/// Reads the configuration. `options` win over the file, and the file wins over environment and
/// shell-style files, which are read only when an interface is missing.
[[nodiscard]] LoadedConfiguration loadConfiguration(const Options& options,
                                                    const Surroundings& surroundings);

}  // namespace igd
