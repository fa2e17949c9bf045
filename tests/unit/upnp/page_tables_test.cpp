// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/page_tables.h"

#include "sample_rows.h"

#include <gmock/gmock.h>

namespace igd::upnp {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(PageTables, ShowsAMappingInARow) {
    const auto text = openingsTable({sampleRow(1)}, OpeningKind::Mapping, {});
    EXPECT_THAT(text, HasSubstr("<caption>Port mappings: 1</caption>"));
    EXPECT_THAT(text, HasSubstr("<th role=columnheader scope=col>Outside port</th>"));
    EXPECT_THAT(text,
                HasSubstr("<tr role=row><td role=cell><bdi>xbox</bdi><small>192.168.50.21</small>"
                          "</td><td role=cell>3074</td><td role=cell>3075</td><td role=cell>UDP"
                          "</td><td role=cell>UPnP <bdi>Game</bdi><small><bdi>Console/1</bdi>"
                          "</small></td><td role=cell>2 h</td><td role=cell>in 42 min</td>"
                          "<td role=cell>2.0 KiB</td></tr>"));
}

TEST(PageTables, ShowsWhatIsNotKnownAsThat) {
    OpeningRow row = sampleRow(1);
    row.hostName = row.agent = row.description = "";
    row.mac = parseMacAddress("00:11:32:aa:bb:cc");
    row.traffic.reset();
    row.left.reset();
    const auto text = openingsTable({row}, OpeningKind::Mapping, {});
    EXPECT_THAT(text,
                HasSubstr("<td role=cell>192.168.50.21<small>00:11:32:aa:bb:cc</small></td>"));
    EXPECT_THAT(text, HasSubstr("<td role=cell>UPnP </td>"));
    EXPECT_THAT(text, HasSubstr("<td role=cell>never</td><td role=cell>&ndash;</td>"));
}

TEST(PageTables, ShowsPortSetsRemotesAndRenewals) {
    OpeningRow row = sampleRow(1);
    row.portCount = 4;
    row.from = "203.0.113.7";
    row.renewed = Seconds{300};
    row.enabled = false;
    row.isOwn = true;
    const auto text = openingsTable({row}, OpeningKind::Mapping, {});
    EXPECT_THAT(text, HasSubstr("<tr role=row class=own>"));
    EXPECT_THAT(text, HasSubstr("<b>this device</b>"));
    EXPECT_THAT(text, HasSubstr(">3074&ndash;3077<"));
    EXPECT_THAT(text, HasSubstr(">3075&ndash;3078<small>for <bdi>203.0.113.7</bdi> alone<"));
    EXPECT_THAT(text, HasSubstr(">2 h<small>renewed 5 min ago</small><"));
    EXPECT_THAT(text, HasSubstr(">switched off<small>ends in 42 min</small><"));
}

TEST(PageTables, ShowsEachKindInItsTable) {
    OpeningRow pinhole = sampleRow(2);
    pinhole.kind = OpeningKind::Pinhole;
    pinhole.protocol = Protocol::Esp;
    pinhole.internalPort = pinhole.externalPort = Port{0};
    const std::vector<OpeningRow> rows{sampleRow(1), pinhole};
    EXPECT_THAT(openingsTable(rows, OpeningKind::Mapping, {}), HasSubstr("Port mappings: 1"));
    const auto text = openingsTable(rows, OpeningKind::Pinhole, {});
    EXPECT_THAT(text, HasSubstr("Pinholes (IPv6): 1"));
    EXPECT_THAT(text, HasSubstr("<td role=cell>all</td><td role=cell>anywhere</td>"));
    EXPECT_THAT(text, Not(HasSubstr("UDP")));
    EXPECT_THAT(openingsTable(rows, OpeningKind::Peer, {}), IsEmpty());
    EXPECT_EQ(openingsTable({pinhole}, OpeningKind::Mapping, {}),
              "<p class=note>There are no open ports.</p>\n");
}

TEST(PageTables, HasButtonsForWhoMayClose) {
    OpeningRow configured = sampleRow(2);
    configured.via = Origin::Static;
    OpeningRow flow = sampleRow(3);
    flow.kind = OpeningKind::Peer;
    const std::vector<OpeningRow> rows{sampleRow(1), configured, flow};
    const auto text = openingsTable(rows, OpeningKind::Mapping, {true, false});
    EXPECT_THAT(text, HasSubstr("in 42 min <button id=o1 form=close name=id value=1 "
                                "aria-label=\"Close UDP 3075\">Close</button></td>"));
    EXPECT_THAT(text, Not(HasSubstr("value=2")));
    EXPECT_THAT(openingsTable(rows, OpeningKind::Peer, {true, false}), Not(HasSubstr("<button")));
    EXPECT_THAT(openingsTable(rows, OpeningKind::Mapping, {}), Not(HasSubstr("<button")));
}

TEST(PageTables, HasButtonsForWhoMaySayYesAndNo) {
    EXPECT_THAT(openingsTable({sampleRow(1)}, OpeningKind::Mapping, {true, true}),
                HasSubstr(" <button form=block name=host value=\"192.168.50.21\" "
                          "aria-label=\"Block 192.168.50.21\">Block</button></td>"));
    EXPECT_THAT(waitingTable({}, true), IsEmpty());
    const RefusalRow row{.requester = Ipv4Address{0xc0a8321e}, .what = "udp 3074"};
    EXPECT_THAT(waitingTable({row}, true),
                HasSubstr("<button form=allow name=host value=\"192.168.50.30\" "
                          "aria-label=\"Allow 192.168.50.30\">Allow</button>"));
    EXPECT_THAT(waitingTable({row}, false), Not(HasSubstr("<button")));
    EXPECT_THAT(waitingTable({row}, false), HasSubstr("has not said yes"));
}

TEST(PageTables, LetsNoStrangerWriteMarkup) {
    OpeningRow row = sampleRow(1);
    row.hostName = row.agent = row.description = row.from = kHostileText;
    const RefusalRow refusal{.requester = Ipv4Address{0xc0a83215},
                             .hostName = kHostileText,
                             .what = kHostileText,
                             .reason = kHostileText};
    const std::string harmless =
        "<bdi>&lt;/bdi&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot; onmouseover=&quot;x "
        "\u202Egnp &apos;&amp;#60;</bdi>";
    EXPECT_EQ(strangersText(kHostileText), harmless);
    for (const auto& text :
         {openingsTable({row}, OpeningKind::Mapping, {}), refusalsTable({refusal})}) {
        EXPECT_THAT(text, HasSubstr(harmless));
        EXPECT_THAT(text, Not(HasSubstr("<script")));
        EXPECT_THAT(text, Not(HasSubstr("\" onmouseover")));
    }
}

TEST(PageTables, SaysWhyWhatWasRefused) {
    EXPECT_THAT(refusalsTable({}), IsEmpty());
    RefusalRow row{.ago = Seconds{61},
                   .via = Origin::Pcp,
                   .requester = Ipv4Address{0xc0a8321e},
                   .what = "tcp 22",
                   .reason = "ports below 1024 are not allowed",
                   .count = 3};
    EXPECT_THAT(refusalsTable({row}),
                HasSubstr("<td role=cell>192.168.50.30</td><td role=cell><bdi>tcp 22</bdi>"
                          "<small>3 times</small></td><td role=cell><bdi>ports below 1024 are not "
                          "allowed</bdi></td><td role=cell>PCP</td><td role=cell>1 min ago</td>"));
}

}  // namespace
}  // namespace igd::upnp
