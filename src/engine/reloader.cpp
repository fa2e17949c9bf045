// SPDX-License-Identifier: GPL-2.0-or-later
#include "reloader.h"

#include "upnpd/util/log.h"

#include <utility>

namespace igd {
namespace {

Reloaded refusal(std::vector<std::string> notes, const std::string& why) {
    log::error("reload refused: the old settings stay in force");
    return {why + "\nthe old settings stay in force", std::move(notes)};
}

/// Writes what there is to say of the file; the errors are `why`.
std::vector<std::string> notesOf(const std::vector<Diagnostic>& diagnostics, std::string& why) {
    std::vector<std::string> notes;
    for (const Diagnostic& diagnostic : diagnostics) {
        notes.push_back(toString(diagnostic));
        log::format(levelOf(diagnostic.severity), "{}", notes.back());
        if (diagnostic.severity == Severity::Error) why += (why.empty() ? "" : "\n") + notes.back();
    }
    return notes;
}

}  // namespace

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
    keep("mark_bits", &Configuration::markBits);
    keep("ipv6_pinholes", &Configuration::pinholes);
    keep("lease_file", &Configuration::leaseFile);
    keep("control_socket", &Configuration::controlSocket);
    keep("pid_file", &Configuration::pidFile);
    keep("user", &Configuration::user);
    keep("require_seccomp", &Configuration::requireSeccomp);
    return differed;
}

Reloaded Reloader::reload() {
    LoadedConfiguration loaded = parts_.reread();
    std::string why;
    std::vector<std::string> notes = notesOf(loaded.diagnostics, why);
    if (!loaded.configuration) return refusal(std::move(notes), why);
    for (const std::string& key : keepUntilRestart(configuration_, *loaded.configuration)) {
        notes.push_back(key + " counts from the next start of upnpd on");
        log::warning("reload: {}", notes.back());
    }
    Configuration before = std::exchange(configuration_, std::move(*loaded.configuration));
    if (!parts_.enforce()) {
        configuration_ = std::move(before);
        return refusal(std::move(notes),
                       "the firewall does not take the change (see its log line)");
    }
    parts_.applied(before);
    log::notice("the configuration was read again");
    return {std::nullopt, std::move(notes)};
}

}  // namespace igd
