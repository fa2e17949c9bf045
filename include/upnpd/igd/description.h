// SPDX-License-Identifier: GPL-2.0-or-later
// A control point reads these documents first, and searches for these targets.
#pragma once

#include "upnpd/igd/service_model.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

/// The identity that this device tells. Every text may hold any character; it is cut to the length
/// that UDA 1.0 section 2.1 allows, and escaped, where it is used.
struct DeviceIdentity {
    std::string
        uuid;  ///< 36 characters, of the root device; the embedded devices' are derived from it
    std::string friendlyName;
    std::string manufacturer;
    std::string manufacturerUrl;
    std::string modelName;
    std::string modelNumber;
    std::string modelDescription;
    std::string modelUrl;
    std::string serialNumber;     ///< empty: element left out
    std::string presentationUrl;  ///< empty: element left out
    Profile profile{};            ///< the highest version that it has
    /// The version that is announced, and found by who searches for none.
    IgdVersion announced = IgdVersion::Two;
    bool operator==(const DeviceIdentity&) const = default;
};

/// Returns `identity` with the profile of version 1.
[[nodiscard]] DeviceIdentity asVersion1(DeviceIdentity identity);
/// Returns `identity` with the profile of the version that is announced.
[[nodiscard]] DeviceIdentity asAnnounced(const DeviceIdentity& identity);

/// Returns a UUID (RFC 9562 section 5.5: version 5) that is always the same for one machine and one
/// name, and from which the machine's id cannot be found.
[[nodiscard]] std::string deriveUuid(std::string_view machineId, std::string_view name);

/// Returns "uuid:..." of one device of the tree: the root's own, or a UUID derived from it for the
/// others.
[[nodiscard]] std::string udn(const DeviceIdentity& identity, DeviceRole role);

/// Returns the profile of each tree that the device shows, once, the announced one first.
[[nodiscard]] std::vector<Profile> profilesOf(const DeviceIdentity& identity);

/// Returns the device description (UDA 1.0 section 2.1), with all URLs absolute paths.
[[nodiscard]] std::string descriptionDocument(const DeviceIdentity& identity);

/// Returns what configId of the description and CONFIGID.UPNP.ORG say (UDA 1.1 section 1.2): a
/// number of 24 bits that is another one when the description or a service description is.
[[nodiscard]] std::uint32_t configurationId(const DeviceIdentity& identity);

/// Returns the service description (UDA 1.0 section 2.3).
[[nodiscard]] std::string scpdDocument(const Service& service);

/// A target that a search may ask for: ST (or NT) and the USN that belongs to it.
struct SearchTarget {
    std::string target;
    std::string usn;
    Profile profile{};  ///< of the description that it leads to
};

/// Returns every target of the tree of identity.profile once, in the order of the announcements.
[[nodiscard]] std::vector<SearchTarget> searchTargets(const DeviceIdentity& identity);

/// Returns the answers to a search for `st`: all that is announced for ssdp:all, and one for a
/// target of any tree, which leads to the announced tree if that has it; otherwise none. Letter
/// case does not count (SSDP-MSEARCH-10), and the answer has our spelling; a prefix is not enough.
[[nodiscard]] std::vector<SearchTarget> answersTo(std::string_view st,
                                                  const DeviceIdentity& identity);

}  // namespace igd
