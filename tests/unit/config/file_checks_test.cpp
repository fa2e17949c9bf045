// SPDX-License-Identifier: GPL-2.0-or-later
#include "file_checks.h"

#include "temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

namespace igd {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class FileChecks : public testing::Test {
protected:
    FileChecks() { std::filesystem::permissions(folder_ / "", std::filesystem::perms{0755}); }

    /// The only diagnostic that `key = FOLDER/name` gives.
    [[nodiscard]] std::string only(const std::string& key, const std::string& name) const {
        auto parsed =
            parseConfiguration("user = nobody\n" + key + " = " + (folder_ / name).string(), "f");
        checkAccountAndFiles("f", parsed);
        EXPECT_THAT(parsed.diagnostics, SizeIs(1));
        return parsed.diagnostics.empty() ? "" : toString(parsed.diagnostics.front());
    }

    TemporaryFolder folder_;
};

TEST_F(FileChecks, NameADirectoryInWhichTheUserCannotWrite) {
    EXPECT_THAT(only("lease_file", "leases"), HasSubstr("f:2: warning: lease_file = "));
    EXPECT_THAT(only("lease_file", "leases"), HasSubstr("user nobody cannot write in "));
    EXPECT_THAT(only("control_socket", "socket"), HasSubstr("user nobody cannot write in "));
}

TEST_F(FileChecks, SayNothingOfDirectoriesThatAreMadeOrGiven) {
    std::filesystem::create_directory(folder_ / "upnpd");
    for (const char* name : {"upnpd/leases", "missing/leases"}) {
        auto parsed =
            parseConfiguration("user = nobody\nlease_file = " + (folder_ / name).string(), "f");
        checkAccountAndFiles("f", parsed);
        EXPECT_THAT(parsed.diagnostics, IsEmpty()) << name;
    }
}

TEST_F(FileChecks, RefuseOtherThingsInAFilesPlace) {
    ASSERT_EQ(::chmod((folder_ / "").c_str(), 0777), 0);
    std::ofstream{folder_ / "file"} << "x";
    EXPECT_THAT(only("control_socket", "file"), HasSubstr("f:2: warning: control_socket "));
    EXPECT_THAT(only("control_socket", "file"), HasSubstr("is no socket"));
    EXPECT_THAT(only("lease_file", "file/leases"), HasSubstr("/file is no directory"));
    std::filesystem::create_symlink("file", folder_ / "link");
    EXPECT_THAT(only("pid_file", "link"), HasSubstr("f:2: warning: pid_file = "));
}

}  // namespace
}  // namespace igd
