// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps the openings on disk and in a store, so that a restart finds them, and tries again when the
// disk is full.
#pragma once

#include "upnpd/portmap/observer.h"
#include "upnpd/store/lease_store.h"
#include "upnpd/system/lease_file.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

namespace igd {

class LeaseKeeper final : public OpeningObserver {
public:
    /// `changed` is called after each change of the openings, with or without a file. `pause`: from
    /// a failure to the next try.
    LeaseKeeper(boost::asio::io_context& loop, std::function<void()> changed,
                std::chrono::milliseconds pause = Seconds{5});

    /// Reads what an earlier run left in `file`, and keeps what `all` returns there from open() on.
    /// Ends are capped at `longest` from now; `pinholes` as LeaseFile::load() has it. Throws
    /// std::runtime_error when the file is there and cannot be read.
    [[nodiscard]] std::vector<Opening> load(
        const std::filesystem::path& file, std::function<std::vector<Opening>()> all,
        Seconds longest, const std::optional<std::filesystem::path>& pinholes = std::nullopt);
    /// Writes the file whole and appends to it from then on; a full disk is tried again. Throws
    /// std::runtime_error when it cannot be written for another reason.
    void open();
    /// Keeps the openings in `store` as well, from now on.
    void alsoIn(LeaseStore& store) { store_ = &store; }
    /// The wall clock was set.
    void clockWasSet();
    /// Nothing is tried again.
    void stop();

    void openingStored(const Opening& opening) override;
    void openingEnded(const Opening& opening) override;

private:
    void retry();

    std::function<void()> changed_;
    std::chrono::milliseconds pause_;
    std::optional<LeaseFile> file_;  ///< nullopt: nothing is kept on disk
    LeaseStore* store_ = nullptr;    ///< nullptr: there is none
    boost::asio::steady_timer retry_;
    bool stopped_ = false;
};

}  // namespace igd
