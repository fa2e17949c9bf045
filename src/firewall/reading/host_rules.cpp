// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/firewall/host_rules.h"

#include "names.h"
#include "reading/legacy_reader.h"
#include "reading/nft_reader.h"
#include "reading/rule_text.h"

#include <fmt/format.h>

#include <cerrno>

namespace igd {
namespace {

using firewall::ReadError;

constexpr int kMostTries = 5;  // somebody may change rules while they are read

/// Reads the rules of nftables, again from the start where somebody was quicker.
std::optional<ReadError> addNft(inspect::Ruleset& rules) {
    auto error = ReadError::Interrupted;
    for (int tries = 0; error == ReadError::Interrupted && tries < kMostTries; ++tries) {
        rules = {};
        const auto read = firewall::readNft(rules, {});
        if (read) return std::nullopt;
        error = read.error();
    }
    return error;
}

}  // namespace

std::string HostRules::textOf(const inspect::Place& place) const {
    if (place.chain >= rules.chains.size()) return {};
    const inspect::Chain& chain = rules.chains[place.chain];
    if (!place.rule || *place.rule >= chain.rules.size()) return {};
    return firewall::ruleText(chain, chain.rules[*place.rule]);
}

std::optional<HostRules> readHostRules() {
    HostRules host;
    if (const auto error = addNft(host.rules)) {
        if (*error == ReadError::NotPermitted) return std::nullopt;
        if (*error == ReadError::Interrupted)
            host.missing.emplace_back("the rules of nftables change all the time");
        if (*error == ReadError::Failed)
            host.missing.emplace_back("the rules of nftables cannot be read");
    }
    if (const auto error = firewall::LegacyReader{}.addTo(host.rules)) {
        if (error.value() == EPERM) return std::nullopt;
        host.missing.push_back(
            fmt::format("the rules of legacy iptables cannot be read: {}", error.message()));
    }
    return host;
}

}  // namespace igd
