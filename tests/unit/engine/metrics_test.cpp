// SPDX-License-Identifier: GPL-2.0-or-later
#include "metrics.h"

#include "status_fixture.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace igd {
namespace {

using testing::HasSubstr;
using testing::Not;

class MetricsTest : public StatusTest {
protected:
    /// Ports 1 to `last` are mapped.
    void hasMany(std::uint16_t last) {
        std::vector<Opening> openings;
        for (std::uint16_t port = 1; port <= last; ++port)
            openings.push_back(mappingOf(kConsole, port));
        has(openings);
    }
    Metrics metrics() {
        return Metrics{{.status = status(),
                        .events = events_,
                        .times = times_,
                        .counted = [this] { return counted_; },
                        .traffic = [this](const Opening& opening) -> std::optional<Traffic> {
                            if (bytesPerPort_ == 0) return std::nullopt;
                            const std::uint64_t port = opening.externalPort.value;
                            return Traffic{port, port * bytesPerPort_};
                        }}};
    }
    std::string text(MetricsForm form = MetricsForm::Prometheus) {
        return metrics().text(form, Clock::now());
    }
    /// Returns the value of a sample, as it stands in the text; "none" when there is none.
    std::string valueOf(const std::string& sample) {
        std::istringstream lines{text()};
        for (std::string line; std::getline(lines, line);)
            if (line.starts_with(sample + " ")) return line.substr(sample.size() + 1);
        return "none";
    }

