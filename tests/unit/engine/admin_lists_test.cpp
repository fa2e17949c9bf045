// SPDX-License-Identifier: GPL-2.0-or-later
#include "admin_requests_fixture.h"

#include "upnpd/admin/server.h"

#include <fmt/format.h>

namespace igd {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

using AdminListsTest = AdminRequestsTest;

TEST_F(AdminListsTest, EachKindHasItsList) {
    has({mappingOf(kConsole, 3000), flowOf(kConsole, 6000, Clock::now() + 1h),
         openingOf(OpeningKind::Pinhole, {kConsole6, Port{5000}})});
    const Json mappings = ask("list 0", false);
    EXPECT_EQ(mappings["ok"], true);
    EXPECT_THAT(portsOf(mappings["mappings"]), ElementsAre(3000));
    EXPECT_EQ(mappings["next"], nullptr);
    EXPECT_THAT(portsOf(ask("pinholes 0", false)["pinholes"]), ElementsAre(5000));
    EXPECT_THAT(portsOf(ask("flows 0", false)["flows"]), ElementsAre(6000));
    EXPECT_THAT(ask("list 1")["mappings"], IsEmpty());
    EXPECT_EQ(ask("list 4294967295")["next"], nullptr);
}

TEST_F(AdminListsTest, AListComesInPages) {
    std::vector<Opening> many;
    for (std::uint16_t port = 3000; port < 3150; ++port) many.push_back(mappingOf(kConsole, port));
    has(many);
    const Json first = ask("list 0");
    EXPECT_EQ(first["mappings"].size(), 64U);
    EXPECT_EQ(first["next"], 64);
    const Json second = ask("list 64");
    EXPECT_EQ(second["mappings"][0]["external_port"], 3064);
    EXPECT_EQ(second["next"], 128);
    const Json last = ask("list 128");
    EXPECT_EQ(last["mappings"].size(), 22U);
    EXPECT_EQ(last["next"], nullptr);
    EXPECT_EQ(ask("list 86")["next"], nullptr) << "the last one is in it";
}

/// An opening whose text is as long as it can be.
Opening worst(Opening opening) {
    opening.claims.clear();
    for (const Origin origin : {Origin::Igd, Origin::NatPmp, Origin::Pcp, Origin::Static}) {
        Claim claim{.origin = origin,
                    .requester = ipv6("2001:db8:1111:2222:3333:4444:5555:6666"),
                    .expiresAt = Clock::now() + 100000h,
                    .description = std::string(kMaxDescription, '"'),
                    .nonce = Nonce{1}};
        for (unsigned i = 0; i < kMaxFilters; ++i)
            claim.filters.push_back(
                filter(fmt::format("2001:db8:1111:2222:3333:44{}{}:5555:6666/128@65535",
                                   static_cast<int>(origin), i)
                           .c_str()));
        opening.claims.push_back(std::move(claim));
    }
    return opening;
}

class WorstPageTest : public AdminRequestsTest {
protected:
    /// Returns the size of the answer to `request` with 64 such openings at `client`.
    std::size_t sizeOf(std::string_view request, OpeningKind kind, const IpAddress& client) {
        std::vector<Opening> openings;
        for (std::uint16_t port = 50000; port < 50064; ++port)
            openings.push_back(worst(openingOf(kind, {client, Port{port}})));
        has(openings);
        const std::size_t size = ask(request).dump().size();
        EXPECT_GT(size, 64 * 4 * 2 * kMaxDescription) << "they are the worst";
        return size;
    }
};

TEST_F(WorstPageTest, OfMappingsFitsIntoAnAnswer) {
    EXPECT_LT(sizeOf("list 0", OpeningKind::Mapping, kConsole), kMaxControlAnswer);
}

TEST_F(WorstPageTest, OfPinholesFitsIntoAnAnswer) {
    const Ipv6Address client = ipv6("2001:db8:1111:2222:3333:4444:5555:7777");
    EXPECT_LT(sizeOf("pinholes 0", OpeningKind::Pinhole, client), kMaxControlAnswer);
}

}  // namespace
}  // namespace igd
