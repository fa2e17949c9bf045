// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/password.h"

#include <gtest/gtest.h>

namespace igd::upnp {
namespace {

/// `openssl passwd -6 -salt saltsalt secret` has made it.
constexpr const char* kSha512 =
    "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDe"
    "hy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1";

TEST(Password, FitsTheHashThatWasMadeOfIt) {
    EXPECT_TRUE(isPassword("secret", kSha512));
    EXPECT_FALSE(isPassword("Secret", kSha512));
    EXPECT_FALSE(isPassword("", kSha512));
    EXPECT_FALSE(isPassword(std::string{"secret\0", 7}, kSha512)) << "crypt(3) stops at a NUL";
}

TEST(Password, FitsNoHashThatIsNone) {
    for (const auto* hash : {"", "secret", "*0", "*1", "$", "$nosuch$x$y", "$6$saltsalt$"})
        EXPECT_FALSE(isPassword("secret", hash)) << hash;
}

}  // namespace
}  // namespace igd::upnp
