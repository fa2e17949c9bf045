// SPDX-License-Identifier: GPL-2.0-or-later
#include "change_hook.h"

#include "upnpd/system/child_process.h"
#include "upnpd/system/hook_runner.h"
#include "upnpd/system/own_files.h"
#include "upnpd/util/log.h"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace igd {
namespace {

/// Returns the end of a pipe at which `text` can be read; one event is far smaller than a pipe.
UniqueFd pipeWith(const std::string& text) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        throw std::system_error(errno, std::generic_category(), "pipe");
    UniqueFd reading{ends[0]};
    const UniqueFd writing{ends[1]};
    if (writeAll(writing.get(), text) != 0)
        throw std::system_error(errno, std::generic_category(), "pipe");
    ::fcntl(reading.get(), F_SETFL, 0);  // the program may wait
    return reading;
}

}  // namespace

pid_t ChangeHook::startProcess(const std::filesystem::path& program, UniqueFd input) {
    return startChild(Program{}, std::move(input), {"upnpd", kRunProgramArgument, program});
}

void ChangeHook::set(std::optional<std::filesystem::path> program) {
    if (program == program_) return;
    program_ = std::move(program);
    queue_.clear();
    complained_ = false;
}

void ChangeHook::tell(const nlohmann::json& event) {
    if (!program_) return;
    using Json = nlohmann::json;
    queue_.push_back(event.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    if (queue_.size() > kMostQueued) {
        queue_.pop_front();
        if (dropped_++ == 0)
            log::warning("on_change: {} is too slow: what happened first is dropped",
                         program_->string());
    }
    next();
}

void ChangeHook::next() {
    if (pid_ != 0 || !program_) return;
    if (queue_.empty()) {
        if (dropped_ != 0) log::warning("on_change: {} event(s) were dropped", dropped_);
        dropped_ = 0;
        return;
    }
    const std::string text = std::exchange(queue_.front(), {});
    queue_.pop_front();
    try {
        pid_ = start_(*program_, pipeWith(text));
    } catch (const std::system_error& error) {
        complain(error.what());
    }
}

void ChangeHook::childEnded() {
    if (pid_ <= 0) return;
    const auto end = reapChild(pid_);
    if (!end) return;
    pid_ = 0;
    if (*end == "ended with status 0")
        complained_ = false;
    else
        complain(*end);
    next();
}

/// Once until it works again.
void ChangeHook::complain(const std::string& why) {
    if (program_)
        log::format(complained_ ? log::Level::Debug : log::Level::Warning, "on_change: {}: {}",
                    program_->string(), why);
    complained_ = true;
}

void ChangeHook::stop() {
    program_.reset();
    queue_.clear();
}

}  // namespace igd
