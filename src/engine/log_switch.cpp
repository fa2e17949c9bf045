// SPDX-License-Identifier: GPL-2.0-or-later
#include "log_switch.h"

#include "upnpd/util/log.h"

#include <utility>

namespace igd {

LogSwitch::LogSwitch(boost::asio::io_context& loop, int configured, std::function<void(int)> tell)
    : tell_(std::move(tell)), end_(loop), configured_(configured), present_(configured) {}

void LogSwitch::configure(int debugMode) {
    if (std::exchange(configured_, debugMode) == debugMode) return;
    end_.cancel();
    change(debugMode);
}

void LogSwitch::set(int debugMode, std::optional<Seconds> duration) {
    end_.cancel();
    change(debugMode);
    if (!duration) return;
    end_.expires_after(*duration);
    end_.async_wait([this](boost::system::error_code error) {
        if (!error) change(configured_);
    });
}

void LogSwitch::change(int debugMode) {
    if (std::exchange(present_, debugMode) == debugMode) return;
    log::setDebugMode(debugMode);
    log::change("the log has debug_mode {} now", debugMode);
    tell_(debugMode);
}

}  // namespace igd
