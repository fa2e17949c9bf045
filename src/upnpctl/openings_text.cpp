// SPDX-License-Identifier: GPL-2.0-or-later
#include "openings_text.h"

#include "members.h"
#include "shown_text.h"
#include "table.h"
#include "units.h"

#include "upnpd/net/ip_address.h"

#include <fmt/format.h>

namespace igd::ctl {
namespace {

std::string nameOf(const Json& opening) {
    return textOf(objectOf(opening, "client"), "name");
}

std::string idText(const Json& opening) {
    const auto id = numberOf(opening, "id");
    return id ? std::to_string(*id) : "";
}

std::string bytesOf(const Json& opening) {
    const auto bytes = numberOf(opening, "bytes");
    return bytes ? bytesText(*bytes) : "";
}

std::string fromText(const Json& peers) {
    std::string text;
    for (const Json& peer : peers)
        if (peer.is_string()) text += (text.empty() ? "" : ", ") + peer.get<std::string>();
    return text.empty() ? "any" : text;
}

bool isWaiting(const Json& opening) {
    return textOf(opening, "host", "present") != "present";
}

/// A rule of the host stops packets to it.
bool isStopped(const Json& opening) {
    return !textOf(opening, "stopped_by").empty();
}

/// The time that is left, and why it may be less, or worth nothing: the host has gone, or was never
/// there; packets are stopped.
std::string leftText(const Json& opening) {
    return leaseText(numberOf(opening, "lease").value_or(0)) +
           (isWaiting(opening) ? fmt::format(" (host {})", textOf(opening, "host")) : "") +
           (isStopped(opening) ? ", NOT REACHED" : "");
}

Tone toneOf(const Json& opening) {
    if (isStopped(opening)) return Tone::Refused;
    return isWaiting(opening) ? Tone::Waiting : Tone::Plain;
}

/// "4000", and of a set of ports "4000-4255"; there are protocols without ports.
std::string portsText(const Json& opening, const char* key) {
    const auto first = numberOf(opening, key).value_or(0);
    const auto last = first + numberOf(opening, "ports").value_or(1) - 1;
    if (first == 0) return "-";
    return last > first ? fmt::format("{}-{}", first, last) : std::to_string(first);
}

std::string hostOf(const std::string& address) {
    return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

std::string shownOrNone(const std::string& text, const Screen& screen) {
    return text.empty() ? "(none)" : shown(text, screen.unicode);
}

/// FactList of one opening, a line each.
class FactList {
public:
    void add(const char* name, const std::string& fact) {
        if (!fact.empty()) text_ += fmt::format("{:<12}{}\n", name, fact);
    }
    void addTime(const char* name, const std::optional<std::int64_t>& time) {
        if (time) add(name, dateText(*time));
    }
    [[nodiscard]] std::string text() const { return text_; }

private:
    std::string text_;
};

std::string hostText(const Json& opening) {
    std::string text = textOf(opening, "internal_address", "?");
    const Json client = objectOf(opening, "client");
    for (const char* const key : {"name", "mac"})
        if (const auto word = textOf(client, key); !word.empty()) text += ", " + word;
    return text + ", " + textOf(opening, "host", "present");
}

std::string claimText(const Json& claim, const Screen& screen) {
    std::string text =
        fmt::format("{} by {}, {}", textOf(claim, "via", "?"), textOf(claim, "requester", "?"),
                    leaseText(numberOf(claim, "lease").value_or(0)));
    if (!claim.value("enabled", true)) text += ", off";
    if (const auto agent = textOf(claim, "agent"); !agent.empty())
        text += ", " + shown(agent, screen.unicode);
    const auto description = textOf(claim, "description");
    return description.empty() ? text : text + ", " + shown(description, screen.unicode);
}

std::string trafficText(const Json& opening) {
    const auto bytes = numberOf(opening, "bytes");
    if (!bytes) return "";
    return fmt::format("{} in {} packet(s)", bytesText(*bytes),
                       numberOf(opening, "packets").value_or(0));
}

}  // namespace

std::string descriptionOf(const Json& opening) {
    std::string text = textOf(opening, "description");
    for (const Json& claim : listOf(opening, "claims"))
        if (text.empty()) text = textOf(claim, "description");
    return text;
}

std::string clientText(const Json& opening) {
    const std::string address = textOf(opening, "internal_address", "?");
    const std::string name = nameOf(opening);
    return name.empty() ? address : fmt::format("{} ({})", name, address);
}

std::string shortText(const Json& opening) {
    const std::string name = nameOf(opening);
    const std::string host = name.empty() ? hostOf(textOf(opening, "internal_address", "?")) : name;
    const std::string port = portsText(opening, "internal_port");
    const std::string end = port == "-" ? host : fmt::format("{}:{}", host, port);
    const std::string protocol = textOf(opening, "protocol", "?");
    if (numberOf(opening, "external_port"))
        return fmt::format("{} {} -> {}", protocol, portsText(opening, "external_port"), end);
    return fmt::format("{} {}", protocol, end);
}

std::string endsText(const Json& opening) {
    const std::string protocol = textOf(opening, "protocol", "?");
    const std::string inside = portsText(opening, "internal_port");
    if (!numberOf(opening, "external_port")) return fmt::format("{} {}", protocol, inside);
    return fmt::format("{} {} -> {}", protocol, portsText(opening, "external_port"), inside);
}

std::string listText(const std::vector<Json>& mappings, const Screen& screen) {
    if (mappings.empty()) return "no port mappings\n";
    Table table{{{"ID"},
                 {"CLIENT"},
                 {"NAME", false, true},
                 {"PORT"},
                 {"EXTERNAL"},
                 {"PROTO"},
                 {"FROM"},
                 {"LEFT"},
                 {"VIA"},
                 {"BYTES", true},
                 {"DESCRIPTION", false, true}}};
    for (const Json& mapping : mappings)
        table.add({idText(mapping), textOf(mapping, "internal_address", "?"), nameOf(mapping),
                   portsText(mapping, "internal_port"), portsText(mapping, "external_port"),
                   textOf(mapping, "protocol", "?"), textOf(mapping, "remote_host", "any"),
                   leftText(mapping) + (mapping.value("enabled", true) ? "" : ", off"),
                   textOf(mapping, "via", "?"), bytesOf(mapping),
                   shownOrNone(textOf(mapping, "description"), screen)},
                  toneOf(mapping));
    table.dropEmptyColumns();
    return table.text(screen);
}

std::string pinholesText(const std::vector<Json>& pinholes, const Screen& screen) {
    if (pinholes.empty()) return "";
    Table table{{{"ID"},
                 {"PINHOLE TO"},
                 {"NAME", false, true},
                 {"PORT"},
                 {"PROTO"},
                 {"LEFT"},
                 {"VIA"},
                 {"BYTES", true},
                 {"FROM"},
                 {"DESCRIPTION", false, true}}};
    for (const Json& pinhole : pinholes) {
        const std::string description = descriptionOf(pinhole);
        table.add({idText(pinhole), textOf(pinhole, "internal_address", "?"), nameOf(pinhole),
                   portsText(pinhole, "internal_port"), textOf(pinhole, "protocol", "?"),
                   leftText(pinhole), textOf(pinhole, "via", "?"), bytesOf(pinhole),
                   fromText(listOf(pinhole, "from")),
                   description.empty() ? "" : shown(description, screen.unicode)},
                  toneOf(pinhole));
    }
    table.dropEmptyColumns();
    return "\n" + table.text(screen);
}

std::string flowsText(const std::vector<Json>& flows, const Screen& screen) {
    if (flows.empty()) return "";
    Table table{{{"ID"},
                 {"FLOW FROM"},
                 {"NAME", false, true},
                 {"PORT"},
                 {"EXTERNAL"},
                 {"PROTO"},
                 {"LEFT"},
                 {"VIA"},
                 {"BYTES", true},
                 {"TO"}}};
    for (const Json& flow : flows)
        table.add({idText(flow), textOf(flow, "internal_address", "?"), nameOf(flow),
                   portsText(flow, "internal_port"), portsText(flow, "external_port"),
                   textOf(flow, "protocol", "?"), leftText(flow), textOf(flow, "via", "?"),
                   bytesOf(flow), fromText(listOf(flow, "from"))},
                  toneOf(flow));
    table.dropEmptyColumns();
    return "\n" + table.text(screen);
}

std::string openingText(const Json& opening, const Screen& screen) {
    FactList facts;
    facts.add("id", idText(opening));
    facts.add("opening", fmt::format("{}, {}", textOf(opening, "kind", "?"), shortText(opening)));
    facts.add("host", hostText(opening));
    facts.add("from", fromText(listOf(opening, "from")));
    facts.add("left", leftText(opening));
    if (isStopped(opening)) facts.add("stopped by", textOf(opening, "stopped_by"));
    facts.addTime("ends", numberOf(opening, "expires"));
    facts.addTime("made", numberOf(opening, "made"));
    facts.addTime("renewed", numberOf(opening, "renewed"));
    facts.add("traffic", trafficText(opening));
    if (const auto agent = textOf(opening, "agent"); !agent.empty())
        facts.add("program", shown(agent, screen.unicode));
    for (const Json& claim : listOf(opening, "claims"))
        facts.add("asked", claimText(claim, screen));
    return facts.text();
}

}  // namespace igd::ctl
