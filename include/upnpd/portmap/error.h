// SPDX-License-Identifier: GPL-2.0-or-later
// Reasons why a request is refused, and results that carry one.
#pragma once

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace igd {

/// Each protocol turns a reason into its own code, in one switch without default.
enum class MappingError : std::uint8_t {
    NotAuthorized,  ///< the policy forbids it: ports, or a host other than the requester
    Conflict,       ///< another client holds the external port
    PortInUse,      ///< the router or the administrator uses the external port, or it is reserved
    QuotaExceeded,  ///< the host has as many openings as it may have
    TableFull,      ///< there are as many openings as there may be, or no external port is left
    NoExternalAddress,  ///< there is nothing to map at present
    NoInternalAddress,  ///< a mapping is of IPv4, and the client has no address of it that is known
    TooManyFilters,     ///< more remote filters than an opening can tell apart
    NotFound,           ///< no such opening
    IndexOutOfRange,    ///< fewer mappings than that
    Backend,            ///< the firewall refused, or the engine is out of reach
    NotApproved,        ///< the administrator has not said yes yet (approve)
};

template <class T>
using Result = tl::expected<T, MappingError>;

[[nodiscard]] inline auto fail(MappingError error) {
    return tl::unexpected<MappingError>(error);
}

/// Returns one word for log lines and JSON ("conflict").
[[nodiscard]] std::string_view name(MappingError error);

/// A refusal, and the sentence for the log that says which line, quota or rule decided.
struct Refusal {
    MappingError error{};
    std::string reason;
};

}  // namespace igd
