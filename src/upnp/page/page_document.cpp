// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/page_document.h"

#include "page/page_assets.h"
#include "page/page_tables.h"
#include "page/plain_words.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace igd::upnp {
namespace {

std::string head(const DeviceIdentity& identity) {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
        "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n"
        "<title>{0}: open ports</title>\n<style>{3}</style>\n</head>\n<body>\n"
        "<header>\n<h1><bdi>{0}</bdi></h1>\n<p class=dim>Internet gateway, {1} {2}</p>\n"
        "</header>\n",
        xmlEscaped(identity.friendlyName), xmlEscaped(identity.modelName),
        xmlEscaped(identity.modelNumber), kPageStyle.text);
}

std::string fact(std::string_view term, std::string_view html) {
    return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", term, html);
}

/// Who looks: its name is known where something leads to it.
std::string ownDevice(const PageFacts& facts) {
    const auto own = std::ranges::find_if(
        facts.rows, [](const OpeningRow& row) { return row.isOwn && !row.hostName.empty(); });
    const auto count = std::ranges::count_if(facts.rows, &OpeningRow::isOwn);
    return fmt::format("{} {}<small>open ports: {}</small>",
                       own != facts.rows.end() ? strangersText(own->hostName) : "",
                       toString(facts.requester), count);
}

std::string summary(const PageFacts& facts) {
    return "<dl>\n" + fact("Internet", xmlEscaped(facts.overview.external)) +
           fact("Open ports", fmt::to_string(facts.total)) + fact("Your device", ownDevice(facts)) +
           fact(
               "Firewall",
               fmt::format("{}<small>{}running for {}</small>", xmlEscaped(facts.overview.firewall),
                           facts.overview.health.empty() ? "no faults are known, " : "",
                           briefTime(facts.overview.uptime))) +
           "</dl>\n";
}

std::string health(const std::vector<std::string>& sentences) {
    if (sentences.empty()) return {};
    std::string text = "<ul class=\"note warn\">\n";
    for (const std::string& sentence : sentences)
        text += fmt::format("<li>{}</li>\n", xmlEscaped(sentence));
    return text + "</ul>\n";
}

std::string rest(const PageFacts& facts) {
    if (facts.total <= facts.rows.size()) return {};
    return fmt::format(
        "<p class=note>{} more are not shown here: <code>upnpctl list</code> on the router has "
        "them all.</p>\n",
        facts.total - facts.rows.size());
}

std::string tokenField(const PageRights& rights) {
    return fmt::format("<input type=hidden name=token value=\"{}\">", rights.token);
}

/// The buttons of the tables belong to these.
std::string formsOfRows(const PageRights& rights) {
    if (rights.token.empty()) return {};
    std::string text;
    for (const auto& [id, action] : {std::pair{kClosingForm, PageActions::kClose},
                                     std::pair{kAllowingForm, PageActions::kAllow},
                                     std::pair{kBlockingForm, PageActions::kBlock}})
        text += fmt::format("<form id={} method=post action=\"{}\">{}</form>\n", id, action,
                            tokenField(rights));
    return text;
}

std::string signForm(const PageRights& rights) {
    if (!rights.maySignIn) return {};
    if (!rights.token.empty())
        return fmt::format("<form method=post action=\"{}\">{}<button>Sign out</button></form>\n",
                           PageActions::kSignOut, tokenField(rights));
    return fmt::format(
        "<form method=post action=\"{}\"><input name=user value=administrator "
        "autocomplete=username hidden><label>Password <input type=password name=password "
        "autocomplete=current-password maxlength=511 required></label> "
        "<button>Sign in</button></form>\n",
        PageActions::kSignIn);
}

std::string foot(const PageRights& rights) {
    return fmt::format(
        "<footer>\n{}<p class=dim><span id=state></span> <button id=pause type=button "
        "hidden>Pause</button></p>\n"
        "<noscript><p class=dim>Without scripts this page stays as it is until it is loaded "
        "again.</p></noscript>\n</footer>\n<script>{}</script>\n</body>\n</html>\n",
        signForm(rights), kPageScript.text);
}

}  // namespace

std::string pageDocument(const PageFacts& facts, const DeviceIdentity& identity,
                         const PageRights& rights) {
    const bool mayAct = !rights.token.empty();
    const RowButtons buttons{mayAct, mayAct && facts.overview.asksAdministrator};
    return head(identity) + "<main>\n" + summary(facts) + health(facts.overview.health) +
           formsOfRows(rights) + waitingTable(facts.overview.waiting, mayAct) +
           openingsTable(facts.rows, OpeningKind::Mapping, buttons) +
           openingsTable(facts.rows, OpeningKind::Pinhole, buttons) +
           openingsTable(facts.rows, OpeningKind::Peer, buttons) + rest(facts) +
           refusalsTable(facts.overview.refusals) + "</main>\n" + foot(rights);
}

}  // namespace igd::upnp
