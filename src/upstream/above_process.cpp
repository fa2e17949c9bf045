// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/upstream/above_process.h"

#include "above_client.h"

#include "upnpd/ipc/channel.h"
#include "upnpd/system/child_process.h"
#include "upnpd/system/confinement.h"
#include "upnpd/system/privileges.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <csignal>
#include <optional>

namespace igd {
namespace {

using namespace above;

/// A port that is not given back by then is forgotten by the gateway when its lease ends.
constexpr std::chrono::milliseconds kTimeToEnd{1500};

class Process {
public:
    Process()
        : channel_(loop_, UniqueFd{kEngineDescriptor}), rest_(loop_), signals_(loop_, SIGTERM) {
        channel_.receive([this](ipc::Channel::Packet packet) { take(packet); }, [this] { end(); });
        signals_.async_wait([this](boost::system::error_code error, int) {
            if (!error) end();
        });
    }

    int run() {
        loop_.run();
        return status_;
    }

private:
    void take(ipc::Channel::Packet packet) {
        const auto message = decodeToProcess(packet);
        const auto* const setup = message ? std::get_if<Begin>(&*message) : nullptr;
        if (!message || (setup != nullptr) == client_.has_value()) return fail();
        if (setup != nullptr) {
            client_.emplace(loop_, *setup, [this](const ToEngine& told) { tell(told); });
        } else if (const auto* const hold = std::get_if<Hold>(&*message)) {
            client_->hold({hold->protocol, hold->port}, hold->exactly);
        } else {
            const auto& release = std::get<Release>(*message);
            client_->release({release.protocol, release.port});
        }
    }

    void tell(const ToEngine& message) {
        const auto packet = encode(message);
        if (!packet || channel_.send(*packet) == ipc::Sent::Full) fail();
    }

    void end() {
        if (!client_) return loop_.stop();
        rest_.expires_after(kTimeToEnd);
        rest_.async_wait([this](boost::system::error_code) { loop_.stop(); });
        client_->end([this] { loop_.stop(); });
    }

    void fail() {
        status_ = 1;
        end();
    }

    boost::asio::io_context loop_{1};
    ipc::Channel channel_;
    boost::asio::steady_timer rest_;
    boost::asio::signal_set signals_;
    std::optional<AboveClient> client_;
    int status_ = 0;
};

}  // namespace

int runAboveProcess() {
    takeNameOfDaemon();
    dropAllRights();
    confineFrontEnd();
    Process process;
    return process.run();
}

}  // namespace igd
