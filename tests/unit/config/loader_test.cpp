// SPDX-License-Identifier: GPL-2.0-or-later
// Which source wins, and what is refused of the whole.
#include "temporary_folder.h"

#include "upnpd/config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include <sys/stat.h>

namespace igd {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ConfigurationLoader : public testing::Test {
protected:
    ConfigurationLoader() {
        surroundings_.configurationFile = path("upnpd.conf");
        surroundings_.shellStyleFiles = {path("default"), path("sysconfig")};
    }

    [[nodiscard]] std::string path(const char* name) const { return (folder_ / name).string(); }
    void write(const char* name, std::string_view text) const { std::ofstream{path(name)} << text; }
    [[nodiscard]] LoadedConfiguration load() const {
        return loadConfiguration(options_, surroundings_);
    }
    void commandLine(const char* external, const char* internal) {
        options_.external = Uplink{{*InterfaceName::parse(external)}};
        options_.internal = {*InterfaceName::parse(internal)};
    }
    [[nodiscard]] std::string errors() const {
        std::string text;
        for (const auto& diagnostic : load().diagnostics) text += toString(diagnostic) + "\n";
        return text;
    }

    TemporaryFolder folder_;
    Options options_;
    Surroundings surroundings_;
};

TEST_F(ConfigurationLoader, AMissingDefaultFileMeansDefaults) {
    commandLine("ppp0", "eth0");
    const auto loaded = load();
    ASSERT_TRUE(loaded.configuration);
    EXPECT_THAT(loaded.diagnostics, IsEmpty());
    EXPECT_EQ(loaded.configuration->externalInterface.text(), "ppp0");
    EXPECT_EQ(loaded.configuration->firewall().internal.size(), 1U);
}

TEST_F(ConfigurationLoader, AUserThatIsNamedHasToBeThere) {
    commandLine("ppp0", "eth0");
    write("upnpd.conf", "# the account\nuser = zork\n");
    EXPECT_THAT(errors(), HasSubstr("upnpd.conf:2: error: user = zork: there is no such user"));
    EXPECT_FALSE(load().configuration);
    write("upnpd.conf", "user = root\n");
    EXPECT_THAT(errors(), HasSubstr("upnpd.conf:1: error: user = root: "));
    write("upnpd.conf", "user = nobody\n");
    EXPECT_TRUE(load().configuration);
}

TEST_F(ConfigurationLoader, AMissingFileNamedWithCIsAnError) {
    commandLine("ppp0", "eth0");
    options_.configurationFile = path("other.conf");
    EXPECT_FALSE(load().configuration);
    EXPECT_THAT(errors(), HasSubstr("other.conf: error: No such file or directory"));
}

TEST_F(ConfigurationLoader, OnlyRegularFilesAreRead) {
    commandLine("ppp0", "eth0");
    options_.configurationFile = path("");
    EXPECT_THAT(errors(), HasSubstr("is not a regular file"));
    ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
    options_.configurationFile = path("fifo");
    EXPECT_THAT(errors(), HasSubstr("is not a regular file"));
}

TEST_F(ConfigurationLoader, InterfacesOfTheCommandLineWin) {
    write("upnpd.conf",
          "external_interface = wan0\ninternal_interface = lan0\ninternal_interface = lan1\n");
    commandLine("ppp0", "eth0");
    const auto loaded = load();
    ASSERT_TRUE(loaded.configuration);
    EXPECT_EQ(loaded.configuration->externalInterface.text(), "ppp0");
    ASSERT_THAT(loaded.configuration->internalInterfaces, SizeIs(1));
    EXPECT_EQ(loaded.configuration->internalInterfaces[0].text(), "eth0");
}

TEST_F(ConfigurationLoader, FileWinsOverEnvironmentAndThatOverShellStyleFiles) {
    write("default", "EXTIFACE=ext-default\nINTIFACE=int-default\n");
    EXPECT_EQ(load().configuration->externalInterface.text(), "ext-default");
    surroundings_.environment = {{"EXTIFACE", "ext-env"}, {"INTIFACE", "int-env"}};
    EXPECT_EQ(load().configuration->externalInterface.text(), "ext-env");
    write("upnpd.conf", "external_interface = ext-file\n");
    EXPECT_EQ(load().configuration->externalInterface.text(), "ext-file");
    EXPECT_EQ(load().configuration->internalInterfaces[0].text(), "int-env");
}

TEST_F(ConfigurationLoader, AShellStyleFileInTheDaemonsPlaceIsRead) {
    write("upnpd.conf", "INTERFACE=\"eth0\"\nOUTERFACE=\"ppp0\"\n");
    ASSERT_TRUE(load().configuration);
    EXPECT_EQ(load().configuration->internalInterfaces[0].text(), "eth0");
}

TEST_F(ConfigurationLoader, NamesWhatIsMissing) {
    EXPECT_FALSE(load().configuration);
    EXPECT_THAT(errors(), HasSubstr("no external interface: expected"));
    EXPECT_THAT(errors(), HasSubstr("no internal interface: expected"));
}

TEST_F(ConfigurationLoader, RefusesOneInterfaceOnBothSides) {
    write("upnpd.conf",
          "external_interface = ppp0\ninternal_interface = eth0\ninternal_interface = ppp0\n");
    EXPECT_FALSE(load().configuration);
    EXPECT_THAT(
        errors(),
        HasSubstr("upnpd.conf:3: error: internal interface \"ppp0\" is also the external one"));
    commandLine("eth0", "eth0");
    EXPECT_THAT(errors(), HasSubstr("command line: error: internal interface \"eth0\""));
}

TEST_F(ConfigurationLoader, ServesAnInterfaceNamedTwiceOnce) {
    write("upnpd.conf",
          "external_interface = ppp0\ninternal_interface = eth0\ninternal_interface = eth0\n");
    EXPECT_THAT(load().configuration->internalInterfaces, SizeIs(1));
    EXPECT_THAT(errors(), HasSubstr(":3: notice: internal interface eth0 is named twice"));
}

TEST_F(ConfigurationLoader, StartsNothingWithAnErrorInTheFile) {
    write("upnpd.conf", "external_interface = ppp0\ninternal_interface = eth0\nduration = x\n");
    EXPECT_FALSE(load().configuration);
    EXPECT_THAT(errors(), HasSubstr("upnpd.conf:3: error: duration = \"x\""));
}

TEST_F(ConfigurationLoader, PidFileOfTheCommandLineWins) {
    commandLine("ppp0", "eth0");
    write("upnpd.conf", "pid_file = /run/a.pid\n");
    options_.pidFile = "/run/b.pid";
    EXPECT_EQ(load().configuration->pidFile, "/run/b.pid");
}

TEST_F(ConfigurationLoader, AnEndlessFileIsRefused) {
    commandLine("ppp0", "eth0");
    write("upnpd.conf", std::string(2 << 20, '\n'));
    EXPECT_THAT(errors(), HasSubstr("has more than"));
}

}  // namespace
}  // namespace igd
