// SPDX-License-Identifier: GPL-2.0-or-later
// libnftables: runs a script as one transaction. What the library keeps of the host's ruleset (0.5
// MB for each table) is freed right afterwards.
#pragma once

#include <string>

namespace igd::firewall {

class NftContext {
public:
    /// All of `script` or nothing. False: the kernel is as it was, and error() says why.
    [[nodiscard]] bool run(const std::string& script) { return run(script, false); }

    /// The kernel would accept `script`; nothing is changed. False: error() says why not.
    [[nodiscard]] bool wouldTake(const std::string& script) { return run(script, true); }

    /// Returns the reason of the last failure: one line.
    [[nodiscard]] const std::string& error() const { return error_; }

private:
    [[nodiscard]] bool run(const std::string& script, bool dry);

    std::string error_;
};

}  // namespace igd::firewall
