// SPDX-License-Identifier: GPL-2.0-or-later
#include "event_text.h"

#include "members.h"
#include "openings_text.h"
#include "shown_text.h"
#include "table.h"
#include "units.h"

#include <fmt/format.h>

namespace igd::ctl {
namespace {

std::string quotedBehind(const std::string& text, const Screen& screen) {
    return text.empty() ? "" : ", " + shown(text, screen.unicode);
}

/// "7 udp 3075 -> nas:3074 (192.168.1.5), upnp, for ever, "Demonware"", and why it has ended.
std::string openingLine(const Json& event, const Screen& screen) {
    const Json opening = objectOf(event, "opening");
    const auto id = numberOf(opening, "id");
    std::string text = id ? std::to_string(*id) + " " : "";
    text += fmt::format("{}, {}", shortText(opening), textOf(opening, "via", "?"));
    if (const auto reason = textOf(event, "reason"); !reason.empty())
        text += ": " + reason;
    else
        text += ", " + leaseText(numberOf(opening, "lease").value_or(0));
    return text + quotedBehind(descriptionOf(opening), screen);
}

std::string refusalLine(const Json& event, const Screen& screen) {
    return fmt::format("{} by {} of {}: {}{}", textOf(event, "what", "?"),
                       textOf(event, "via", "?"), textOf(event, "requester", "?"),
                       textOf(event, "reason", "?"),
                       quotedBehind(textOf(event, "description"), screen));
}

Tone toneOf(const Json& event, const std::string& name) {
    if (name != "refused") return Tone::Plain;
    return textOf(event, "error") == "not-approved" ? Tone::Waiting : Tone::Refused;
}

}  // namespace

std::string eventText(const Json& event, const Screen& screen) {
    const std::string name = textOf(event, "event", "?");
    std::string what = textOf(event, "text");
    if (event.contains("opening")) what = openingLine(event, screen);
    if (name == "refused") what = refusalLine(event, screen);
    const std::string line =
        fmt::format("{} {:<9}  {}", clockText(numberOf(event, "time").value_or(0)), name, what);
    return toned(line, toneOf(event, name), screen) + "\n";
}

}  // namespace igd::ctl
