// SPDX-License-Identifier: GPL-2.0-or-later
// Each check of admit() binds every way in: new openings, renewals, what is restored, what stands
// when the configuration is read again or a host is found.
#include "admission.h"

#include "admission_ways.h"
#include "openings_fixture.h"

#include <array>

namespace igd {
namespace {

constexpr std::array kPoints{Point::Anew,     Point::Again,    Point::Updated,
                             Point::Restored, Point::Reloaded, Point::HostIsFound};

/// One reason to refuse, and whom it concerns.
struct Check {
    std::string name;
    std::optional<MappingError> error;   ///< nullopt: there is none
    std::function<void(World&)> forbid;  ///< makes the world so that it refuses
    std::function<bool(const Way&, Point)> concerns = [](const Way&, Point) { return true; };
    bool isAboutPort = false;  ///< another external port will do
    bool isForNewOnes = false;
};

bool isOverIpv6(const Way& way, Point) {
    return way.isIpv6;
}
bool hasExternalPort(const Way& way, Point) {
    return !way.isIpv6;
}
bool isPinhole(const Way& way, Point) {
    return way.kind == OpeningKind::Pinhole;
}
bool isNoFlow(const Way& way, Point) {
    return way.kind != OpeningKind::Peer;
}
bool concernsAll(const Way&, Point) {
    return true;
}
/// An IPv6 prefix may come later, and who is on no network is not found there.
bool knowsItsNetwork(const Way& way, Point point) {
    return !(way.isIpv6 && isStanding(point)) && point != Point::HostIsFound;
}

void becomeRouter(World& world) {
    if (const auto* const ipv4 = std::get_if<Ipv4Address>(&world.client.address))
        world.lan.addresses.push_back({*ipv4, 24});
    else
        world.lan.addresses6.push_back({std::get<Ipv6Address>(world.client.address), 64});
}
void leaveTheLan(World& world) {
    world.config.thirdParties = {kEverybody};
    world.client.address = world.client.address.index() == 0 ? IpAddress{ipv4("192.168.7.7")}
                                                             : IpAddress{ipv6("2001:db8:7::7")};
}
void askForTheBroadcastAddress(World& world) {
    world.config.thirdParties = {kEverybody};
    world.client = {.address = ipv4("192.168.1.255"), .mac = mac(7)};
}
void askFromOutside(World& world) {
    world.config.thirdParties = {kEverybody};
    world.requester.address = world.client.address.index() == 0 ? IpAddress{ipv4("80.1.2.3")}
                                                                : IpAddress{ipv6("2001:db8:7::7")};
}
void moveTo(World& world, const char* address) {
    world.client.address = world.requester.address = ipv6(address);
    world.lan.addresses6.push_back(filter("fd00::1/64").remote);
}
void askForAnother(World& world) {
    world.requester = world.client.address.index() == 0 ? kBob : kBob6;
}
void deny(World& world, const ClientPattern& client) {
    world.config.permissions = {igd::deny("0-65535", client)};
}
Opening of(const Host& host, std::uint16_t port) {
    return mappingOf(host, tcp(port), t0 + 3600s);
}

std::vector<Check> checksOfTheClient() {
    constexpr auto kNo = MappingError::NotAuthorized;
    return {
        {"TheRouterItself", kNo, becomeRouter},
        {"NoHostOfTheLan", kNo, leaveTheLan, knowsItsNetwork},
        {"TheBroadcastAddress", kNo, askForTheBroadcastAddress, hasExternalPort},
        {"ARequestFromOutside", kNo, askFromOutside},
        {"AnotherHost", kNo, askForAnother},
        {"NoPinholes", kNo, [](World& world) { world.config.pinholesAllowed = false; }, isPinhole},
        {"ALinkLocalAddress", kNo, [](World& world) { moveTo(world, "fe80::7"); }, isOverIpv6},
        {"AUniqueLocalAddress", MappingError::NoExternalAddress,
         [](World& world) { moveTo(world, "fd00::7"); }, isOverIpv6},
    };
}
std::vector<Check> checksOfTheLines() {
    constexpr auto kNo = MappingError::NotAuthorized;
    return {
        {"ALineForAll", kNo, [](World& world) { deny(world, AnyClient{}); }},
        {"ALineForAHardwareAddress", kNo, [](World& world) { deny(world, *kAlice.mac); }},
        {"ALineForAnIpv4Address", kNo,
         [](World& world) { deny(world, *parseIpv4Prefix("192.168.1.10/32")); }},
        {"ALineForAnIpv6Prefix", kNo,
         [](World& world) { deny(world, filter("2001:db8::/64").remote); }, isOverIpv6},
        {"ALineForItsExternalPort", kNo,
         [](World& world) {
             world.external = Port{40001};
             world.config.permissions = {igd::deny("40001")};
         },
         hasExternalPort, true},
        {"ALineForItsInternalPort", kNo,
         [](World& world) {
             world.config.permissions = {igd::deny("0-65535", AnyClient{}, "40000")};
         }},
        {"AnExternalPortBelow1024", kNo, [](World& world) { world.external = Port{1023}; },
         hasExternalPort, true},
        {"AnInternalPortBelow1024", kNo, [](World& world) { world.internal = Port{1023}; }},
        {"ALineForAProtocolWithoutPorts", kNo,
         [](World& world) {
             world.protocol = Protocol::Esp;
             world.internal = world.external = Port{0};
             deny(world, AnyClient{});
         },
         isPinhole},
    };
}
std::vector<Check> checksOfThePort() {
    constexpr auto kInUse = MappingError::PortInUse;
    constexpr auto kConflict = MappingError::Conflict;
    return {
        {"AReservedPort", kInUse,
         [](World& world) { world.config.reservedPorts = {world.external}; }, hasExternalPort,
         true},
        {"AServiceOfTheRouter", kInUse,
         [](World& world) {
             world.routersOwn = {world.protocol, world.external};
         },
         hasExternalPort, true},
        {"AForwardOfTheAdministrators", kInUse,
         [](World& world) {
             world.forwarded = {world.protocol, world.external};
         },
         hasExternalPort, true},
        {"ARuleOfTheFirewallThatStopsIt", MappingError::NotAuthorized,
         [](World& world) {
             world.stopped = {world.client.address, world.internal};
         },
         isNoFlow},
        {"TheAdministratorsMapping", kConflict,
         [](World& world) {
             world.others = {mappingOf(kAlice, udp(40000), std::nullopt, Origin::Static)};
             world.internal = Port{40001};
         },
         hasExternalPort, true, true},
        {"AnotherHoldsIt", kConflict,
         [](World& world) { world.others = {mappingOf(kBob, udp(40000), t0 + 3600s)}; },
         hasExternalPort, true, true},
        {"AnotherHoldsTheOtherProtocols", kConflict,
         [](World& world) {
             world.others = {mappingOf(kBob, tcp(40000), t0 + 3600s, Origin::NatPmp)};
         },
         hasExternalPort, true, true},
    };
}
std::vector<Check> checksOfTheAccount() {
    return {
        {"TheQuotaOfTheHost", MappingError::QuotaExceeded,
         [](World& world) {
             world.config.mappingsPerClient = 2;
             world.others = {of(kAlice, 1), pinholeAt(kAlice6, 1, 9)};
         },
         concernsAll, false, true},
        {"TheTotal", MappingError::TableFull,
         [](World& world) {
             world.config.mappingsTotal = 2;
             world.others = {of(kBob, 1), of(kBob, 2)};
         },
         concernsAll, false, true},
        {"TheReserveForHostsWithoutAny", MappingError::TableFull,
         [](World& world) {
             world.config.mappingsTotal = 4;
             world.others = {of(kAlice, 1), of(kBob, 2), of(kBob, 3)};
         },
         concernsAll, false, true},
        {"NothingAtAll", std::nullopt, [](World&) {}},
        {"NothingForAHostWithoutAny", std::nullopt,
         [](World& world) {
             world.config.mappingsTotal = 4;
             world.others = {of(kBob, 1), of(kBob, 2), of(kBob, 3)};
         }},
    };
}

struct Case {
    Check check;
    Way way;
    Point point{};
};
void PrintTo(const Case& each, std::ostream* out) {
    *out << each.check.name << "_" << each.way.name << "_" << nameOf(each.point);
}

bool applies(const Case& each) {
    if (!each.check.concerns(each.way, each.point)) return false;
    if (each.point == Point::Updated && each.way.name != "AddPinhole") return false;
    return each.point == Point::Anew || !each.check.isForNewOnes;
}

std::vector<Case> allCases() {
    std::vector<Case> cases;
    for (const auto& checks :
         {checksOfTheClient(), checksOfTheLines(), checksOfThePort(), checksOfTheAccount()})
        for (const Check& check : checks)
            for (const Way& way : ways())
                for (const Point point : kPoints)
                    if (const Case each{check, way, point}; applies(each)) cases.push_back(each);
    return cases;
}

class Admissions : public OpeningsTest, public testing::WithParamInterface<Case> {
protected:
    Admissions() {
        world = way.in(World{});
        check.forbid(world);
        lan = world.lan;
        for (const Host& host : {world.client, world.requester}) hosts[host.address] = host;
        routersOwn = world.routersOwn;
        firewall.forwarded = world.forwarded;
        firewall.stopped = world.stopped;
        stands = world.others;
        if (point != Point::Anew) stands.push_back(standingBy(way, world));
    }
    ChangeRequest request() const {
        return point == Point::Updated ? ChangeRequest{pinholeUpdate(world)} : way.request(world);
    }
    /// It takes another port, where it may, rather than none.
    bool isGrantedElsewhere() const {
        if (!check.isAboutPort || !way.isFlexible) return false;
        return point == Point::Anew || way.name == "AddAnyPortMapping";
    }
    void judgeWhatStands() {
        ASSERT_TRUE(point == Point::Reloaded || reload(world.config));
        ASSERT_TRUE(openings.restore(stands, t0));
        if (point == Point::HostIsFound)
            openings.hostFound(lan, world.client, t0);
        else
            ASSERT_TRUE(reload(world.config));
    }
    bool isThere(const OpeningName& name) const {
        return std::ranges::any_of(openings.lists().all(),
                                   [&](const Opening& each) { return each.name() == name; });
    }

