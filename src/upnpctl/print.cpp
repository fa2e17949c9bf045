// SPDX-License-Identifier: GPL-2.0-or-later
#include "print.h"

#include "members.h"
#include "table.h"
#include "units.h"

#include "upnpd/external/external_view.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace igd::ctl {
namespace {

std::string externalText(const Json& external) {
    return describe({textOf(external, "interface", "?"), external.value("exists", true),
                     external.value("up", false), parseIpv4Address(textOf(external, "address", "")),
                     parseIpv4Address(textOf(external, "told", "")),
                     textOf(external, "told_from", ""), textOf(external, "told_remark", "")});
}

/// Says which of a pair this router is; empty: it is alone.
std::string roleText(const std::string& role) {
    if (role == "active") return "role      active: this router of the pair answers\n";
    return role == "standby" ? "role      standby: the other router of the pair answers\n" : "";
}

/// Names the gateway above, and what it leads here.
std::string upstreamText(const Json& upstream) {
    if (!upstream.is_object()) return "";
    const std::string gateway = textOf(upstream, "gateway", "no gateway");
    if (const std::string problem = textOf(upstream, "problem", ""); !problem.empty())
        return fmt::format("upstream  {}: {}\n", gateway, problem);
    std::string text =
        fmt::format("upstream  {} by {}", gateway, textOf(upstream, "asked_by", "?"));
    const auto address = parseIpv4Address(textOf(upstream, "address", ""));
    text += address ? fmt::format(" at {} ({})", toString(*address), rangeName(*address)) : "";
    text += fmt::format(": leads {} port(s) here\n", upstream.value("ports", 0));
    for (const Json& each : upstream.value("missing", Json::array()))
        text += fmt::format("          {} {} is not led here: {}\n", textOf(each, "protocol", "?"),
                            each.value("external_port", 0), textOf(each, "reason", "?"));
    return text;
}

std::string storeText(const Json& store) {
    if (!store.is_object()) return "";
    const std::string place = textOf(store, "place", "?");
    const int waiting = store.value("waiting", 0);
    const std::string waits = waiting == 0 ? "" : fmt::format("; {} change(s) wait", waiting);
    if (const std::string problem = textOf(store, "problem", ""); !problem.empty())
        return fmt::format("store     {}: {}{}\n", place, problem, waits);
    if (!store.value("leads", true))
        return fmt::format("store     {}: {} writes there\n", place,
                           textOf(store, "leader", "another daemon"));
    return fmt::format("store     {}: {} opening(s){}\n", place, store.value("openings", 0), waits);
}

std::string listText(const Json& list, const char* separator) {
    std::string text;
    for (const Json& each : list)
        if (each.is_string()) text += (text.empty() ? "" : separator) + each.get<std::string>();
    return text;
}

std::string addressesText(const Json& lan, const char* key) {
    return listText(lan.value(key, Json::array()), ", ");
}

/// All addresses of IPv4, or those of IPv6 where there are none, of a daemon that tells them; else
/// the first one.
std::string addressesText(const Json& lan) {
    if (!lan.contains("addresses")) return textOf(lan, "address", "");
    const std::string text = addressesText(lan, "addresses");
    return text.empty() ? addressesText(lan, "addresses6") : text;
}

std::string internalText(const Json& lan) {
    const std::string address = addressesText(lan);
    const std::string name = textOf(lan, "interface", "?");
    if (address.empty())
        return fmt::format("{} ({})", name, textOf(lan, "waits", "waiting for its address"));
    const bool upnp = lan.contains("http_port") && lan["http_port"].is_number_unsigned();
    const std::string port =
        upnp ? fmt::format(", HTTP port {}", lan["http_port"].get<unsigned>()) : ", without UPnP";
    const std::string otherwise = fmt::format(" ({})", textOf(lan, "waits", "starting"));
    return fmt::format("{} {}{}", name, address, lan.value("answers", false) ? port : otherwise);
}

constexpr const char* kIndent = "          ";

std::string familiesText(const Json& service) {
    std::string served;
    std::string missing;
    for (const auto& [family, name] : {std::pair{"ipv4", "IPv4"}, std::pair{"ipv6", "IPv6"}}) {
        if (!service.contains(family) || !service[family].is_boolean()) continue;
        std::string& text = service[family].get<bool>() ? served : missing;
        text += (text.empty() ? "" : ", ") + std::string{name};
    }
    if (served.empty()) return "NOT SERVED";
    return missing.empty() ? served : fmt::format("{}, NOT {}", served, missing);
}

/// Returns one line for each protocol: by which families it is served now.
std::string servicesText(const Json& lan) {
    std::string text;
    for (const Json& service : lan.value("services", Json::array()))
        text += fmt::format("{}{:<7}  {}\n", kIndent, textOf(service, "service", "?"),
                            familiesText(service));
    return text;
}

std::string holdersText(const Json& problem) {
    const std::string holders = textOf(problem, "holders", "");
    return holders.empty() ? "" : fmt::format(", which {} has", holders);
}

std::string problemsText(const Json& lan) {
    std::string text;
    for (const Json& problem : lan.value("problems", Json::array()))
        text += fmt::format("{}{}{}; it is tried again\n", kIndent, textOf(problem, "reason", "?"),
                            holdersText(problem));
    return text;
}

/// "5m 02s ago: inet upnpd was removed", and the damage that is there now.
std::string repairsText(const Json& status) {
    std::string text;
    if (const Json last = status.value("last_repair", Json()); last.is_object())
        text += fmt::format(", the last {} ago: {}", timeText(last.value("ago", std::int64_t{0})),
                            textOf(last, "damage", "?"));
    if (const std::string damage = textOf(status, "damage", ""); !damage.empty())
        text += fmt::format("\n{}NOT REPAIRED YET: {}", kIndent, damage);
    return text;
}

/// Says that the file is not what is in force; nothing otherwise.
std::string reloadRefusalText(const Json& status) {
    const Json last = status.value("last_reload", Json());
    if (!last.is_object() || !last["refused"].is_string()) return "";
    std::string text =
        fmt::format("reload    REFUSED {} ago\n", timeText(last.value("ago", std::int64_t{0})));
    std::istringstream why{last["refused"].get<std::string>()};
    for (std::string line; std::getline(why, line);) text += fmt::format("{}{}\n", kIndent, line);
    return text;
}

/// Hosts whose NAT is open, and the ports that they hold just now.
std::string openNatText(const Json& open) {
    if (!open.is_object()) return "";
    std::string text;
    for (const Json& host : open.value("hosts", Json::array()))
        text += fmt::format("open NAT  {}: udp {}\n", textOf(host, "host", "?"),
                            textOf(host, "ports", "?"));
    for (const Json& port : open.value("ports", Json::array()))
        text += fmt::format("          udp {} -> {}:{}\n", port.value("external_port", 0),
                            textOf(port, "internal_address", "?"), port.value("internal_port", 0));
    const std::size_t untold =
        open.value("held", std::size_t{0}) - open.value("ports", Json::array()).size();
    if (untold != 0) text += fmt::format("          and {} more\n", untold);
    return text;
}

/// "metrics   http://127.0.0.1:9912/metrics"; empty: nobody listens for them.
std::string metricsText(const Json& metrics) {
    if (!metrics.is_object()) return "";
    const std::string address = textOf(metrics, "address", "?");
    const bool isSix = address.find(':') != std::string::npos;
    const std::string problem =
        metrics.value("open", false) ? "" : " is not open: " + textOf(metrics, "problem", "?");
    return fmt::format("metrics   http://{}{}{}:{}/metrics{}\n", isSix ? "[" : "", address,
                       isSix ? "]" : "", metrics.value("port", 0), problem);
}

/// "granted, port 3074" or "refused (conflict): held by 192.168.1.10".
std::string outcomeText(const Json& answer) {
    if (answer.value("granted", false))
        return fmt::format("granted, port {}", answer.value("external_port", 0));
    return fmt::format("refused ({}): {}", textOf(answer, "error", "?"),
                       textOf(answer, "reason", "?"));
}

std::string decidingLine(const Json& answer) {
    return textOf(answer, "line", "no line: allow 1024-65535 any 1024-65535 stands behind all");
}

/// Returns how the interfaces were chosen; empty: the configuration names one for both families.
std::string chosenText(const Json& settings) {
    std::string text;
    Json named = Json::array();
    for (const Json& each : settings.value("uplinks", Json::array()))
        named.push_back(textOf(each, "interface", "?"));
    if (named.size() > 1)
        text += (settings.value("uplinks_at_once", false) ? ", all at once: " : ", one of ") +
                listText(named, " ");
    if (settings.value("external_follows_route", false) &&
        !textOf(settings, "external_interface").empty())
        text += ", chosen by the default route";
    const std::string six = textOf(settings, "external_interface6");
    if (six != textOf(settings, "external_interface", six))
        text += fmt::format("; IPv6 by {}", six.empty() ? "no interface yet" : six);
    return text;
}

}  // namespace

