// SPDX-License-Identifier: GPL-2.0-or-later
// upnpctl(8) sees the running daemon through this class.
#pragma once

#include "upnpd/admin/client.h"
#include "upnpd/portmap/mapping.h"

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace igd::ctl {

using Json = nlohmann::json;

/// The reason of a failure, and upnpctl's exit status.
struct Failure {
    std::string text;
    int status{};
    Json answer{};  ///< what the daemon said, when it was the daemon
};
template <class T>
using Outcome = tl::expected<T, Failure>;

constexpr int kRefused = 1;
constexpr int kMisused = 2;
constexpr int kNotRunning = 3;
constexpr int kNotPermitted = 4;

struct AllOpenings {
    std::vector<Json> mappings;
    std::vector<Json> pinholes;
    std::vector<Json> flows;
};

class Daemon {
public:
    [[nodiscard]] static Outcome<Daemon> at(const std::string& socket);
    /// Returns the daemon that runs in this network namespace, wherever its socket is; nullopt:
    /// none does.
    [[nodiscard]] static std::optional<Daemon> ofThisNetwork();

    [[nodiscard]] Outcome<Json> status() const { return ask("status"); }
    /// Returns all mappings, as {"protocol": "udp", "external_port": 3074, ...}.
    [[nodiscard]] Outcome<std::vector<Json>> mappings() const { return pages("list", "mappings"); }
    /// Returns all pinholes, as {"protocol": "udp", "internal_address": "2001:db8::5", ...}.
    [[nodiscard]] Outcome<std::vector<Json>> pinholes() const {
        return pages("pinholes", "pinholes");
    }
    /// Returns all flows that PCP's PEER keeps, as {"protocol": "udp", "from": [...], ...}.
    [[nodiscard]] Outcome<std::vector<Json>> flows() const { return pages("flows", "flows"); }
    /// Returns all three.
    [[nodiscard]] Outcome<AllOpenings> openings() const;
    /// Returns the list `name` of the answers to `request` with 0, and with what each says comes
    /// next.
    [[nodiscard]] Outcome<std::vector<Json>> pages(const std::string& request,
                                                   const char* name) const;
    /// Has it read its configuration again, which may take until its front ends have begun anew.
    [[nodiscard]] Outcome<Json> reload() const { return ask("reload", std::chrono::seconds{30}); }
    [[nodiscard]] Outcome<Json> ask(const std::string& request,
                                    std::chrono::seconds patience = std::chrono::seconds{5}) const;

    /// Returns the next event after ask("watch"), as soon as descriptor() can be read; nullopt: the
    /// daemon has ended the connection.
    [[nodiscard]] std::optional<Json> event() const;
    [[nodiscard]] int descriptor() const { return client_.descriptor(); }

private:
    explicit Daemon(ControlClient client) : client_(std::move(client)) {}

    ControlClient client_;
};

}  // namespace igd::ctl
