// SPDX-License-Identifier: GPL-2.0-or-later
// The host's rules of nftables and of legacy iptables, read out of the kernel.
#pragma once

#include "reading/legacy_reader.h"
#include "reading/nft_reader.h"

#include "upnpd/inspect/ruleset.h"

#include <tl/expected.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd::firewall {

/// The rules at one time.
struct HostLook {
    inspect::Ruleset rules;
    inspect::NftPlaces places;  ///< chains and sets that were read
    /// The handles of all that our tables are made of, elements left out, by "inet upnpd".
    std::map<std::string, std::vector<std::uint64_t>> ownHandles;
    bool nftables = false;  ///< the kernel has it
    bool whole = true;      ///< false: somebody was changing rules: look again later

    [[nodiscard]] std::vector<std::uint64_t> handlesOf(std::string_view table) const;
};

class HostReader {
public:
    /// Opens what it needs, which works without rights later.
    HostReader() = default;

    /// Reads once, from the beginning. What cannot be read is named in the log, once while it stays
    /// so, and left out.
    [[nodiscard]] HostLook read();

    /// Reads in stretches of about `budget`, so that other work is done between them: returns the
    /// rules when all is read, as read() does; nullopt: call it again.
    [[nodiscard]] std::optional<HostLook> readFor(std::chrono::microseconds budget);

private:
    void begin();
    void end(tl::expected<bool, ReadError> done);
    void complain(const std::string& text);

    LegacyReader legacy_;
    std::unique_ptr<HostLook> look_;  ///< what has been read so far
    std::optional<NftReader> nft_;    ///< reads into `look_`
    std::string complaint_;
};

}  // namespace igd::firewall
