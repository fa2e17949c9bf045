// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using testing::HasSubstr;

tl::expected<Options, std::string> parse(std::vector<std::string> arguments) {
    return parseOptions(arguments);
}

TEST(Options, TakesTheCommandLineOf2002) {
    const auto options = parse({"ppp0", "eth0"});
    ASSERT_TRUE(options);
    EXPECT_EQ(toString(*options->external), "ppp0");
    EXPECT_EQ(options->internal.at(0).text(), "eth0");
    EXPECT_FALSE(options->foreground);
}

TEST(Options, TakesSeveralInternalInterfacesAndOptionsAnywhere) {
    const auto options =
        parse({"ppp0", "-f", "eth0", "vlan20", "--config=/x.conf", "-p", "/run/x.pid"});
    ASSERT_TRUE(options);
    EXPECT_EQ(options->internal.size(), 2U);
    EXPECT_TRUE(options->foreground);
    EXPECT_EQ(options->configurationFile, "/x.conf");
    EXPECT_EQ(options->pidFile, "/run/x.pid");
}

TEST(Options, NeedsNoArgumentAtAll) {
    const auto options = parse({});
    ASSERT_TRUE(options);
    EXPECT_EQ(options->command, Command::Run);
    EXPECT_FALSE(options->external);
}

TEST(Options, KnowsItsCommands) {
    EXPECT_EQ(parse({"-t"})->command, Command::Check);
    EXPECT_EQ(parse({"--check", "-c", "x"})->command, Command::Check);
    EXPECT_EQ(parse({"--cleanup"})->command, Command::CleanUp);
    EXPECT_EQ(parse({"--suggest"})->command, Command::Suggest);
    EXPECT_EQ(parse({"--import", "x.conf"})->command, Command::Import);
    EXPECT_EQ(parse({"--import=x.conf"})->importedFile, "x.conf");
    EXPECT_EQ(parse({"-h", "eth0"})->command, Command::Help);
    EXPECT_EQ(parse({"--version"})->command, Command::Version);
}

TEST(Options, RefusesOneInterface) {
    EXPECT_THAT(parse({"-f", "eth0"}).error(),
                HasSubstr("at least one internal one"));  // linux-igd crashed here
}

TEST(Options, TellsMiniupnpdsUsersWhatNamesAFile) {
    EXPECT_THAT(parse({"-f", "x.conf"}).error(), HasSubstr("-c FILE names a configuration file"));
    EXPECT_THAT(parse({"-f", "/etc/x"}).error(), HasSubstr("-c FILE names a configuration file"));
}

TEST(Options, SayWhereTheLogGoes) {
    EXPECT_EQ(parse({})->logTo, std::nullopt);
    EXPECT_EQ(parse({"-f", "--log-to", "syslog"})->logTo, log::Target::Syslog);
    EXPECT_EQ(parse({"--log-to=journal"})->logTo, log::Target::Journal);
    EXPECT_EQ(parse({"--log-to=stderr", "-f"})->logTo, log::Target::StandardError);
    EXPECT_THAT(parse({"--log-to=stderr"}).error(), HasSubstr("-f is missing"));
    EXPECT_THAT(parse({"--log-to", "file"}).error(), HasSubstr("expected syslog, journal or"));
}

TEST(Options, RefusesAFileWithoutAName) {
    EXPECT_THAT(parse({"--config="}).error(), HasSubstr("option -c (--config) is empty"));
    EXPECT_THAT(parse({"-p", ""}).error(), HasSubstr("option -p (--pidfile) is empty"));
}

TEST(Options, RefusesWhatItDoesNotKnow) {
    EXPECT_THAT(parse({"-x"}).error(), HasSubstr("\"-x\""));
    EXPECT_THAT(parse({"--nonsense"}).error(), HasSubstr("\"--nonsense\""));
    EXPECT_THAT(parse({"-c"}).error(), HasSubstr("\"-c\" needs a value"));
    EXPECT_THAT(parse({"--config"}).error(), HasSubstr("\"--config\" needs a value"));
    EXPECT_THAT(parse({"ppp0", "a-name-too-long-for-linux"}).error(),
                HasSubstr("is not the name of a network interface"));
    EXPECT_THAT(parse({"ppp0", "eth0;reboot"}).error(),
                HasSubstr("is not the name of a network interface"));
    EXPECT_THAT(parse({"-x"}).error(), HasSubstr("usage: upnpd"));
}

TEST(Options, SayWhichOfThreeFaultsItIs) {
    EXPECT_THAT(parse({"-x"}).error(), HasSubstr("option \"-x\" is not known"));
    EXPECT_THAT(parse({"-fx"}).error(), HasSubstr("option \"-x\" is not known"));
    EXPECT_THAT(parse({"--nonsense=1"}).error(), HasSubstr("option \"--nonsense\" is not known"));
    EXPECT_THAT(parse({"--c"}).error(),
                HasSubstr("option \"--c\" is short for several: --check, --cleanup, --config"));
    EXPECT_THAT(parse({"--check=yes"}).error(), HasSubstr("option \"--check\" takes no value"));
    EXPECT_THAT(parse({"--fore=yes"}).error(), HasSubstr("option \"--fore\" takes no value"));
    EXPECT_THAT(parse({"--pidfile"}).error(), HasSubstr("option \"--pidfile\" needs a value"));
}

TEST(Options, RefuseAnAddressOrAnAliasAsInterface) {
    EXPECT_THAT(parse({"203.0.114.1", "lan0"}).error(), HasSubstr("an address is no interface"));
    EXPECT_THAT(parse({"wan0", "lan0:1"}).error(), HasSubstr("name \"lan0\""));
}

TEST(Options, HelpNamesEveryOption) {
    for (const char* option : {"--config", "--foreground", "--pidfile", "--check", "--help",
                               "--version", "--suggest", "--import"})
        EXPECT_THAT(helpText(), HasSubstr(option));
}

TEST(Options, TheVersionNamesTheLibraries) {
    const std::string text = versionText();
    EXPECT_TRUE(text.starts_with("upnpd " UPNPD_VERSION "\n")) << text;
    for (const char* const library : {"libupnp 1.", "libnftables ", "libnl ", "Boost 1."})
        EXPECT_THAT(text, HasSubstr(library));
}

}  // namespace
}  // namespace igd
