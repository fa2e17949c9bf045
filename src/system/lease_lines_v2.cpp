// SPDX-License-Identifier: GPL-2.0-or-later
// Each line is put into the present words, so that one parser judges both.
#include "lease_lines_v2.h"

#include "lease_lines.h"

#include "upnpd/util/parse.h"

#include <fmt/format.h>

namespace igd::lease {
namespace {

std::string endText(std::string_view seconds) {
    return seconds == "0" ? "never" : fmt::format("{}000", seconds);
}

/// Writes HOLDER as claims that have `rest` in common.
std::string claimsText(std::string_view holder, std::string_view end, std::string_view rest) {
    std::string first = fmt::format(" claim={};end={}", takeUntil(holder, ';'), endText(end));
    std::string second;
    while (!holder.empty()) {
        auto value = takeUntil(holder, ';');
        const auto key = takeUntil(value, '=');
        if (key == "igd")
            second = fmt::format(" claim=igd;end={}{}", endText(value), rest);
        else
            first += fmt::format(";{}={}", key, value);
    }
    return fmt::format("{}{}{}", first, rest, second);
}

std::string nameText(std::string_view protocol, std::string_view port, std::string_view client,
                     std::string_view remote) {
    return fmt::format("pinhole {} [{}]:{} {}", protocol, client, port, remote);
}

std::optional<std::string> ofAdd(std::string_view rest) {
    const auto protocol = takeWord(rest);
    const auto externalPort = takeWord(rest);
    const auto client = takeWord(rest);
    const auto port = takeWord(rest);
    const auto remote = takeWord(rest);
    const auto end = takeWord(rest);
    const auto enabled = takeWord(rest);
    const auto holder = takeWord(rest);
    const auto requester = takeWord(rest);
    if (enabled != "on" && enabled != "off") return std::nullopt;
    std::string common = fmt::format(";by={};text={}", requester, escaped(rest));
    if (enabled == "off") common += ";off";
    if (remote != "any") common += fmt::format(";peers={}", remote);
    return fmt::format("mapping {} {} {}:{}{}", protocol, externalPort, client, port,
                       claimsText(holder, end, common));
}

std::string ofAdd6(std::string_view rest) {
    const auto protocol = takeWord(rest);
    const auto port = takeWord(rest);
    const auto client = takeWord(rest);
    const auto end = takeWord(rest);
    const auto holder = takeWord(rest);
    return nameText(protocol, port, client, "any") +
           claimsText(holder, end, fmt::format(";by={}", rest));
}

std::string remoteText(std::string_view remote, std::string_view port) {
    if (port == "0") return std::string{remote};
    return fmt::format("{}@{}", remote == "any" ? "::/0" : remote, port);
}

std::optional<std::string> ofPinhole(std::string_view rest) {
    const auto id = takeWord(rest);
    const auto protocol = takeWord(rest);
    const auto port = takeWord(rest);
    const auto client = takeWord(rest);
    const auto remote = takeWord(rest);
    const auto remotePort = takeWord(rest);
    const auto end = takeWord(rest);
    const auto requester = takeWord(rest);
    if (requester.empty() || (!rest.empty() && rest != "for-another")) return std::nullopt;
    return fmt::format("{} id={} claim=igd;by={};end={}",
                       nameText(protocol, port, client, remoteText(remote, remotePort)), id,
                       rest.empty() ? client : requester, endText(end));
}

/// Adds the claims to those of the same name: PCP and UPnP had lines of their own.
bool add(const std::optional<std::string>& text, const FileClock& clock, LeaseTable& table) {
    const auto read = text ? parseOpen(*text, clock) : std::nullopt;
    if (!read) return false;
    const Opening* const present = table.find(read->name());
    Opening opening = present == nullptr || read->kind == OpeningKind::Mapping ? *read : *present;
    for (const Claim& claim : read->claims) opening.put(claim);
    if (read->pinholeId) opening.pinholeId = read->pinholeId;
    return table.put(opening);
}

void drop(const Opening* present, Origin origin, LeaseTable& table) {
    if (present == nullptr) return;
    Opening left = *present;
    left.drop(origin);
    if (origin == Origin::Igd) left.pinholeId.reset();
    (void)table.put(left);
}

bool readDelete(std::string_view rest, LeaseTable& table) {
    const auto name = parseClose(fmt::format("mapping {}", rest));
    if (name) table.erase(*name);
    return name.has_value();
}

bool readDelete6(std::string_view rest, LeaseTable& table) {
    const auto protocol = takeWord(rest);
    const auto port = takeWord(rest);
    const auto name = parseClose(nameText(protocol, port, rest, "any"));
    if (name) drop(table.find(*name), Origin::Pcp, table);
    return name.has_value();
}

bool readClose(std::string_view rest, LeaseTable& table) {
    const auto id = parseUnsigned<PinholeId>(rest);
    if (id) drop(table.find(*id), Origin::Igd, table);
    return id.has_value();
}

}  // namespace

bool readVersion2(std::string_view verb, std::string_view rest, const FileClock& clock,
                  LeaseTable& table) {
    if (verb == "add") return add(ofAdd(rest), clock, table);
    if (verb == "add6") return add(ofAdd6(rest), clock, table);
    if (verb == "pinhole") return add(ofPinhole(rest), clock, table);
    if (verb == "del") return readDelete(rest, table);
    if (verb == "del6") return readDelete6(rest, table);
    return verb == "close" && readClose(rest, table);
}

}  // namespace igd::lease
