// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/content_policy.h"

#include <gmock/gmock.h>

namespace igd::upnp {
namespace {

using testing::HasSubstr;
using testing::Not;

/// `printf %s TEXT | openssl dgst -sha256 -binary | base64` has made the expected texts, of nothing
/// and of "abc".
TEST(ContentPolicy, WritesAHashAsBrowsersDo) {
    EXPECT_EQ(hashSource("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
              "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
    EXPECT_EQ(hashSource("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
              "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='");
}

TEST(ContentPolicy, PadsToFourCharacters) {
    EXPECT_EQ(hashSource("000000"), "'sha256-AAAA'");
    EXPECT_EQ(hashSource("0000ff00"), "'sha256-AAD/AA=='");
    EXPECT_EQ(hashSource("ffffffffff"), "'sha256-//////8='");
}

TEST(ContentPolicy, LetsNothingRunButThePagesOwn) {
    EXPECT_THAT(contentPolicy(), HasSubstr("default-src 'none'; style-src 'sha256-"));
    EXPECT_THAT(contentPolicy(), HasSubstr("; script-src 'sha256-"));
    EXPECT_THAT(contentPolicy(), Not(HasSubstr("unsafe")));
    EXPECT_THAT(contentPolicy(), HasSubstr("frame-ancestors 'none'"));
}

}  // namespace
}  // namespace igd::upnp
