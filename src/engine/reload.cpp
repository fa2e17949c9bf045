// SPDX-License-Identifier: GPL-2.0-or-later
#include "reload.h"

#include <utility>

namespace igd {

std::vector<std::string> keepUntilRestart(const Configuration& running, Configuration& fresh) {
    std::vector<std::string> differed;
    const auto keep = [&](const char* key, auto member) {
        if (running.*member == fresh.*member) return;
        fresh.*member = running.*member;
        differed.emplace_back(key);
    };
    keep("external_interface", &Configuration::externalInterface);
    keep("firewall_backend", &Configuration::firewallBackend);
    keep("insert_forward_rules", &Configuration::insertForwardRules);
    keep("hairpin", &Configuration::hairpin);
    keep("forward_rules_append", &Configuration::forwardRulesAppend);
    keep("forward_chain_name", &Configuration::forwardChain);
    keep("prerouting_chain_name", &Configuration::preroutingChain);
    keep("ipv6forward_chain_name", &Configuration::forwardChain6);
    keep("ipv6_pinholes", &Configuration::pinholes);
    keep("lease_file", &Configuration::leaseFile);
    keep("control_socket", &Configuration::controlSocket);
    keep("pid_file", &Configuration::pidFile);
    keep("user", &Configuration::user);
    return differed;
}

}  // namespace igd
