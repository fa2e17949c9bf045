// SPDX-License-Identifier: GPL-2.0-or-later
#include "reloader.h"

#include "upnpd/util/log.h"

#include <utility>

namespace igd {
namespace {

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
    keep("lease_store", &Configuration::leaseStore);
    keep("lease_store_login", &Configuration::leaseStoreLogin);
    keep("role", &Configuration::isOfPair);
    keep("virtual_addresses", &Configuration::virtualAddresses);
    keep("control_socket", &Configuration::controlSocket);
    keep("pid_file", &Configuration::pidFile);
    keep("user", &Configuration::user);
    keep("require_seccomp", &Configuration::requireSeccomp);
    return differed;
}

void Reloader::reload(Done done) {
    waiting_.push_back(std::move(done));
    if (asked_.empty()) begin();
}

void Reloader::begin() {
    asked_ = std::exchange(waiting_, {});
    result_ = {};
    LoadedConfiguration loaded = parts_.reread();
    std::string why;
    result_.notes = notesOf(loaded.diagnostics, why);
    if (!loaded.configuration) {
        log::error("reload refused: the old settings stay in force");
        return refuse(why);
    }
    fresh_ = std::move(*loaded.configuration);
    std::vector<FrontEnds::Objection> objections;
    for (std::string& reason : parts_.judge(*fresh_)) objections.push_back({std::move(reason)});
    if (!objections.empty()) return refuse(objections);
    for (const std::string& key : keepUntilRestart(configuration_, *fresh_)) {
        result_.notes.push_back(key + " counts from the next start of upnpd on");
        log::warning("reload: {}", result_.notes.back());
    }
    parts_.tryOut(*fresh_, [this](const auto& found) { tried(found); });
}

void Reloader::tried(const std::vector<FrontEnds::Objection>& objections) {
    if (!objections.empty()) return refuse(objections);
    before_ = std::exchange(configuration_, std::move(*fresh_));
    if (!parts_.enforce(*before_)) {
        configuration_ = std::move(*before_);
        log::error("reload refused: the old settings stay in force");
        return refuse("the firewall does not take the change (see its log line)");
    }
    parts_.applied(*before_);
    parts_.settle([this](const auto& failures) { settled(failures); });
}

/// A front end may fail in spite of its trial: then the old settings come back. Openings that ended
/// for the new ones do not.
void Reloader::settled(const std::vector<FrontEnds::Objection>& failures) {
    if (failures.empty()) {
        log::change("the configuration was read again");
        return finish();
    }
    const Configuration failed = std::exchange(configuration_, std::move(*before_));
    if (!parts_.enforce(failed)) log::error("reload: the rules are not as before yet");
    parts_.applied(failed);
    refuse(failures);
}

void Reloader::refuse(const std::vector<FrontEnds::Objection>& objections) {
    result_.objections = objections;
    std::string why;
    for (const FrontEnds::Objection& each : objections) {
        log::error("reload refused, the old settings stay in force: {}", each.reason);
        why += (why.empty() ? "" : "\n") + each.reason;
    }
    refuse(why);
}

void Reloader::refuse(const std::string& why) {
    result_.refused = why + "\nthe old settings stay in force";
    finish();
}

void Reloader::finish() {
    fresh_.reset();
    before_.reset();
    last_ = Last{Clock::now(), result_.refused};
    for (const Done& done : std::exchange(asked_, {})) done(result_);
    if (!waiting_.empty() && asked_.empty()) begin();
}

}  // namespace igd