    const Check& check = GetParam().check;
    const Way& way = GetParam().way;
    const Point point = GetParam().point;
    World world{};
    std::vector<Opening> stands{};
};

class AskedFor : public Admissions {};
class Stands : public Admissions {};

TEST_P(AskedFor, PassesEachCheck) {
    ASSERT_TRUE(reload(world.config));
    ASSERT_TRUE(openings.restore(stands, t0));
    const auto before = openings.lists().all();
    const auto rules = firewall.texts();
    const auto error = errorOf(ask(request()));
    if (isGrantedElsewhere()) {
        EXPECT_EQ(error, std::nullopt);
        EXPECT_EQ(openings.lists().size(), before.size() + 1) << "on another port";
        return;
    }
    EXPECT_EQ(error, check.error);
    if (!error) return;
    EXPECT_EQ(openings.lists().all(), before);
    EXPECT_EQ(firewall.texts(), rules);
}

TEST_P(Stands, PassesEachCheck) {
    judgeWhatStands();
    EXPECT_EQ(isThere(stands.back().name()), !check.error);
}

std::vector<Case> cases(bool standing) {
    std::vector<Case> cases = allCases();
    std::erase_if(cases, [&](const Case& each) { return isStanding(each.point) != standing; });
    return cases;
}
std::string nameOfCase(const testing::TestParamInfo<Case>& info) {
    return info.param.check.name + "_" + info.param.way.name + "_" + nameOf(info.param.point);
}
INSTANTIATE_TEST_SUITE_P(Admission, AskedFor, testing::ValuesIn(cases(false)), nameOfCase);
INSTANTIATE_TEST_SUITE_P(Admission, Stands, testing::ValuesIn(cases(true)), nameOfCase);

}  // namespace
}  // namespace igd