std::string statusText(const Json& status) {
    const Json settings = status.value("settings", Json::object());
    std::string text = fmt::format(
        "upnpd {}, pid {}, up {}\nsettings  {}\nexternal  {}{}\n", textOf(status, "version", "?"),
        status.value("pid", 0), timeText(status.value("uptime", std::int64_t{0})),
        textOf(settings, "file", "of no file"),
        externalText(status.value("external", Json::object())), chosenText(settings));
    text += roleText(textOf(status, "role"));
    text += upstreamText(status.value("upstream", Json{}));
    text += storeText(status.value("store", Json{}));
    for (const Json& lan : status.value("internal", Json::array()))
        text += fmt::format("internal  {}\n{}{}", internalText(lan), servicesText(lan),
                            problemsText(lan));
    text +=
        fmt::format("firewall  {}; rules put back {} time(s){}\n", textOf(status, "firewall", "?"),
                    status.value("repairs", 0), repairsText(status));
    for (const Json& refusal : status.value("refusals", Json::array()))
        text += fmt::format("          {} stays closed: {}\n", textOf(refusal, "chain", "?"),
                            textOf(refusal, "why", "?"));
    text += openNatText(status.value("open_nat", Json{}));
    text += metricsText(status.value("metrics", Json{}));
    text += reloadRefusalText(status);
    return text + fmt::format("mappings  {}\npinholes  {}\nflows     {}\n",
                              status.value("mappings", 0), status.value("pinholes", 0),
                              status.value("flows", 0));
}

