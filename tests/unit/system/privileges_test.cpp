// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/privileges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <exception>
#include <string_view>

#include <sys/wait.h>
#include <unistd.h>

namespace igd {
namespace {

using testing::HasSubstr;
using testing::Optional;

TEST(Privileges, AUserIsAnAccountThatIsNotRoots) {
    EXPECT_EQ(faultOfUser("nobody"), std::nullopt);
    EXPECT_THAT(faultOfUser("root"), Optional(HasSubstr("gives up the rights of root")));
    EXPECT_THAT(faultOfUser("zork"), Optional(HasSubstr("no such user")));
}

TEST(Privileges, TheNetworkNeedsThem) {
    if (!isRoot()) GTEST_SKIP() << "only root has them";
    requireNetworkRights();
    const pid_t child = ::fork();
    if (child == 0) {
        if (::setuid(65534) != 0) ::_exit(2);
        try {
            requireNetworkRights();
            ::_exit(1);
        } catch (const std::exception& error) {
            constexpr std::string_view kSentence =
                "needs to be started as root, or with CAP_NET_ADMIN and CAP_NET_RAW";
            ::_exit(std::string_view{error.what()}.ends_with(kSentence) ? 0 : 1);
        }
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace igd
