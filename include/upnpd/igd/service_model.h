// SPDX-License-Identifier: GPL-2.0-or-later
// This is the one table of devices, services, actions, arguments and state variables. SCPD,
// description, decoding, dispatch and search targets are all made from it. Its source is IGD:1 and
// IGD:2 with the service documents that they name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace igd {

enum class IgdVersion : std::uint8_t { One = 1, Two = 2 };

/// The version and services of one tree that this device shows. Version 1 knows no pinholes.
struct Profile {
    IgdVersion version = IgdVersion::Two;
    bool pinholes = false;  ///< WANIPv6FirewallControl
    bool ppp = false;       ///< WANPPPConnection:1 stands in the place of WANIPConnection:1
    bool operator==(const Profile&) const = default;
};
constexpr Profile kVersion1{IgdVersion::One};
/// A control point that searches for WANPPPConnection:1 sees this tree.
constexpr Profile kVersion1Ppp{IgdVersion::One, false, true};

enum class DataType { String, Boolean, Ui2, Ui4 };
enum class Direction { In, Out };

struct ValueRange {
    std::uint32_t minimum{};
    std::uint32_t maximum{};
};

struct StateVariable {
    std::string_view name;
    DataType type{};
    bool evented = false;
    std::span<const std::string_view> allowedValues{};
    std::string_view defaultValue{};  ///< empty: none
    std::optional<ValueRange> range{};
};

struct Argument {
    std::string_view name;
    Direction direction{};
    std::string_view variable;  ///< relatedStateVariable
    /// The value of an in-argument that a careless client leaves out (IGD-AddPortMapping-03);
    /// nullopt: leaving it out is an error.
    std::optional<std::string_view> whenMissing{};
};

struct Action {
    std::string_view name;
    std::span<const Argument> arguments{};
};

struct Service {
    std::string_view type;         ///< "urn:schemas-upnp-org:service:WANIPConnection:1"
    std::string_view id;           ///< "urn:upnp-org:serviceId:WANIPConn1"
    std::string_view scpdPath;     ///< "/WANIPCn.xml"
    std::string_view controlPath;  ///< "/ctl/IPConn"
    std::string_view eventPath;    ///< "/evt/IPConn"
    std::span<const Action> actions{};
    std::span<const StateVariable> variables{};

    /// Returns the digit behind the type's last colon.
    [[nodiscard]] constexpr unsigned version() const {
        return static_cast<unsigned>(type.back() - '0');
    }
};

/// The three devices of the tree; each has its own UDN.
enum class DeviceRole { InternetGateway, Wan, WanConnection };

struct Device {
    DeviceRole role{};
    std::string_view type;  ///< "urn:schemas-upnp-org:device:InternetGatewayDevice:1"
    std::span<const Service* const> services{};
    const Device* child =
        nullptr;  ///< the tree is a chain: gateway, WANDevice, WANConnectionDevice
};

/// Returns the path of the description that shows the tree of `profile`.
[[nodiscard]] std::string_view descriptionPath(Profile profile);

[[nodiscard]] const Device& rootDevice(Profile profile);
/// Returns every service of the tree, the root's first.
[[nodiscard]] std::span<const Service* const> allServices(Profile profile);

/// Returns nullptr when the tree has no such service; the text must match exactly.
[[nodiscard]] const Service* serviceById(Profile profile, std::string_view id);
/// Returns `service` as `type` names it: itself, its version 1, or WANPPPConnection:1 in the place
/// of WANIPConnection; nullptr when it is not of that type.
[[nodiscard]] const Service* serviceAs(const Service& service, std::string_view type);
[[nodiscard]] const Action* findAction(const Service& service, std::string_view name);
[[nodiscard]] const StateVariable* findVariable(const Service& service, std::string_view name);

}  // namespace igd
