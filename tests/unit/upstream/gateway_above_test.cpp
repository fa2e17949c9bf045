// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/upstream/gateway_above.h"

#include "above_messages.h"
#include "children.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include <sys/socket.h>
#include <sys/wait.h>

namespace igd {
namespace {

using namespace above;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const Ipv4Address kOwn{0xc0a85a02};      // 192.168.90.2
const Ipv4Address kGateway{0xc0a85a01};  // 192.168.90.1
const Ipv4Address kOuter{0x50010203};    // 80.1.2.3
constexpr MappingKey kKey{Protocol::Udp, Port{5000}};

GatewayAbove::Line lineWith(std::optional<Ipv4Address> own, std::optional<Ipv4Address> gateway) {
    return {InterfaceName::parse("wan0").value(),
            own,
            gateway,
            {kOwn},
            {parseIpv4Prefix("192.168.50.1/24").value()}};
}

Opening mappingOf(const MappingKey& key) {
    return {.kind = OpeningKind::Mapping,
            .protocol = key.protocol,
            .externalPort = key.externalPort,
            .internal = {Ipv4Address{0xc0a8320a}, Port{5000}},
            .claims = {Claim{.origin = Origin::Igd, .requester = Ipv4Address{0xc0a8320a}}}};
}

/// The process only waits for its end; the test says what it says.
class GatewayAboveTest : public testing::Test {
protected:
    ~GatewayAboveTest() override { its_.reset(); }

