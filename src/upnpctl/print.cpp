// SPDX-License-Identifier: GPL-2.0-or-later
#include "print.h"

#include "upnpd/external/external_view.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd::ctl {
namespace {

std::string textOf(const Json& object, const char* key, const std::string& otherwise) {
    return object.contains(key) && object[key].is_string() ? object[key].get<std::string>()
                                                           : otherwise;
}

std::string externalText(const Json& external) {
    return describe({textOf(external, "interface", "?"), external.value("exists", true),
                     external.value("up", false), parseIpv4Address(textOf(external, "address", "")),
                     parseIpv4Address(textOf(external, "told", "")),
                     textOf(external, "told_from", ""), textOf(external, "told_remark", "")});
}

/// All of them, of a daemon that tells them; else the first one.
std::string addressesText(const Json& lan) {
    if (!lan.contains("addresses") || !lan["addresses"].is_array())
        return textOf(lan, "address", "");
    std::string text;
    for (const Json& each : lan["addresses"])
        if (each.is_string()) text += (text.empty() ? "" : ", ") + each.get<std::string>();
    return text;
}

std::string internalText(const Json& lan) {
    const std::string address = addressesText(lan);
    const std::string name = textOf(lan, "interface", "?");
    if (address.empty()) return name + " (waiting for its address)";
    const bool upnp = lan.contains("http_port") && lan["http_port"].is_number_unsigned();
    const std::string port =
        upnp ? fmt::format(", HTTP port {}", lan["http_port"].get<unsigned>()) : ", without UPnP";
    return fmt::format("{} {}{}", name, address,
                       lan.value("answers", false) ? port : " (starting)");
}

std::string problemsText(const Json& lan) {
    std::string text;
    for (const Json& problem : lan.value("problems", Json::array()))
        text += fmt::format("          {}; it is tried again\n", textOf(problem, "reason", "?"));
    return text;
}

using Row = std::vector<std::string>;

/// Returns a table with columns as wide as they need to be; the first row is the heading.
std::string tableText(const std::vector<Row>& rows) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const Row& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    std::string text;
    for (const Row& row : rows) {
        for (std::size_t i = 0; i + 1 < row.size(); ++i)
            text += fmt::format("{:<{}}  ", row[i], widths[i]);
        text += row.back() + "\n";
    }
    return text;
}

std::string fromText(const Json& peers) {
    std::string text;
    for (const Json& peer : peers)
        if (peer.is_string()) text += (text.empty() ? "" : ", ") + peer.get<std::string>();
    return text.empty() ? "any" : text;
}

/// The time that is left, and why it may be less: the host has gone, or was never there.
std::string leftText(const Json& opening) {
    const std::string host = textOf(opening, "host", "present");
    return leaseText(opening.value("lease", std::int64_t{0})) +
           (host == "present" ? "" : fmt::format(" (host {})", host));
}

Row rowOf(const Json& mapping) {
    const std::string description = textOf(mapping, "description", "");
    return {textOf(mapping, "internal_address", "?"),
            std::to_string(mapping.value("internal_port", 0)),
            std::to_string(mapping.value("external_port", 0)),
            textOf(mapping, "protocol", "?"),
            textOf(mapping, "remote_host", "any"),
            leftText(mapping) + (mapping.value("enabled", true) ? "" : ", off"),
            textOf(mapping, "via", "?"),
            description.empty() ? "(none)" : igd::quoted(description, 60)};
}

/// Returns a pinhole's port; there are protocols without ports.
std::string portText(const Json& pinhole) {
    const int port = pinhole.value("internal_port", 0);
    return port == 0 ? "-" : std::to_string(port);
}

}  // namespace

std::string leaseText(std::int64_t seconds) {
    if (seconds == 0) return "for ever";
    const std::int64_t minutes = seconds / 60;
    const std::int64_t hours = minutes / 60;
    if (minutes == 0) return fmt::format("{}s", seconds);
    if (hours == 0) return fmt::format("{}m {:02}s", minutes, seconds % 60);
    if (hours < 24) return fmt::format("{}h {:02}m", hours, minutes % 60);
    return fmt::format("{}d {}h", hours / 24, hours % 24);
}

std::string statusText(const Json& status) {
    std::string text = fmt::format("upnpd {}\nexternal  {}\n", textOf(status, "version", "?"),
                                   externalText(status.value("external", Json::object())));
    for (const Json& lan : status.value("internal", Json::array()))
        text += fmt::format("internal  {}\n{}", internalText(lan), problemsText(lan));
    text += fmt::format("firewall  {}; rules put back {} time(s)\n",
                        textOf(status, "firewall", "?"), status.value("repairs", 0));
    for (const Json& refusal : status.value("refusals", Json::array()))
        text += fmt::format("          {} stays closed: {}\n", textOf(refusal, "chain", "?"),
                            textOf(refusal, "why", "?"));
    return text + fmt::format("mappings  {}\npinholes  {}\nflows     {}\n",
                              status.value("mappings", 0), status.value("pinholes", 0),
                              status.value("flows", 0));
}

std::string listText(const std::vector<Json>& mappings) {
    if (mappings.empty()) return "no port mappings\n";
    std::vector<Row> rows{
        {"CLIENT", "PORT", "EXTERNAL", "PROTO", "FROM", "LEFT", "VIA", "DESCRIPTION"}};
    for (const Json& mapping : mappings) rows.push_back(rowOf(mapping));
    return tableText(rows);
}

std::string pinholesText(const std::vector<Json>& pinholes) {
    if (pinholes.empty()) return "";
    std::vector<Row> rows{{"PINHOLE TO", "PORT", "PROTO", "LEFT", "VIA", "FROM"}};
    for (const Json& pinhole : pinholes)
        rows.push_back({textOf(pinhole, "internal_address", "?"), portText(pinhole),
                        textOf(pinhole, "protocol", "?"), leftText(pinhole),
                        textOf(pinhole, "via", "?"),
                        fromText(pinhole.value("from", Json::array()))});
    return "\n" + tableText(rows);
}

std::string flowsText(const std::vector<Json>& flows) {
    if (flows.empty()) return "";
    std::vector<Row> rows{{"FLOW FROM", "PORT", "EXTERNAL", "PROTO", "LEFT", "VIA", "TO"}};
    for (const Json& flow : flows)
        rows.push_back({textOf(flow, "internal_address", "?"), portText(flow),
                        std::to_string(flow.value("external_port", 0)),
                        textOf(flow, "protocol", "?"), leftText(flow), textOf(flow, "via", "?"),
                        fromText(flow.value("from", Json::array()))});
    return "\n" + tableText(rows);
}

std::string reloadText(const Json& answer) {
    std::string text;
    for (const Json& note : answer.value("notes", Json::array()))
        if (note.is_string()) text += note.get<std::string>() + "\n";
    return text + "the configuration was read again\n";
}

}  // namespace igd::ctl
