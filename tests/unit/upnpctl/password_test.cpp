// SPDX-License-Identifier: GPL-2.0-or-later
#include "password_file.h"
#include "password_hash.h"
#include "temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include <crypt.h>
#include <sys/stat.h>
#include <unistd.h>

namespace igd::ctl {
namespace {

TEST(Password, IsKeptAsAHashThatProvesIt) {
    const auto hash = hashOf("open sesame");
    ASSERT_TRUE(hash);
    EXPECT_THAT(*hash, testing::StartsWith("$y$"));
    crypt_data data{};
    EXPECT_EQ(*hash, ::crypt_r("open sesame", hash->c_str(), &data));
    EXPECT_NE(hashOf("open sesame"), hash) << "each has its own salt";
    EXPECT_EQ(hashOf(""), std::nullopt);
    EXPECT_EQ(hashOf(std::string(512, 'x')), std::nullopt);
}

TEST(Password, IsForRootAndTheDaemonToRead) {
    if (::geteuid() != 0) GTEST_SKIP() << "root alone may give files away";
    const TemporaryFolder folder;
    const auto path = folder / "page-password";
    for (const char* const hash : {"$y$one", "$y$two"}) {
        ASSERT_TRUE(writePasswordFile(path, hash));
        std::string line;
        std::getline(std::ifstream{path}, line);
        EXPECT_EQ(line, hash);
    }
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0640U);
    EXPECT_EQ(status.st_uid, 0U);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator{path.parent_path()}, {}), 1);
    EXPECT_EQ(writePasswordFile(folder / "absent/file", "x").error().status, kRefused);
}

}  // namespace
}  // namespace igd::ctl
