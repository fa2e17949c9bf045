// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/installation.h"

#include "temporary_folder.h"

#include <gmock/gmock.h>

namespace igd {
namespace {

TEST(Installation, IsWhatTheProgramWasBuiltForUnlessItsHelpersAreBesideIt) {
    const TemporaryFolder folder;
    const auto built = ownInstallation();
    EXPECT_EQ(installationOf(folder / "sbin/upnpd").settings, built.settings);
    std::filesystem::create_directories(folder / "libexec/upnpd");
    EXPECT_EQ(installationOf(folder / "sbin/upnpd").settings, folder / "etc");
    EXPECT_EQ(installationOf(folder / "bin/upnpctl").helpers, folder / "libexec/upnpd");
    EXPECT_EQ(installationOf(folder / "build/upnpd").helpers, built.helpers);
    EXPECT_EQ(installationOf({}).helpers, built.helpers);
}

}  // namespace
}  // namespace igd
