// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/peer_filter.h"

#include "samples.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

TEST(PeerFilters, AreReadAsTheyAreWritten) {
    for (const char* const text :
         {"80.1.2.0/24", "80.1.2.3/32@53", "2001:db8::/32", "2001:db8::1/128@65535"})
        EXPECT_EQ(toString(filter(text)), text);
    EXPECT_EQ(toString(filter("80.1.2.3")), "80.1.2.3/32");
    EXPECT_EQ(toString(filter("2001:db8::1")), "2001:db8::1/128");
    for (const char* const text :
         {"", "80.1.2.0/33", "2001:db8::/129", "80.1.2.0/24@0", "80.1.2.0/24@", "x", "::/x", "@5"})
        EXPECT_FALSE(parsePeerFilter(text)) << text;
}

TEST(PeerFilters, CoverOneAnother) {
    EXPECT_TRUE(covers(filter("80.0.0.0/8"), filter("80.1.2.0/24@53")));
    EXPECT_FALSE(covers(filter("80.0.0.0/8@53"), filter("80.1.2.0/24")));
    EXPECT_FALSE(covers(filter("80.1.2.0/24"), filter("80.0.0.0/8")));
    EXPECT_FALSE(covers(filter("80.0.0.0/8"), filter("2001:db8::/32")));
}

TEST(PeerFilters, AreKeptWithoutThoseThatAreCovered) {
    std::vector<PeerFilter> filters;
    for (const char* const text :
         {"80.1.2.0/24", "80.1.2.7/32", "80.9.0.0/16@53", "80.0.0.0/8", "80.0.0.0/8@1"})
        add(filters, filter(text));
    EXPECT_EQ(filters, std::vector{filter("80.0.0.0/8")});
}

TEST(PeerFilters, AreMasked) {
    EXPECT_EQ(toString(masked(filter("80.1.2.3/20"))), "80.1.0.0/20");
    EXPECT_EQ(toString(masked(filter("2001:db8:ffff::1/33"))), "2001:db8:8000::/33");
    EXPECT_EQ(masked(filter("2001:db8::1/128")), filter("2001:db8::1/128"));
}

}  // namespace
}  // namespace igd
