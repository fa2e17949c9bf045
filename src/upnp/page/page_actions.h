// SPDX-License-Identifier: GPL-2.0-or-later
// Lets the administrator act on the page: sign in by a password, close an
// opening, say which hosts may open something, sign out. Only a
// form of the page itself is obeyed: its Origin is ours, it brings the cookie of a sign-in and the
// token that belongs to it. A form to sign in has no token yet. Nobody tries passwords faster than
// one a second, and all together five. Loop thread only.
#pragma once

#include "http/http_message.h"
#include "page/sign_ins.h"

#include "upnpd/net/fair_limit.h"
#include "upnpd/portmap/gateway.h"

#include <functional>
#include <string>
#include <string_view>

namespace igd::upnp {

/// The rights of who looks at the page.
struct PageRights {
    bool maySignIn = false;  ///< there is a password
    std::string token{};     ///< of who has signed in, for forms; else empty
    auto operator<=>(const PageRights&) const = default;
};

class PageActions {
public:
    static constexpr std::string_view kSignIn = "/sign-in";
    static constexpr std::string_view kSignOut = "/sign-out";
    static constexpr std::string_view kClose = "/close";
    static constexpr std::string_view kAllow = "/allow";
    static constexpr std::string_view kBlock = "/block";

    /// `hash` is the password's; empty: nobody may act. `changed` is called with the address of who
    /// has changed something. `gateway` must outlive this.
    PageActions(
        Gateway& gateway, std::string hash, std::function<void(const IpAddress&)> changed,
        std::function<TimePoint()> now = [] { return Clock::now(); });

    [[nodiscard]] PageRights rightsOf(const RequestHeader& header, const Peer& peer) const;

    /// Does what a form asks, and leads back to the page; `reply` is called once, at once or later,
    /// unless the process ends before.
    void handle(const Request& request, const Peer& peer, Reply reply);

private:
    void signIn(const Request& request, const Peer& peer, const Reply& reply);
    void act(const GatewayRequest& request, const Peer& peer, Reply reply);

    Gateway& gateway_;
    const std::string hash_;
    const std::function<void(const IpAddress&)> changed_;
    const std::function<TimePoint()> now_;
    FairLimit tries_;
    SignIns signIns_;
};

}  // namespace igd::upnp
