// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon.h"

#include <fmt/format.h>

namespace igd::ctl {

Outcome<Daemon> Daemon::at(const std::string& socket) {
    auto client = ControlClient::connect(socket);
    if (!client) return tl::unexpected(Failure{client.error(), kNotRunning});
    return Daemon{std::move(*client)};
}

Outcome<Json> Daemon::ask(const std::string& request) const {
    const auto answer = client_.ask(request);
    if (!answer) return tl::unexpected(Failure{answer.error(), kNotRunning});
    Json json = Json::parse(*answer, nullptr, false);
    if (!json.is_object())
        return tl::unexpected(Failure{"upnpd's answer makes no sense", kNotRunning});
    if (json.value("ok", false)) return json;
    const int status = json.value("error", "") == "permission" ? kNotPermitted : kRefused;
    return tl::unexpected(Failure{json.value("text", "refused"), status});
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
