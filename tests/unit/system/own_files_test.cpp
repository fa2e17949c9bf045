// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/own_files.h"

#include "temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

namespace igd {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::ThrowsMessage;

const SystemUser kAccount{"nobody", 65534, 65534};

class OwnFilesTest : public testing::Test {
protected:
    static struct stat statusOf(const std::filesystem::path& path) {
        struct stat status {};
        EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
        return status;
    }
    static uid_t ownerOf(const std::filesystem::path& path) { return statusOf(path).st_uid; }
    static void write(const std::filesystem::path& path) { std::ofstream{path} << "x"; }

    const TemporaryFolder folder_;
    OwnDirectories directories_;
};

TEST_F(OwnFilesTest, MakesADirectoryWithThoseAboveIt) {
    EXPECT_TRUE(makeDirectory(folder_ / "a" / "b"));
    EXPECT_FALSE(makeDirectory(folder_ / "a" / "b"));
    EXPECT_EQ(statusOf(folder_ / "a" / "b").st_mode & 0777U, 0755U);
    write(folder_ / "file");
    EXPECT_THROW(makeDirectory(folder_ / "file"), FileError);
}

TEST_F(OwnFilesTest, GivesWhatItMade) {
    if (!isRoot()) GTEST_SKIP() << "only root gives";
    directories_.add(folder_ / "made" / "pid");
    write(folder_ / "made" / "pid");
    directories_.give(kAccount);
    EXPECT_EQ(ownerOf(folder_ / "made"), kAccount.uid);
    EXPECT_EQ(ownerOf(folder_ / "made" / "pid"), kAccount.uid);
}

TEST_F(OwnFilesTest, GivesADirectoryOfItsNameThatHasItsOwnFilesAlone) {
    if (!isRoot()) GTEST_SKIP() << "only root gives";
    makeDirectory(folder_ / "upnpd");
    for (const char* const name : {"leases", "leases.bad", "pid"}) write(folder_ / "upnpd" / name);
    directories_.add(folder_ / "upnpd" / "leases");
    directories_.add(folder_ / "upnpd" / "pid");
    directories_.give(kAccount);
    EXPECT_EQ(ownerOf(folder_ / "upnpd"), kAccount.uid);
    EXPECT_EQ(ownerOf(folder_ / "upnpd" / "leases.bad"), kAccount.uid);
}

TEST_F(OwnFilesTest, GivesNothingOfOthers) {
    if (!isRoot()) GTEST_SKIP() << "only root gives";
    for (const char* const name : {"upnpd", "other"}) {
        makeDirectory(folder_ / name);
        write(folder_ / name / "leases");
        directories_.add(folder_ / name / "leases");
    }
    write(folder_ / "upnpd" / "key");
    directories_.give(kAccount);
    for (const char* const name : {"upnpd", "other"}) {
        EXPECT_EQ(ownerOf(folder_ / name), ::geteuid());
        EXPECT_EQ(ownerOf(folder_ / name / "leases"), ::geteuid());
    }
    EXPECT_EQ(ownerOf(folder_ / "upnpd" / "key"), ::geteuid());
}

TEST_F(OwnFilesTest, SaysWhoMayNotWriteWhere) {
    EXPECT_EQ(whyNotWritten("/x", ELOOP), "is a symbolic link, which is refused");
    EXPECT_EQ(whyNotWritten("/x", ENOSPC), "No space left on device");
    EXPECT_THAT(whyNotWritten("/proc/x", EACCES), EndsWith("cannot write in /proc (owner root)"));
    EXPECT_THAT(whyNotWritten("/proc/x", EACCES), HasSubstr("user "));
    EXPECT_TRUE(isAboutDisk(ENOSPC));
    EXPECT_FALSE(isAboutDisk(EACCES));
}

TEST_F(OwnFilesTest, ASocketTakesThePlaceOfASocketAlone) {
    requireSocketPlace(folder_ / "nothing");
    write(folder_ / "file");
    EXPECT_THAT([&] { requireSocketPlace(folder_ / "file"); },
                ThrowsMessage<std::runtime_error>(HasSubstr("is no socket")));
}

}  // namespace
}  // namespace igd
