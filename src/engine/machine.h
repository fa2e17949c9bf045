// SPDX-License-Identifier: GPL-2.0-or-later
// The device identity is how control points know the machine.
#pragma once

#include "upnpd/config/settings.h"

namespace igd {

/// The configured identity with host name and version filled in, and with a UUID derived from
/// /etc/machine-id (or, without one, from the hardware address of the first internal interface)
/// unless one is configured: the same after each restart. Throws std::runtime_error when there is
/// nothing to derive it from.
[[nodiscard]] DeviceIdentity identityOfThisMachine(const Configuration& configuration);

[[nodiscard]] std::string hostName();

/// Returns a UUID that only this machine can know, for the nonces of PCP at the gateway above: the
/// same after each restart where there is a machine id, else a random one.
[[nodiscard]] std::string nonceSeedOfThisMachine();

/// Returns whether the kernel passes packets of IPv4 on from one interface to another; without that
/// no mapped port is reached.
[[nodiscard]] bool forwardsPackets();

}  // namespace igd
