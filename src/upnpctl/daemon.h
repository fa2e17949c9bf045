// SPDX-License-Identifier: GPL-2.0-or-later
// upnpctl(8) sees the running daemon through this class.
#pragma once

#include "upnpd/admin/client.h"
#include "upnpd/portmap/mapping.h"

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include <string>
#include <vector>

namespace igd::ctl {

using Json = nlohmann::json;

/// The reason of a failure, and upnpctl's exit status.
struct Failure {
    std::string text;
    int status{};
};
template <class T>
using Outcome = tl::expected<T, Failure>;

constexpr int kRefused = 1;
constexpr int kMisused = 2;
constexpr int kNotRunning = 3;
constexpr int kNotPermitted = 4;

class Daemon {
public:
    [[nodiscard]] static Outcome<Daemon> at(const std::string& socket);

    [[nodiscard]] Outcome<Json> status() const { return ask("status"); }
    /// Returns all mappings, as {"protocol": "udp", "external_port": 3074, ...}.
    [[nodiscard]] Outcome<std::vector<Json>> mappings() const { return pages("list", "mappings"); }
    /// Returns all pinholes, as {"protocol": "udp", "internal_address": "2001:db8::5", ...}.
    [[nodiscard]] Outcome<std::vector<Json>> pinholes() const {
        return pages("pinholes", "pinholes");
    }
    /// Returns all flows that PCP's PEER keeps, as {"protocol": "udp", "from": [...], ...}.
    [[nodiscard]] Outcome<std::vector<Json>> flows() const { return pages("flows", "flows"); }
    [[nodiscard]] Outcome<Json> ask(const std::string& request) const;

private:
    explicit Daemon(ControlClient client) : client_(std::move(client)) {}
    [[nodiscard]] Outcome<std::vector<Json>> pages(const std::string& request,
                                                   const char* name) const;

    ControlClient client_;
};

}  // namespace igd::ctl
