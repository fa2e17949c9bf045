// SPDX-License-Identifier: GPL-2.0-or-later
#include "reload_faults.h"

#include "temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ReloadFaultsTest : public testing::Test {
protected:
    Configuration running_{
        Settings{}, *InterfaceName::parse("wan0"), {*InterfaceName::parse("lan0")}};
    Configuration fresh_ = running_;
    HostFacts host_;
    TemporaryFolder folder_;

    [[nodiscard]] std::vector<std::string> faults() const {
        return faultsOf(fresh_, running_, host_);
    }
};

TEST_F(ReloadFaultsTest, APortOfABridgeIsOne) {
    const InterfaceName bridge = *InterfaceName::parse("br0");
    const InterfaceName port = *InterfaceName::parse("eth1");
    host_.interfaces = {{.name = bridge, .kind = "bridge", .leads = {}},
                        {.name = port, .leads = bridge}};
    fresh_.internalInterfaces.push_back(port);
    EXPECT_THAT(faults(), ElementsAre("eth1 is a port of bridge br0: name br0"));
    running_ = fresh_;
    EXPECT_THAT(faults(), IsEmpty()) << "it is served already";
    fresh_.internalInterfaces = {bridge, *InterfaceName::parse("absent0")};
    EXPECT_THAT(faults(), IsEmpty()) << "it is waited for";
}

TEST_F(ReloadFaultsTest, ALeaseFileThatCannotBeWrittenIsOne) {
    constexpr uid_t kNobody = 65534;
    fresh_.leaseFile = folder_ / "leases";
    EXPECT_THAT(faults(), IsEmpty());
    if (::setresuid(kNobody, kNobody, 0) != 0) GTEST_SKIP() << "needs root";
    const auto found = faults();
    const auto same = faultsOf(fresh_, fresh_, host_);
    ASSERT_EQ(::setresuid(0, 0, 0), 0);
    EXPECT_THAT(found, ElementsAre(HasSubstr("cannot write in")));
    EXPECT_THAT(same, IsEmpty()) << "it is open already";
    fresh_.leaseFile = folder_ / "absent/leases";
    EXPECT_THAT(faults(), IsEmpty()) << "the next start makes the directory";
}

}  // namespace
}  // namespace igd
