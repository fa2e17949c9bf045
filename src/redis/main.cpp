// SPDX-License-Identifier: GPL-2.0-or-later
// upnpd-lease-store speaks with the store of leases as long as the engine lives. It reads a
// stranger's bytes, so it has no rights.
#include "store_client.h"

#include "upnpd/ipc/channel.h"
#include "upnpd/store/store_messages.h"
#include "upnpd/system/child_process.h"
#include "upnpd/system/confinement.h"
#include "upnpd/system/privileges.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <exception>
#include <optional>

#include <unistd.h>

namespace igd::redis {
namespace {

/// So much waits for an engine that is busy: the rows of one look.
constexpr ipc::QueueBounds kBounds{.messages = 8192, .octets = 32 << 20};

class Process {
public:
    Process()
        : channel_(loop_, UniqueFd{kEngineDescriptor}, ipc::Reading::Always, kBounds),
          signals_(loop_, SIGTERM) {
        channel_.receive([this](ipc::Channel::Packet packet) { take(packet); },
                         [this] { loop_.stop(); });
        signals_.async_wait([this](boost::system::error_code error, int) {
            if (!error) loop_.stop();
        });
    }

    int run() {
        loop_.run();
        return status_;
    }

private:
    void take(ipc::Channel::Packet packet) {
        const auto message = store::decodeToProcess(packet);
        const auto* const setup = message ? std::get_if<store::Begin>(&*message) : nullptr;
        if (!message || (setup != nullptr) == client_.has_value()) return fail();
        if (setup == nullptr) return client_->take(*message);
        client_.emplace(loop_, *setup, [this](const store::ToEngine& told) { tell(told); });
    }

    void tell(const store::ToEngine& message) {
        const auto packet = encode(message);
        if (!packet || channel_.send(*packet) == ipc::Sent::Full) fail();
    }

    void fail() {
        status_ = 1;
        loop_.stop();
    }

    boost::asio::io_context loop_{1};
    ipc::Channel channel_;
    boost::asio::signal_set signals_;
    std::optional<StoreClient> client_;
    int status_ = 0;
};

}  // namespace
}  // namespace igd::redis

int main() {
    igd::takeNameOfDaemon();
    std::signal(SIGPIPE, SIG_IGN);
    try {
        igd::dropAllRights();
        igd::confineFrontEnd();
        igd::redis::Process process;
        return process.run();
    } catch (const std::exception&) {
        return 1;  // the engine says that it has ended
    }
}
