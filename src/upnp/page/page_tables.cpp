// SPDX-License-Identifier: GPL-2.0-or-later
// Roles are spelt out because browsers forget that a table is one when a narrow window shows its
// rows as cards (CSS display).
#include "page/page_tables.h"

#include "page/plain_words.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

namespace igd::upnp {
namespace {

struct Form {
    OpeningKind kind;
    std::string_view caption;
    std::string_view style;  ///< a class of page.css
    std::string_view third;  ///< the heading of the third column
};
constexpr std::array kForms{
    Form{OpeningKind::Mapping, "Port mappings", "out", "Outside port"},
    Form{OpeningKind::Pinhole, "Pinholes (IPv6)", "in", "Reached from"},
    Form{OpeningKind::Peer, "Flows kept open", "out", "Outside port"},
};

std::string cell(std::string_view html) {
    return fmt::format("<td role=cell>{}</td>", html);
}

std::string small(std::string_view html) {
    return html.empty() ? std::string{} : fmt::format("<small>{}</small>", html);
}

std::string tableHead(std::string_view style, std::string_view caption, std::size_t count,
                      std::span<const std::string_view> columns) {
    std::string text = fmt::format(
        "<table role=table class={}>\n<caption>{}: {}</caption>\n<thead "
        "role=rowgroup><tr role=row>",
        style, caption, count);
    for (const auto column : columns)
        text += fmt::format("<th role=columnheader scope=col>{}</th>", column);
    return text + "</tr></thead>\n<tbody role=rowgroup>\n";
}

constexpr std::string_view kTableEnd = "</tbody></table>\n";

/// The name of a host, below it its address; without a name the address and the hardware address.
std::string device(std::string_view hostName, const IpAddress& address, std::string_view beside) {
    if (hostName.empty()) return toString(address) + small(beside);
    return strangersText(hostName) + small(toString(address));
}

std::string ports(Port first, std::uint16_t count) {
    if (first == Port{0}) return "all";
    if (count <= 1) return fmt::to_string(first.value);
    return fmt::format("{}&ndash;{}", first.value, first.value + count - 1);
}

/// upperName() is for protocols of UPnP alone.
std::string protocolName(Protocol protocol) {
    std::string text{lowerName(protocol)};
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

std::string outside(const OpeningRow& row) {
    const auto from = strangersText(row.from);
    if (row.kind == OpeningKind::Pinhole) return from.empty() ? "anywhere" : from;
    auto shown = ports(row.externalPort, row.portCount);
    return from.empty() ? shown : fmt::format("{}<small>for {} alone</small>", shown, from);
}

std::string since(const OpeningRow& row) {
    constexpr Seconds kWorthSaying{60};
    auto made = briefTime(row.age);
    if (row.age - row.renewed < kWorthSaying) return made;
    return made + small("renewed " + briefTime(row.renewed) + " ago");
}

std::string ends(const OpeningRow& row) {
    auto when = row.left ? "in " + briefTime(*row.left) : "never";
    return row.enabled ? when : "switched off" + small("ends " + when);
}

std::string closeButton(const OpeningRow& row) {
    if (row.kind == OpeningKind::Peer || row.via == Origin::Static) return {};
    const Port port = row.kind == OpeningKind::Mapping ? row.externalPort : row.internalPort;
    return fmt::format(
        " <button id=o{0} form={1} name=id value={0} aria-label=\"Close {2} {3}\">Close</button>",
        row.id, kClosingForm, protocolName(row.protocol), ports(port, row.portCount));
}

std::string hostButton(std::string_view form, std::string_view verb, const IpAddress& host) {
    return fmt::format(
        " <button form={0} name=host value=\"{2}\" aria-label=\"{1} {2}\">{1}</button>", form, verb,
        toString(host));
}

std::string rowOf(const OpeningRow& row, RowButtons buttons) {
    auto who = device(row.hostName, row.client, row.mac ? toString(*row.mac) : "");
    if (row.isOwn) who += "<b>this device</b>";
    const auto by = fmt::format("{} {}{}", plainName(row.via), strangersText(row.description),
                                small(strangersText(row.agent)));
    return fmt::format("<tr role=row{}>", row.isOwn ? " class=own" : "") + cell(who) +
           cell(ports(row.internalPort, row.portCount)) + cell(outside(row)) +
           cell(protocolName(row.protocol)) + cell(by) + cell(since(row)) +
           cell(ends(row) + (buttons.close ? closeButton(row) : "") +
                (buttons.block ? hostButton(kBlockingForm, "Block", row.client) : "")) +
           cell(row.traffic ? briefSize(row.traffic->bytes) : "&ndash;") + "</tr>\n";
}

/// `third` is HTML.
std::string rowOf(const RefusalRow& row, std::string_view third) {
    const auto times = row.count > 1 ? small(fmt::format("{} times", row.count)) : "";
    return "<tr role=row>" + cell(device(row.hostName, row.requester, "")) +
           cell(strangersText(row.what) + times) + cell(third) + cell(plainName(row.via)) +
           cell(briefTime(row.ago) + " ago") + "</tr>\n";
}

}  // namespace

std::string strangersText(std::string_view text) {
    if (text.empty()) return {};
    return fmt::format("<bdi>{}</bdi>", xmlEscaped(cleanUtf8(text, text.size())));
}

std::string openingsTable(const std::vector<OpeningRow>& rows, OpeningKind kind,
                          RowButtons buttons) {
    const Form& form = *std::ranges::find(kForms, kind, &Form::kind);
    const auto count = std::ranges::count(rows, kind, &OpeningRow::kind);
    if (count == 0)
        return kind == OpeningKind::Mapping ? "<p class=note>There are no open ports.</p>\n" : "";
    const std::array<std::string_view, 8> columns{"Device",   "Port",  form.third, "Protocol",
                                                  "Added by", "Since", "Ends",     "Traffic"};
    std::string text =
        tableHead(form.style, form.caption, static_cast<std::size_t>(count), columns);
    for (const OpeningRow& row : rows)
        if (row.kind == kind) text += rowOf(row, buttons);
    text += kTableEnd;
    return text;
}

std::string waitingTable(const std::vector<RefusalRow>& rows, bool mayAllow) {
    if (rows.empty()) return {};
    constexpr std::array<std::string_view, 5> kColumns{"Device", "Asked for", "Answer", "Asked by",
                                                       "When"};
    std::string text = tableHead("ask", "Waiting for a yes", rows.size(), kColumns);
    for (const RefusalRow& row : rows)
        text += rowOf(row, mayAllow ? hostButton(kAllowingForm, "Allow", row.requester)
                                    : "the administrator has not said yes");
    text += kTableEnd;
    return text;
}

std::string refusalsTable(const std::vector<RefusalRow>& rows) {
    if (rows.empty()) return {};
    constexpr std::array<std::string_view, 5> kColumns{"Device", "Asked for", "Refused because",
                                                       "Asked by", "When"};
    std::string text = tableHead("no", "Refused in the last hour", rows.size(), kColumns);
    for (const RefusalRow& row : rows) text += rowOf(row, strangersText(row.reason));
    text += kTableEnd;
    return text;
}

}  // namespace igd::upnp
