// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/page_document.h"

#include "sample_rows.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

namespace igd::upnp {
namespace {

using testing::HasSubstr;
using testing::Not;

PageFacts sampleFacts() {
    PageFacts facts{.requester = Ipv4Address{0xc0a83215}};
    facts.overview.external = "ppp0 80.100.100.1 (public)";
    facts.overview.firewall = "nftables";
    facts.overview.uptime = Seconds{3600};
    facts.rows = {sampleRow(1)};
    facts.total = 1;
    return facts;
}

DeviceIdentity sampleIdentity() {
    DeviceIdentity identity;
    identity.friendlyName = "Router <1>";
    identity.modelName = "upnpd";
    identity.modelNumber = "2.0";
    return identity;
}

TEST(PageDocument, SaysWhereTheRouterIsAndHowItIs) {
    PageFacts facts = sampleFacts();
    facts.rows[0].isOwn = true;
    facts.overview.health = {"The chain <forward> stays closed."};
    const auto text = pageDocument(facts, sampleIdentity(), {});
    EXPECT_THAT(text, HasSubstr("<title>Router &lt;1&gt;: open ports</title>"));
    EXPECT_THAT(text, HasSubstr("<dt>Internet</dt><dd>ppp0 80.100.100.1 (public)</dd>"));
    EXPECT_THAT(text, HasSubstr("<dd>nftables<small>running for 1 h</small></dd>"));
    EXPECT_THAT(text, HasSubstr("<dt>Your device</dt><dd><bdi>xbox</bdi> 192.168.50.21<small>open "
                                "ports: 1</small></dd>"));
    EXPECT_THAT(text, HasSubstr("<li>The chain &lt;forward&gt; stays closed.</li>"));
}

TEST(PageDocument, HasNoEmptyParts) {
    PageFacts facts = sampleFacts();
    facts.rows.clear();
    facts.total = 0;
    const auto text = pageDocument(facts, sampleIdentity(), {});
    EXPECT_THAT(text, HasSubstr("There are no open ports."));
    EXPECT_THAT(text, HasSubstr("<small>no faults are known, running for 1 h</small>"));
    for (const auto* part : {"<table", "<ul", "not shown here"})
        EXPECT_THAT(text, Not(HasSubstr(part)));
}

TEST(PageDocument, SaysHowManyAreNotShown) {
    PageFacts facts = sampleFacts();
    facts.total = 1500;
    EXPECT_THAT(pageDocument(facts, sampleIdentity(), {}),
                HasSubstr("1499 more are not shown here"));
}

TEST(PageDocument, HasTheFormsThatWhoLooksMayUse) {
    EXPECT_THAT(pageDocument(sampleFacts(), sampleIdentity(), {}), Not(HasSubstr("<form")));
    const auto stranger = pageDocument(sampleFacts(), sampleIdentity(), {true, ""});
    EXPECT_THAT(stranger, HasSubstr("<form method=post action=\"/sign-in\">"));
    EXPECT_THAT(stranger, Not(HasSubstr("Close")));
    const auto known = pageDocument(sampleFacts(), sampleIdentity(), {true, "t-1"});
    EXPECT_THAT(known, HasSubstr("<form id=close method=post action=\"/close\"><input type=hidden "
                                 "name=token value=\"t-1\"></form>"));
    EXPECT_THAT(known, HasSubstr("action=\"/sign-out\"><input type=hidden name=token"));
    EXPECT_THAT(known, HasSubstr("form=close name=id value=1"));
    EXPECT_THAT(known, Not(HasSubstr("Block"))) << "nobody is asked";
    EXPECT_THAT(known, Not(HasSubstr("/sign-in")));
}

TEST(PageDocument, IsSmallWithAHundredRows) {
    PageFacts facts = sampleFacts();
    facts.rows.assign(100, sampleRow(1));
    for (OpeningRow& row : facts.rows) {
        row.hostName = "living-room-console";
        row.agent = "Linux/5.10 UPnP/1.0 Console/4.2";
        row.description = "Game of the year, 2nd port";
    }
    facts.total = 100;
    EXPECT_LT(pageDocument(facts, sampleIdentity(), {}).size(), 60000U);
}

/// A browser takes the first end of a style or a script that it finds.
TEST(PageDocument, HasOneStyleAndOneScript) {
    PageFacts facts = sampleFacts();
    facts.rows[0].description = kHostileText;
    facts.overview.external = facts.overview.firewall = kHostileText;
    facts.overview.health = {kHostileText};
    const auto text = pageDocument(facts, sampleIdentity(), {});
    for (const std::string_view tag : {"<style>", "</style>", "<script>", "</script>", "<main>"}) {
        const auto first = text.find(tag);
        ASSERT_NE(first, std::string::npos) << tag;
        EXPECT_EQ(text.find(tag, first + 1), std::string::npos) << tag;
    }
    EXPECT_THAT(text, Not(HasSubstr(" style=")));
    EXPECT_THAT(text, Not(HasSubstr("src=")));
}

}  // namespace
}  // namespace igd::upnp
