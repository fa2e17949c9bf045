// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/store/store_setting.h"

#include "temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

namespace igd {
namespace {

using testing::HasSubstr;

TEST(StoreSetting, ReadsWhatItWrites) {
    for (const char* const text :
         {"redis://10.0.0.5:6379/0", "redis://[2001:db8::5]:7000/15", "rediss://10.0.0.5:6380/0",
          "redis+unix:///run/redis/redis.sock?db=0", "redis+unix:///run/r.sock?db=3"}) {
        const auto setting = parseStoreSetting(text);
        ASSERT_TRUE(setting) << text;
        EXPECT_EQ(toString(*setting), text);
    }
}

TEST(StoreSetting, HasAPortAndADatabaseWhereNoneIsNamed) {
    EXPECT_EQ(toString(parseStoreSetting("redis://10.0.0.5").value()), "redis://10.0.0.5:6379/0");
    EXPECT_EQ(toString(parseStoreSetting("redis://10.0.0.5/").value()), "redis://10.0.0.5:6379/0");
    EXPECT_EQ(toString(parseStoreSetting("redis+unix:///a").value()), "redis+unix:///a?db=0");
}

TEST(StoreSetting, TakesNothingElse) {
    for (const std::string text :
         {"", "redis://", "redis://redis.example", "redis://10.0.0.5:0", "redis://10.0.0.5/x",
          "redis://10.0.0.5/70000", "http://10.0.0.5", "redis+unix://", "redis+unix:///",
          "redis+unix://run/x", "redis+unix:///x?db=", "10.0.0.5"})
        EXPECT_FALSE(parseStoreSetting(text)) << text;
    EXPECT_FALSE(parseStoreSetting("redis+unix:///" + std::string(108, 'x')));
}

class Login : public testing::Test {
protected:
    std::filesystem::path file(const std::string& text, mode_t mode = 0600) const {
        std::filesystem::path path = folder_ / "login";
        std::ofstream{path} << text;
        ::chmod(path.c_str(), mode);
        return path;
    }
    TemporaryFolder folder_;
};

TEST_F(Login, IsAPasswordOrAUserAndAPassword) {
    EXPECT_EQ(readLogin(file("secret\n")), (StoreLogin{.user = "", .password = "secret"}));
    EXPECT_EQ(readLogin(file("router secret\n")), (StoreLogin{"router", "secret"}));
    EXPECT_EQ(readLogin(file("router\r\nsecret\r\n")), (StoreLogin{"router", "secret"}));
    for (const std::string& text : {std::string{}, std::string{"a b c"}, std::string(2000, 'x')})
        EXPECT_THAT(readLogin(file(text)).error(), HasSubstr("expected a password"));
    EXPECT_THAT(readLogin("/no/such/file").error(), HasSubstr("No such file"));
}

TEST_F(Login, IsForNobodyElse) {
    EXPECT_FALSE(faultOfLogin(file("x"), ::getuid()));
    EXPECT_THAT(faultOfLogin(file("x", 0640), ::getuid()).value(), HasSubstr("chmod 600"));
    EXPECT_THAT(faultOfLogin(file("x", 0604), ::getuid()).value(), HasSubstr("chmod 600"));
    EXPECT_THAT(faultOfLogin("/no/such/file", ::getuid()).value(), HasSubstr("make it"));
    EXPECT_THAT(faultOfLogin("/dev/null", ::getuid()).value(), HasSubstr("no file"));
    if (::getuid() != 0) {
        EXPECT_THAT(faultOfLogin(file("x"), ::getuid() + 1).value(), HasSubstr("chown"));
    }
}

}  // namespace
}  // namespace igd
