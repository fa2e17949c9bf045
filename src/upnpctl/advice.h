// SPDX-License-Identifier: GPL-2.0-or-later
// Lines to type that mend what a judged packet has met, in the words of the firewall whose rule it
// is: ufw, firewalld, iptables of either kind, or nft. Pure. A line lets through no more than the
// packet that it is about needs; it lasts until that firewall is loaded again.
#pragma once

#include "facts.h"

#include <string>

namespace igd::ctl {

class Advice {
public:
    /// `facts` must have rules, and outlive this.
    explicit Advice(const Facts& facts) : facts_(facts) {}

    /// Returns a line that lets packets like the one that was stopped through at that place; empty:
    /// no rule stopped it, or only the program that owns the table can.
    [[nodiscard]] std::string letThrough(const inspect::Finding& finding) const;

    /// Returns a line that lets all new flows between those two interfaces through at that place.
    [[nodiscard]] std::string letOut(const inspect::Finding& finding) const;

    /// Returns a line that keeps the rule which led the packet away from it; empty: only the
    /// program that owns the table can.
    [[nodiscard]] std::string leaveAlone(const inspect::Finding& finding,
                                         const InterfaceName& external, Protocol protocol,
                                         Port port) const;

    /// Returns a line that masquerades what leaves by the external interface.
    [[nodiscard]] std::string masquerade() const;

    /// Returns a line that sets a switch of the kernel, and where it is kept: "sysctl -w NAME=VALUE
    /// # and in /etc/sysctl.d: ...".
    [[nodiscard]] static std::string sysctl(const std::string& name, int value);

private:
    [[nodiscard]] std::string insertBefore(const inspect::Place& place, const std::string& nft,
                                           const std::string& iptables) const;
    [[nodiscard]] bool isOf(const inspect::Place& place, std::string_view program) const;

    const Facts& facts_;
};

}  // namespace igd::ctl
