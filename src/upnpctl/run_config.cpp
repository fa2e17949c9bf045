// SPDX-License-Identifier: GPL-2.0-or-later
// `config` and `page-password`: the settings, and what stands beside them.
#include "config_text.h"
#include "hidden_input.h"
#include "members.h"
#include "password_file.h"
#include "password_hash.h"
#include "run.h"
#include "settings_in_force.h"

#include "upnpd/system/installation.h"

#include <fmt/format.h>

#include <unistd.h>

namespace igd::ctl {
namespace {

constexpr std::size_t kShortest = 8;

/// Returns the file that `page_password` names; empty: none.
std::string passwordPlace(const std::vector<Json>& settings) {
    for (const Json& each : settings)
        if (textOf(each, "key") == "page_password" && textOf(each, "value") != "none")
            return textOf(each, "value");
    return "";
}

Outcome<std::string> typedTwice() {
    const auto password = hiddenLine("new password of the router's page: ");
    if (!password)
        return tl::unexpected(
            Failure{"there is no terminal to ask for the password: use --stdin", kMisused});
    if (hiddenLine("the password again: ") != password)
        return tl::unexpected(Failure{"the two are not the same; nothing was changed", kRefused});
    return *password;
}

Outcome<std::string> hashOfNew(bool fromInput) {
    auto typed = fromInput ? Outcome<std::string>{inputLine().value_or("")} : typedTwice();
    if (!typed) return typed;
    if (typed->size() < kShortest || typed->size() > kLongestPassword)
        return tl::unexpected(Failure{
            fmt::format("a password has {} to {} octets", kShortest, kLongestPassword), kRefused});
    const auto hash = hashOf(*typed);
    if (!hash) return tl::unexpected(Failure{"crypt(3) knows no method", kRefused});
    return *hash;
}

}  // namespace

int run(const Session& session, const ShowConfig& config) {
    auto known = settingsInForce(session);
    if (!known) return session.failed(known.error());
    auto& [running, settings] = *known;
    if (config.changed) std::erase_if(settings, isUnchanged);
    say(session.json()
            ? lineOf({{"ok", true}, {"schema", 1}, {"running", running}, {"settings", settings}})
            : configText(settings));
    return 0;
}

int run(const Session& session, const PagePassword& password) {
    if (::geteuid() != 0)
        return session.failed({"only root may set the password of the page", kNotPermitted});
    const auto known = settingsInForce(session);
    if (!known) return session.failed(known.error());
    const std::string named = passwordPlace(known->settings);
    const std::string place =
        named.empty() ? (ownInstallation().settings / "linuxigd/page-password").string() : named;
    const auto hash = hashOfNew(password.fromInput);
    if (!hash) return session.failed(hash.error());
    if (const auto written = writePasswordFile(place, *hash); !written)
        return session.failed(written.error());
    const std::string advice =
        named.empty() ? fmt::format("; it counts with page_password = {}", place) : "";
    say(session.json() ? lineOf({{"ok", true}, {"schema", 1}, {"file", place}})
                       : fmt::format("the password is in {}{}\n", place, advice));
    return 0;
}

}  // namespace igd::ctl
