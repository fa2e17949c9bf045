// SPDX-License-Identifier: GPL-2.0-or-later
// Whether the store answers, for the log: one line when it is away, and one when it is back,
// whatever goes wrong in between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace igd::store {

class StoreHealth {
public:
    /// `isSilent`: nothing is in the log but for debugging.
    StoreHealth(std::string url, bool isSilent) : url_(std::move(url)), isSilent_(isSilent) {}

    [[nodiscard]] const std::string& url() const { return url_; }
    /// Returns the sentence that says why it is away; empty: it answers.
    [[nodiscard]] const std::string& problem() const { return problem_; }
    [[nodiscard]] bool isAway() const { return !problem_.empty(); }

    void away(const std::string& problem);
    /// So many changes are in it since then.
    void wrote(std::size_t changes) { written_ += changes; }
    void back();
    /// So many of its rows are none of ours.
    void bad(std::uint32_t rows);
    /// Nothing is said any more.
    void fallSilent() { isSilent_ = true; }

private:
    std::string url_;
    std::string problem_;
    std::size_t written_ = 0;
    bool isSilent_;
    bool saidBad_ = false;
};

}  // namespace igd::store
