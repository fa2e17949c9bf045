// SPDX-License-Identifier: GPL-2.0-or-later
#include "host_names.h"

#include "fake_reader.h"
#include "fakes.h"
#include "temporary_folder.h"

#include <fstream>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class HostNamesTest : public LoopTest {
protected:
    void SetUp() override { write("leases"); }
    void write(const std::string& text) { std::ofstream{file_} << text; }
    /// The reader answers, and ends.
    void answer(std::string_view hosts, std::string_view lookedUp = "") {
        if (!hosts.empty()) reader_.send(hosts);
        reader_.send(kFilesRead);
        if (!lookedUp.empty()) reader_.send(lookedUp);
        poll();
        reader_.end();
        poll();
        names_.childEnded();
    }
    void ask() {
        names_.whenFresh([this] { ++answers_; });
    }

    TemporaryFolder folder_;
    std::filesystem::path file_ = folder_ / "leases";
    FakeReader reader_;
    FakeNeighbours neighbours_;
    Lans lans_{{kLan}, true};
    std::vector<IpAddress> clients_;
    int answers_ = 0;
    HostNames names_{
        loop_,
        {.automatic = false, .paths = {file_, folder_ / "none"}},
        {.neighbours = neighbours_, .lans = lans_, .clients = [this] { return clients_; }},
        reader_.start()};
};

TEST_F(HostNamesTest, WaitsForFilesAndNotForNameServers) {
    clients_ = {kConsole, kPhone};
    ask();
    EXPECT_EQ(answers_, 0);
    ASSERT_THAT(reader_.tasks, SizeIs(1));
    EXPECT_THAT(reader_.tasks.front().files, SizeIs(1)) << "those that are there";
    EXPECT_THAT(reader_.tasks.front().addresses, ElementsAre(kConsole, kPhone));
    reader_.send("192.168.1.10 02:00:00:00:00:01 console\n");
    reader_.send(kFilesRead);
    poll();
    EXPECT_EQ(answers_, 1);
    EXPECT_EQ(names_.nameOf(kConsole), "console");
    EXPECT_EQ(names_.nameOf(kPhone), "");
    reader_.send("192.168.1.11 - phone.lan\n");
    poll();
    EXPECT_EQ(names_.nameOf(kPhone), "phone.lan");
}

TEST_F(HostNamesTest, WaitsForHalfASecondAtMost) {
    ask();
    runFor(HostNames::kPatience + 50ms);
    EXPECT_EQ(answers_, 1);
}

TEST_F(HostNamesTest, ReadsNothingTwiceInTenSeconds) {
    ask();
    answer("192.168.1.10 - console\n");
    write("more leases");
    ask();
    EXPECT_EQ(answers_, 2) << "at once";
    EXPECT_THAT(reader_.tasks, SizeIs(1));
}

TEST_F(HostNamesTest, OtherFilesAreReadAtOnce) {
    ask();
    answer("192.168.1.10 - console\n");
    names_.setFiles({.automatic = false, .paths = {file_}});
    EXPECT_EQ(names_.nameOf(kConsole), "") << "of a file that is not read any more";
    ask();
    answer("192.168.1.10 - other\n");
    EXPECT_EQ(names_.nameOf(kConsole), "other");
    names_.setFiles({.automatic = false, .paths = {}});
    ask();
    EXPECT_THAT(reader_.tasks, SizeIs(2)) << "host_names = none";
    EXPECT_EQ(answers_, 3);
}

TEST_F(HostNamesTest, OnlyHostsOfTheLansHaveNames) {
    ask();
    answer("10.9.9.9 - stranger\n192.168.1.10 - console\n");
    EXPECT_EQ(names_.nameOf(ipv4("10.9.9.9")), "");
    EXPECT_THAT(names_.find("stranger"), IsEmpty());
}

TEST_F(HostNamesTest, NobodyIsGivenANameThatWasNotAskedFor) {
    clients_ = {kConsole};
    ask();
    answer("", "192.168.1.11 - phone\n");
    EXPECT_EQ(names_.nameOf(kPhone), "");
}

TEST_F(HostNamesTest, FindsAHostByNameAndByHardwareAddress) {
    neighbours_.known[kConsole] = kConsoleMac;
    clients_ = {kPhone};
    ask();
    answer("192.168.1.10 - Console.lan\n2001:db8::10 02:00:00:00:00:01 console\n",
           "192.168.1.11 - phone\n");
    const NamedHost four{kConsole, kConsoleMac, "Console.lan"};
    const NamedHost six{kConsole6, kConsoleMac, "console"};
    EXPECT_THAT(names_.find("console"), ElementsAre(four, six));
    EXPECT_THAT(names_.find("CONSOLE.LAN"), ElementsAre(four));
    EXPECT_THAT(names_.find("02:00:00:00:00:01"), ElementsAre(four, six));
    EXPECT_THAT(names_.find("phone"), ElementsAre(NamedHost{kPhone, std::nullopt, "phone"}));
    EXPECT_THAT(names_.find("con"), IsEmpty());
    EXPECT_THAT(names_.find(""), IsEmpty());
}

TEST_F(HostNamesTest, TheNeighboursHardwareAddressCounts) {
    ask();
    answer("192.168.1.10 02:00:00:00:00:09 console\n");
    EXPECT_EQ(names_.macOf(kConsole), (MacAddress{{2, 0, 0, 0, 0, 9}}));
    neighbours_.known[kConsole] = kConsoleMac;
    EXPECT_EQ(names_.macOf(kConsole), kConsoleMac);
    EXPECT_EQ(names_.macOf(ipv4("10.9.9.9")), std::nullopt);
}

TEST_F(HostNamesTest, StopsWithoutAWord) {
    ask();
    names_.stop();
    runFor(HostNames::kPatience + 50ms);
    EXPECT_EQ(answers_, 0);
}

}  // namespace
}  // namespace igd