    RequestTimes times_;
    GatewayStatus counted_;
    std::uint64_t bytesPerPort_ = 0;  ///< 0: nothing is counted
};

TEST_F(MetricsTest, OpeningsAreCountedByKindProtocolAndFamily) {
    Opening set = mappingOf(kPhone, 4000, std::nullopt, Origin::Pcp);
    set.portCount = 16;
    has({mappingOf(kConsole, 3074), set, openingOf(OpeningKind::Pinhole, {kConsole6, Port{5000}}),
         flowOf(kConsole, 6000, Clock::now() + 1h)});
    const auto openings = [this](const char* kind, const char* protocol, const char* family) {
        return valueOf(fmt::format(R"(upnpd_openings{{kind="{}",protocol="{}",family="{}"}})", kind,
                                   protocol, family));
    };
    EXPECT_EQ(openings("mapping", "udp", "ipv4"), "2");
    EXPECT_EQ(openings("mapping", "tcp", "ipv4"), "0");
    EXPECT_EQ(openings("pinhole", "udp", "ipv6"), "1");
    EXPECT_EQ(openings("flow", "udp", "ipv4"), "1");
    EXPECT_EQ(valueOf(R"(upnpd_claims{via="pcp"})"), "2");
    EXPECT_EQ(valueOf(R"(upnpd_claims{via="igd"})"), "2");
    EXPECT_EQ(valueOf("upnpd_quota_used"), "19") << "a set counts as its ports";
    EXPECT_EQ(valueOf("upnpd_quota_limit"), "1024");
}

TEST_F(MetricsTest, HostsAtTheirLimitAreCountedButNotThoseOfTheAdministrator) {
    std::vector<Opening> openings;
    for (std::uint16_t port = 1; port <= 64; ++port) {
        openings.push_back(mappingOf(kConsole, 3000 + port));
        openings.push_back(mappingOf(kPhone, 4000 + port, std::nullopt, Origin::Static));
    }
    has(openings);
    EXPECT_EQ(valueOf("upnpd_hosts"), "1");
    EXPECT_EQ(valueOf("upnpd_hosts_at_limit"), "1");
    EXPECT_EQ(valueOf("upnpd_quota_host_limit"), "64");
    EXPECT_EQ(valueOf("upnpd_quota_used"), "128");
}

TEST_F(MetricsTest, WhatHappensIsCounted) {
    const Opening mapping = mappingOf(kConsole, 3074, std::nullopt, Origin::NatPmp);
    const End end{EndCause::Expired, "its lease ran out"};
    events_.happened({.after = &mapping});
    events_.happened({.before = &mapping, .after = &mapping, .renewed = true});
    events_.happened({.before = &mapping, .end = &end});
    events_.refused({.via = Origin::Pcp,
                     .requester = Host{kPhone},
                     .client = Host{kPhone},
                     .error = MappingError::Conflict});
    events_.addressChanged("ppp0 80.1.2.3");
    events_.frontEndRestarted("it ended");
    times_.took(Origin::Pcp, 2ms);
    EXPECT_EQ(valueOf(R"(upnpd_granted_total{via="nat-pmp"})"), "1");
    EXPECT_EQ(valueOf(R"(upnpd_renewed_total{via="nat-pmp"})"), "1");
    EXPECT_EQ(valueOf(R"(upnpd_ended_total{cause="expired"})"), "1");
    EXPECT_EQ(valueOf(R"(upnpd_refused_total{reason="conflict"})"), "1");
    EXPECT_EQ(valueOf("upnpd_external_address_changes_total"), "1");
    EXPECT_EQ(valueOf("upnpd_front_end_restarts_total"), "1");
    served_.resize(2, {.interface = kWan, .addresses = {}});
    served_[0].answers = true;
    served_[0].subscribers = 3;
    served_[1].subscribers = 4;
    EXPECT_EQ(valueOf("upnpd_subscribers"), "7");
    EXPECT_EQ(valueOf("upnpd_lans"), "2");
    EXPECT_EQ(valueOf("upnpd_lans_served"), "1");
    EXPECT_EQ(valueOf(R"(upnpd_request_duration_seconds_bucket{via="pcp",le="0.0025"})"), "1");
}

TEST_F(MetricsTest, RepairsAndDamageAreTold) {
    EXPECT_EQ(valueOf("upnpd_firewall_in_order"), "1");
    repairs_.damaged("somebody flushed it");
    EXPECT_EQ(valueOf("upnpd_repairs_total"), "1");
    EXPECT_EQ(valueOf("upnpd_firewall_in_order"), "1") << "it was repaired at once";
    Repairs fails{
        loop_,
        {[](TimePoint) -> Result<void> { return fail(MappingError::Backend); }, [] { return ""; }}};
    fails.damaged("somebody flushed it");
    auto parts = Metrics::Parts{.status = {.openings = openings_,
                                           .configuration = configuration_,
                                           .repairs = fails,
                                           .reloader = reloader_,
                                           .firewall = firewall_,
                                           .external = external_,
                                           .served = [this] { return served_; },
                                           .since = Clock::now()},
                                .events = events_,
                                .times = times_,
                                .counted = [this] { return counted_; }};
    EXPECT_THAT(Metrics{parts}.text(MetricsForm::Prometheus, Clock::now()),
                HasSubstr("\nupnpd_firewall_in_order 0\n"));
    fails.stop();
}

TEST_F(MetricsTest, TheExternalSideIsTold) {
    EXPECT_EQ(valueOf("upnpd_external_up"), "0");
    EXPECT_EQ(valueOf("upnpd_external_public"), "0");
    interfaces_.set(kWan, kExternal);
    external_.begin(Clock::now());
    counted_ = external_.wan().status();
    counted_.bytesReceived = 12'345'678'901;
    EXPECT_EQ(valueOf("upnpd_external_up"), "1");
    EXPECT_EQ(valueOf("upnpd_external_public"), "1");
    EXPECT_EQ(valueOf("upnpd_external_receive_bytes_total"), "12345678901");
}

TEST_F(MetricsTest, TrafficIsToldOfTheHundredMappingsWithMost) {
    hasMany(300);
    EXPECT_THAT(text(), Not(HasSubstr("upnpd_mapping_bytes_total")));
    bytesPerPort_ = 1000;
    EXPECT_EQ(valueOf(R"(upnpd_mapping_bytes_total{protocol="udp",external_port="300"})"),
              "300000");
    EXPECT_EQ(valueOf(R"(upnpd_mapping_packets_total{protocol="udp",external_port="201"})"), "201");
    EXPECT_EQ(valueOf(R"(upnpd_mapping_bytes_total{protocol="udp",external_port="200"})"), "none");
}

TEST_F(MetricsTest, NothingOfAClientIsInALabel) {
    Opening mapping = mappingOf(kConsole, 3074);
    mapping.claims.front().description = "Evil} 1\n";
    mapping.claims.front().history.agent = "Evil/1.0";
    has({mapping});
    EXPECT_THAT(text(), Not(HasSubstr("Evil")));
    EXPECT_THAT(text(), Not(HasSubstr("192.168.1.10")));
}

TEST_F(MetricsTest, NoSampleIsThereTwice) {
    has({mappingOf(kConsole, 3074)});
    std::set<std::string> samples;
    std::istringstream lines{text()};
    for (std::string line; std::getline(lines, line);) {
        const std::string sample = line.substr(0, line.rfind(' '));
        EXPECT_TRUE(line.starts_with("#") || samples.insert(sample).second) << line;
    }
    EXPECT_GT(samples.size(), 90U);
}

TEST_F(MetricsTest, PiecesAreOfOneText) {
    hasMany(300);
    bytesPerPort_ = 1'234'567'890'123;
    Metrics metrics = this->metrics();
    std::string whole;
    std::uint32_t from = 0;
    do {
        const MetricsText piece = metrics.piece({.from = from, .openMetrics = true}, Clock::now());
        EXPECT_LE(piece.text.size(), kMaxMetricsText);
        whole += piece.text;
        from = piece.next;
        events_.addressChanged("another value meanwhile");
    } while (from != 0);
    EXPECT_THAT(whole, HasSubstr("\nupnpd_external_address_changes_total 0\n"));
    EXPECT_TRUE(whole.ends_with("# EOF\n"));
    EXPECT_TRUE(metrics.piece({.from = 1'000'000}, Clock::now()).text.empty());
    EXPECT_THAT(metrics.piece({.from = 0}, Clock::now()).text, Not(HasSubstr("# EOF")));
}

}  // namespace
}  // namespace igd
