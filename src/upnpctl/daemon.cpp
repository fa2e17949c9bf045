// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon.h"

#include "upnpd/system/namespace_lock.h"

#include <fmt/format.h>

#include <utility>

#include <pwd.h>
#include <unistd.h>

namespace igd::ctl {
namespace {

/// Returns whether the daemon may run as that account. Anybody may take an abstract address, and
/// could answer in its stead.
bool isTrusted(uid_t account) {
    const passwd* const ours = ::getpwnam("upnpd");
    return account == 0 || account == ::geteuid() || (ours != nullptr && account == ours->pw_uid);
}

}  // namespace

Outcome<Daemon> Daemon::at(const std::string& socket) {
    auto client = ControlClient::connect(socket);
    if (!client) return tl::unexpected(Failure{client.error(), kNotRunning});
    return Daemon{std::move(*client)};
}

std::optional<Daemon> Daemon::ofThisNetwork() {
    auto client = ControlClient::connectAbstract(kPlaceOfDaemon);
    const auto account = client ? client->account() : std::nullopt;
    if (!account || !isTrusted(*account)) return std::nullopt;
    return Daemon{std::move(*client)};
}

Outcome<Json> Daemon::ask(const std::string& request, std::chrono::seconds patience) const {
    const auto answer = client_.ask(request, patience);
    if (!answer) return tl::unexpected(Failure{answer.error(), kNotRunning});
    Json json = Json::parse(*answer, nullptr, false);
    if (!json.is_object())
        return tl::unexpected(Failure{"upnpd's answer makes no sense", kNotRunning});
    if (json.value("ok", false)) return json;
    const int status = json.value("error", "") == "permission" ? kNotPermitted : kRefused;
    return tl::unexpected(Failure{json.value("text", "refused"), status, json});
}

std::optional<Json> Daemon::event() const {
    const auto text = client_.next();
    return text ? std::optional{Json::parse(*text, nullptr, false)} : std::nullopt;
}

Outcome<AllOpenings> Daemon::openings() const {
    AllOpenings all;
    for (const auto& [kind, list] :
         {std::pair{&all.mappings, mappings()}, std::pair{&all.pinholes, pinholes()},
          std::pair{&all.flows, flows()}}) {
        if (!list) return tl::unexpected(list.error());
        *kind = *list;
    }
    return all;
}

Outcome<std::vector<Json>> Daemon::pages(const std::string& request, const char* name) const {
    std::vector<Json> all;
    for (std::uint64_t from = 0;;) {
        const auto page = ask(fmt::format("{} {}", request, from));
        if (!page) return tl::unexpected(page.error());
        for (const Json& entry : page->value(name, Json::array())) all.push_back(entry);
        if (!page->contains("next") || !(*page)["next"].is_number_unsigned()) return all;
        from = (*page)["next"].get<std::uint64_t>();
    }
}

}  // namespace igd::ctl
