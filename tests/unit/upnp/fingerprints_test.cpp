// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/fingerprints.h"

#include <gtest/gtest.h>

namespace igd::upnp {
namespace {

TEST(Fingerprints, ShowVersion1ToThoseThatFailOnVersion2) {  // IGD-Quirk-01
    for (const auto* agent : {"Microsoft-Windows/10.0 UPnP/1.0", "microsoft", "FDSSDP",
                              "Xbox/2.0.17559.0 UPnP/1.0 Xbox/2.0.17559.0",
                              "Mozilla/4.0 (compatible; UPnP/1.0; Windows 9x)",
                              "Mozilla/4.0 (compatible; UPnP/1.0; Windows NT/5.1)",
                              "Linux/6.1.0, UPnP/1.0, Portable SDK for UPnP devices/1.14.13",
                              "Linux/5.10 UPnP/1.0 Cling/2.0", "Java/17.0.9"})
        EXPECT_EQ(versionFor(agent), IgdVersion::One) << agent;
}

TEST(Fingerprints, ShowVersion2ToMiniupnpc) {
    EXPECT_EQ(versionFor("Debian/12, UPnP/1.1, MiniUPnPc/2.2.4"), IgdVersion::Two);
}

TEST(Fingerprints, KnowWhoseWindowEditsMappingsWithoutAnEnd) {
    EXPECT_TRUE(editsOnlyEndless("Microsoft-Windows/10.0 UPnP/1.0"));
    EXPECT_TRUE(editsOnlyEndless("Mozilla/4.0 (compatible; UPnP/1.0; Windows NT/5.1)"));
    for (const auto* agent : {"", "Debian/12, UPnP/1.1, MiniUPnPc/2.2.4", "Java/17.0.9"})
        EXPECT_FALSE(editsOnlyEndless(agent)) << agent;
}

TEST(Fingerprints, LeaveTheOthersWhatTheyHaveSearchedFor) {
    for (const auto* agent : {"", "Linux/6 UPnP/1.1 x/1", "Go-http-client/1.1", "Transmission/4.0",
                              "Mozilla/5.0 (X11; Linux x86_64)", "GUPnP/1.6.3 DLNADOC/1.50"})
        EXPECT_EQ(versionFor(agent), std::nullopt) << agent;
}

}  // namespace
}  // namespace igd::upnp
