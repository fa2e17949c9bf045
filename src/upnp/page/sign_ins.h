// SPDX-License-Identifier: GPL-2.0-or-later
// Who has signed in on the page. A sign-in is bound to the address it came from, ends when nothing
// was done by it for 15 minutes (a page that refreshes itself does nothing), and there are eight at
// most. Pure but for its random numbers; time is an argument.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/util/time.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd::upnp {

class SignIns {
public:
    static constexpr std::size_t kMost = 8;
    static constexpr Seconds kIdle{15 * 60};

    /// Returns the secret of a new one, for the browser's cookie. When there are too many the one
    /// that was used longest ago ends.
    [[nodiscard]] std::string add(const IpAddress& from, TimePoint now);

    /// Returns the token that each form of that page has to bring along; nullopt: there is no such
    /// sign-in from that address, or it has ended.
    [[nodiscard]] std::optional<std::string> tokenOf(std::string_view secret, const IpAddress& from,
                                                     TimePoint now) const;

    /// Takes note of its use.
    void use(std::string_view secret, TimePoint now);
    void end(std::string_view secret);

private:
    struct SignIn {
        std::string secret;
        std::string token;
        IpAddress from;
        TimePoint usedAt;
    };
    std::vector<SignIn> all_;
};

/// Returns whether both are equal, in a time that does not depend on where they differ.
[[nodiscard]] bool isSameSecret(std::string_view one, std::string_view other);

}  // namespace igd::upnp