    void say(const ToEngine& message) {
        const auto bytes = encode(message).value();
        ASSERT_GT(::send(its_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), 0);
        poll();
    }
    /// Returns the next message to the process; nullopt: there is none.
    std::optional<ToProcess> heard() {
        poll();
        std::array<std::uint8_t, 4096> buffer{};
        const ssize_t size = ::recv(its_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (size <= 0) return std::nullopt;
        return decodeToProcess(std::span{buffer}.first(static_cast<std::size_t>(size)));
    }
    void poll() {
        loop_.restart();
        loop_.poll();
    }
    void begin() {
        gateway_.look(lineWith(kOwn, kGateway));
        ASSERT_TRUE(heard());
        say(Hop{.found = true, .by = Upstream::Pcp, .external = kOuter});
    }

    boost::asio::io_context loop_{1};
    UniqueFd its_;
    int started_ = 0;
    int changed_ = 0;
    std::vector<Opening> mapped_;
    std::vector<std::string> lost_;
    GatewayAbove gateway_{
        loop_,
        {.by = Upstream::Auto},
        {.nonceSeed = "seed",
         .ownUuid = "uuid",
         .mapped = [this] { return mapped_; },
         .lost = [this](const MappingKey& key,
                        const std::string& why) { lost_.push_back(toString(key) + ": " + why); },
         .changed = [this] { ++changed_; },
         .answered = [] {}},
        [this](UniqueFd channel) {
            its_ = std::move(channel);
            ++started_;
            const pid_t child = ::fork();
            if (child == 0) waitForEver();
            return child;
        }};
};

TEST_F(GatewayAboveTest, TellsTheProcessOfItsLinkAndOfWhatIsMapped) {
    mapped_ = {mappingOf(kKey)};
    gateway_.look(lineWith(kOwn, kGateway));
    EXPECT_EQ(heard(), ToProcess(Begin{"wan0", kOwn, kGateway, Upstream::Auto, "seed", "uuid"}));
    EXPECT_EQ(heard(), ToProcess(Hold{Protocol::Udp, Port{5000}, true}));
    EXPECT_FALSE(heard());
    gateway_.look(lineWith(kOwn, kGateway));
    EXPECT_EQ(started_, 1);
}

TEST_F(GatewayAboveTest, AsksNobodyWithAPublicAddress) {
    gateway_.look(lineWith(kOuter, kGateway));
    EXPECT_EQ(started_, 0);
    EXPECT_FALSE(gateway_.isAsked());
    EXPECT_FALSE(gateway_.view());
}

TEST_F(GatewayAboveTest, TellsTheAddressAbove) {
    begin();
    EXPECT_EQ(gateway_.external(), kOuter);
    EXPECT_EQ(gateway_.name(), "192.168.90.1 by pcp");
    EXPECT_EQ(changed_, 1);
    say(Hop{.found = true, .by = Upstream::Pcp, .external = kOuter});
    EXPECT_EQ(changed_, 1);
    say(Hop{.found = false, .by = Upstream::Pcp, .problem = "gone"});
    EXPECT_FALSE(gateway_.external());
    EXPECT_EQ(changed_, 2);
    EXPECT_THAT(gateway_.refusesAll()->reason, HasSubstr("gone"));
}

TEST_F(GatewayAboveTest, APortIsReadyWhenItIsGiven) {
    begin();
    EXPECT_FALSE(gateway_.prepare({&kKey, 1}));
    EXPECT_EQ(heard(), ToProcess(Hold{Protocol::Udp, Port{5000}}));
    EXPECT_FALSE(gateway_.prepare({&kKey, 1}));
    EXPECT_FALSE(heard()) << "once";
    say(Held{Protocol::Udp, Port{5000}, Port{5000}, Seconds{60}});
    EXPECT_TRUE(gateway_.prepare({&kKey, 1}));
    gateway_.stored(mappingOf(kKey));
    EXPECT_EQ(gateway_.view()->held, 1U);
    gateway_.ended(mappingOf(kKey));
    EXPECT_EQ(heard(), ToProcess(Release{Protocol::Udp, Port{5000}}));
}

TEST_F(GatewayAboveTest, SaysWhichMappingHasLostItsPort) {
    mapped_ = {mappingOf(kKey)};
    begin();
    say(Held{Protocol::Udp, Port{5000}, Port{6000}, Seconds{60}});
    poll();
    EXPECT_THAT(lost_, testing::ElementsAre("udp 5000: it gives port 6000 in its place"));
    EXPECT_THAT(gateway_.view()->missing, SizeIs(1));
}

TEST_F(GatewayAboveTest, NoticesLoops) {
    gateway_.look(lineWith(kOwn, kOwn));
    EXPECT_EQ(started_, 0);
    EXPECT_THAT(gateway_.view()->problem, HasSubstr("this router itself"));
    gateway_.look(lineWith(kOwn, std::nullopt));
    EXPECT_THAT(gateway_.view()->problem, HasSubstr("upstream_gateway"));
    gateway_.look(lineWith(kOwn, kGateway));
    say(Hop{.found = true, .by = Upstream::NatPmp, .external = kOwn});
    EXPECT_THAT(gateway_.view()->problem, HasSubstr("our own"));
    say(Hop{.found = true, .by = Upstream::NatPmp, .external = Ipv4Address{0xc0a83207}});
    EXPECT_THAT(gateway_.view()->problem, HasSubstr("a LAN of ours"));
    EXPECT_FALSE(gateway_.external());
    EXPECT_TRUE(gateway_.refusesAll());
    say(Hop{.found = true, .by = Upstream::NatPmp, .external = kOuter});
    EXPECT_THAT(gateway_.view()->problem, IsEmpty());
}

TEST_F(GatewayAboveTest, AProcessThatMakesNoSenseIsNotBelieved) {
    begin();
    ASSERT_EQ(::send(its_.get(), "x", 1, MSG_NOSIGNAL), 1);
    poll();
    EXPECT_THAT(gateway_.view()->problem, HasSubstr("makes no sense"));
}

TEST_F(GatewayAboveTest, EndsWithTheSetting) {
    begin();
    gateway_.set({});
    EXPECT_FALSE(gateway_.isAsked());
    EXPECT_FALSE(gateway_.external());
    EXPECT_EQ(changed_, 2);
    char octet = 0;
    EXPECT_EQ(::recv(its_.get(), &octet, 1, MSG_DONTWAIT), 0) << "the channel is closed";
}

}  // namespace
}  // namespace igd
