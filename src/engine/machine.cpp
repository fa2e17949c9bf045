// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine.h"

#include "upnpd/util/text.h"

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

#include <array>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

namespace igd {
namespace {

std::string firstLine(const std::string& path) {
    std::string line;
    std::getline(std::ifstream{path}, line);
    return std::string{trimmed(line)};
}

std::vector<std::string> machineIdFiles() {
    return {"/etc/machine-id", "/var/lib/dbus/machine-id"};
}

std::string machineId(const std::vector<InterfaceName>& internal) {
    std::vector<std::string> paths = machineIdFiles();
    if (!internal.empty())
        paths.push_back("/sys/class/net/" + internal.front().text() + "/address");
    for (const std::string& path : paths)
        if (std::string id = firstLine(path); !id.empty()) return id;
    throw std::runtime_error(
        "there is no /etc/machine-id to derive the device's UUID from: set `uuid` in upnpd.conf");
}

}  // namespace

std::string hostName() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "linux";
}

/// A hardware address is no secret: without a machine id the nonces of an earlier run are lost.
std::string nonceSeedOfThisMachine() {
    for (const std::string& path : machineIdFiles())
        if (const std::string id = firstLine(path); !id.empty())
            return deriveUuid(id, "nonces at the gateway above");
    return boost::uuids::to_string(boost::uuids::random_generator{}());
}

bool forwardsPackets() {
    return firstLine("/proc/sys/net/ipv4/ip_forward") != "0";
}

DeviceIdentity identityOfThisMachine(const Configuration& configuration) {
    DeviceIdentity identity = configuration.identityOn(hostName());
    if (identity.uuid.empty())
        identity.uuid =
            deriveUuid(machineId(configuration.internalInterfaces), "InternetGatewayDevice");
    return identity;
}

}  // namespace igd
