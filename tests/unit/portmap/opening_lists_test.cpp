// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/opening_lists.h"

#include "openings_fixture.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class OpeningListsTest : public OpeningsTest {
protected:
    OpeningListsTest() {
        for (const std::uint16_t port : std::initializer_list<std::uint16_t>{5003, 5001, 5002})
            EXPECT_TRUE(isGranted(ask(requestOf(port == 5001 ? kBob : kAlice, udp(port)))));
    }
    std::vector<std::uint16_t> page(std::size_t from, std::size_t most) const {
        std::vector<std::uint16_t> ports;
        for (const Opening& opening : openings.lists().page(OpeningKind::Mapping, from, most))
            ports.push_back(opening.externalPort.value);
        return ports;
    }
};

TEST_F(OpeningListsTest, HavePagesInTheOrderOfMaking) {
    EXPECT_THAT(page(0, 2), ElementsAre(5003, 5001));
    EXPECT_THAT(page(2, 2), ElementsAre(5002));
    EXPECT_THAT(page(3, 2), IsEmpty());
    EXPECT_THAT(openings.lists().page(OpeningKind::Pinhole, 0, 9), IsEmpty());
}

TEST_F(OpeningListsTest, NameTheClientOfAPinhole) {
    const auto opened = std::get<PinholeOpened>(ask(pinholeOf(kAlice6, 5000)));
    EXPECT_EQ(openings.lists().clientOf(opened.id), kAlice6.address);
    EXPECT_FALSE(openings.lists().clientOf(static_cast<PinholeId>(opened.id + 1)));
}

TEST_F(OpeningListsTest, HaveEachClientOnce) {
    EXPECT_THAT(openings.lists().clients(), ElementsAre(kAlice.address, kBob.address));
    EXPECT_EQ(openings.lists().size(), 3U);
}

TEST_F(OpeningListsTest, CountOnlyOnesOwnWhereOthersAreHidden) {  // IGD-Access-12
    PolicyConfig own;
    own.listAll = false;
    ASSERT_TRUE(reload(own));
    const auto portAt = [this](std::uint32_t index, const Host& requester) {
        return openings.lists().at(index, requester, t0).value().key;
    };
    EXPECT_EQ(portAt(0, kBob), udp(5001));
    EXPECT_EQ(portAt(0, kAlice), udp(5003));
    EXPECT_EQ(portAt(1, kAlice), udp(5002));
    EXPECT_EQ(openings.lists().at(1, kBob, t0).error(), MappingError::IndexOutOfRange);
    EXPECT_EQ(openings.lists().find(udp(5003), kBob, t0).error(), MappingError::NotAuthorized);
    EXPECT_TRUE(openings.lists().find(udp(5003), kAlice, t0));
}

}  // namespace
}  // namespace igd
