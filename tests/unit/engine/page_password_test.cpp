// SPDX-License-Identifier: GPL-2.0-or-later
#include "page_password.h"

#include "temporary_folder.h"

#include <gtest/gtest.h>

#include <fstream>

namespace igd {
namespace {

class PagePasswordTest : public testing::Test {
protected:
    std::string hashIn(const std::string& text) {
        const auto file = folder_ / "password";
        std::ofstream{file} << text;
        return readPageHash(file);
    }
    TemporaryFolder folder_;
};

TEST_F(PagePasswordTest, IsTheFirstLine) {
    EXPECT_EQ(hashIn("$y$j9T$abc\n"), "$y$j9T$abc");
    EXPECT_EQ(hashIn("$y$j9T$abc"), "$y$j9T$abc");
    EXPECT_EQ(hashIn(" $6$a$b \r\nmore\n"), "$6$a$b");
}

TEST_F(PagePasswordTest, IsNotThere) {
    EXPECT_EQ(readPageHash(std::nullopt), "");
    EXPECT_EQ(readPageHash(folder_ / "none"), "");
    EXPECT_EQ(readPageHash(folder_ / ""), "") << "a folder";
    for (const std::string& text : {std::string{}, std::string{"secret\n"},
                                    std::string{"\n$6$a$b\n"}, "$" + std::string(1000, 'x')})
        EXPECT_EQ(hashIn(text), "") << text;
}

}  // namespace
}  // namespace igd
