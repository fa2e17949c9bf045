// SPDX-License-Identifier: GPL-2.0-or-later
// The words that could follow on an unfinished command line; shells ask by `upnpctl complete`.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace igd::ctl {

struct Candidate {
    std::string word;
    std::string meaning{};  ///< for shells that show one; one line
    bool operator==(const Candidate&) const = default;
};

/// Values that only the daemon knows.
enum class Live : std::uint8_t { Ids, Keys, Openings, Clients, Waiting };
using LiveValues = std::function<std::vector<Candidate>(Live)>;

/// Returns what could stand in the place of the last of `words`, which are those behind `upnpctl`;
/// the last one may be empty or a beginning. The one candidate ":files" stands for files.
[[nodiscard]] std::vector<Candidate> candidatesFor(std::span<const std::string> words,
                                                   const LiveValues& live);

}  // namespace igd::ctl