std::string explanationText(const Json& answer, const Screen& screen) {
    std::string text =
        fmt::format("{} on {} asks for {} {}, to its port {}\n", textOf(answer, "client", "?"),
                    textOf(answer, "interface", "?"), textOf(answer, "protocol", "?"),
                    answer.value("external_port", 0), answer.value("internal_port", 0));
    Table table{{{"BY"}, {"REQUEST"}, {"ANSWER"}}};
    const Json answers = listOf(answer, "answers");
    for (const Json& each : answers)
        table.add({textOf(each, "via", "?"), textOf(each, "action", "?"), outcomeText(each)},
                  each.value("granted", false) ? Tone::Plain : Tone::Refused);
    text += answers.empty() ? "no protocol is served\n" : table.text(screen);
    return text + fmt::format("decided by {}\n", decidingLine(answer));
}

std::string aclText(const Json& answer) {
    const std::string what =
        fmt::format("{} {} {}", textOf(answer, "client", "?"), textOf(answer, "protocol", "?"),
                    numberOf(answer, "external_port").value_or(0));
    if (isPermitted(answer)) return fmt::format("allowed: {}, by {}\n", what, decidingLine(answer));
    return fmt::format("refused: {}, by {}: {}\n", what, decidingLine(answer),
                       textOf(answer, "refusal", "?"));
}

bool isPermitted(const Json& answer) {
    return answer.value("permitted", false);
}

bool isGrantedByAll(const Json& answer) {
    return std::ranges::all_of(answer.value("answers", Json::array()),
                               [](const Json& each) { return each.value("granted", false); });
}

std::string reloadText(const Json& answer) {
    std::string text;
    for (const Json& note : answer.value("notes", Json::array()))
        if (note.is_string()) text += note.get<std::string>() + "\n";
    return text + "the configuration was read again\n";
}

}  // namespace igd::ctl
