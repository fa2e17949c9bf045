// SPDX-License-Identifier: GPL-2.0-or-later
// The choice among several external interfaces that are named: one is in use at a time. It can be
// one that is up and has carrier and an address of the family. While default routes of the main
// table leave by such interfaces, only these count: the lowest metric first, for the administrator,
// or his program, says by it where packets leave. Otherwise, and among equal metrics, the order of
// the names decides. Pure: it is told what the host has, and the time.
//
// wan0 and wan1, both with a default route:
//
//     wan0 loses its carrier         wan1 is in use at once
//     wan0 has it again              wan1 stays in use for kUplinkHold
//     wan0 loses it before that      wan1 stays in use
#pragma once

#include "upnpd/config/interface_pattern.h"
#include "upnpd/system/host_facts.h"
#include "upnpd/util/time.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace igd {

/// An interface that has come back, or has got a default route, is taken after that, unless the one
/// in use has gone.
constexpr Seconds kUplinkHold{5};

class UplinkChooser {
public:
    explicit UplinkChooser(bool ipv6) : ipv6_(ipv6) {}

    /// Returns which of `names`, none of them twice and not empty, is to be in use now; `before` is
    /// the one that was, and stays while there is no better one. A name that was not there at the
    /// call before has always been as it is.
    [[nodiscard]] InterfaceName choose(const std::vector<InterfaceName>& names,
                                       const InterfaceName& before, const HostFacts& host,
                                       TimePoint now);
    /// Returns why the last call chose another than before, for people.
    [[nodiscard]] const std::string& why() const { return why_; }
    /// Returns when choose() may answer otherwise though the host is the same; nullopt: never.
    [[nodiscard]] std::optional<TimePoint> lookAgainAt() const { return lookAgainAt_; }

private:
    struct Candidate {
        InterfaceName name;
        bool routed = false;
        std::uint32_t metric = 0;
    };
    [[nodiscard]] std::vector<Candidate> candidatesOf(const std::vector<InterfaceName>& names,
                                                      const HostFacts& host) const;
    void note(const std::vector<InterfaceName>& names, const std::vector<Candidate>& candidates,
              TimePoint now);
    [[nodiscard]] bool hasSettled(const InterfaceName& name, TimePoint now) const;
    [[nodiscard]] std::string whyNot(const InterfaceName& before, const HostFacts& host) const;

    bool ipv6_;
    /// Since when each name is a candidate; nullopt: it is none.
    std::map<InterfaceName, std::optional<TimePoint>> since_;
    std::string why_;
    std::optional<TimePoint> lookAgainAt_;
};

}  // namespace igd
