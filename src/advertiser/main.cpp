// SPDX-License-Identifier: GPL-2.0-or-later
// The advertiser lives for one set of NOTIFYs: libupnp registers the device and announces it, and
// the process ends without ceremony.
#include "device.h"

#include "upnpd/ipc/messages.h"
#include "upnpd/system/child_process.h"
#include "upnpd/system/confinement.h"
#include "upnpd/system/privileges.h"
#include "upnpd/util/log.h"

#include <array>
#include <csignal>
#include <exception>
#include <optional>
#include <stdexcept>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace igd {
namespace {

/// Waits until the engine has sent something, or has closed its end.
void waitForEngine() {
    pollfd engine{kEngineDescriptor, POLLIN, 0};
    while (::poll(&engine, 1, -1) < 0) {
    }
}

AdvertiserSetup receiveSetup() {
    std::array<std::uint8_t, ipc::kMaxMessage> buffer{};
    waitForEngine();
    const ssize_t size = ::recv(kEngineDescriptor, buffer.data(), buffer.size(), 0);
    const auto message =
        ipc::decodeToFrontEnd({buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0});
    const auto* const setup = message ? std::get_if<ipc::Setup>(&*message) : nullptr;
    auto decoded = setup != nullptr ? decodeAdvertiserSetup(setup->settings) : std::nullopt;
    if (!decoded) throw std::runtime_error{"the engine sent what is no setup"};
    return *std::move(decoded);
}

void report(const std::string& error) {
    const auto packet = ipc::encode(ipc::ToEngine{ipc::Started{0, error}});
    if (packet && ::send(kEngineDescriptor, packet->data(), packet->size(), MSG_NOSIGNAL) > 0)
        waitForEngine();  // it closes its end when it has read that
}

std::string advertise() {
    try {
        dropAllRights();
        confineAdvertiser();
        const AdvertiserSetup setup = receiveSetup();
        log::open(setup.logTarget, setup.debugMode);
        advertiseDevice(setup);
        return {};
    } catch (const std::exception& error) {
        return error.what();
    }
}

}  // namespace
}  // namespace igd

int main() {
    igd::takeNameOfDaemon();
    std::signal(SIGPIPE, SIG_IGN);
    const std::string error = igd::advertise();
    igd::report(error);
    ::_exit(error.empty() ? 0 : 1);
}
