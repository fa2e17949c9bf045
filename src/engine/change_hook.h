// SPDX-License-Identifier: GPL-2.0-or-later
// Tells the program of `on_change` what happens: it is run once for each event, with one object of
// JSON on its standard input. Never more than one runs, and nothing waits for it: events queue, and
// the oldest are dropped when there are too many.
#pragma once

#include "upnpd/util/unique_fd.h"

#include <nlohmann/json.hpp>

#include <deque>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include <sys/types.h>

namespace igd {

class ChangeHook {
public:
    /// Starts a process that runs `program` with `input` as its standard input. Returns its id.
    /// Throws std::system_error.
    using Start = std::function<pid_t(const std::filesystem::path& program, UniqueFd input)>;

    static constexpr std::size_t kMostQueued = 256;

    explicit ChangeHook(Start start = startProcess) : start_(std::move(start)) {}

    /// From now on that program is told; nullopt: none is. What has queued is dropped then.
    void set(std::optional<std::filesystem::path> program);
    /// Something has happened.
    void tell(const nlohmann::json& event);
    /// A child of the engine has ended.
    void childEnded();
    /// Runs nothing any more.
    void stop();

    [[nodiscard]] bool isIdle() const { return pid_ == 0 && queue_.empty(); }

private:
    static pid_t startProcess(const std::filesystem::path& program, UniqueFd input);
    void next();
    void complain(const std::string& why);

    Start start_;
    std::optional<std::filesystem::path> program_;
    std::deque<std::string> queue_;
    std::size_t dropped_ = 0;
    pid_t pid_ = 0;
    bool complained_ = false;
};

}  // namespace igd
