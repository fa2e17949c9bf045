// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/process_use.h"

#include "upnpd/util/unique_fd.h"

#include <gtest/gtest.h>

#include <vector>

#include <fcntl.h>

namespace igd {
namespace {

using namespace std::chrono_literals;

TEST(ProcessUse, CountsOpenDescriptors) {
    const std::size_t before = useOfThisProcess().openDescriptors;
    const UniqueFd one{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    EXPECT_EQ(useOfThisProcess().openDescriptors, before + 1);
    EXPECT_GE(useOfThisProcess().mostDescriptors, before + 1);
}

TEST(ProcessUse, CountsProcessorTime) {
    const auto before = useOfThisProcess().processorTime;
    while (useOfThisProcess().processorTime < before + 2ms) {
    }
    EXPECT_LT(before, 1h);
}

TEST(ProcessUse, CountsMemoryInBytes) {
    const ProcessUse before = useOfThisProcess();
    const std::vector<char> block(16 << 20, 'x');
    const ProcessUse after = useOfThisProcess();
    EXPECT_GT(after.residentBytes, before.residentBytes + block.size() / 2);
    EXPECT_GE(after.virtualBytes, after.residentBytes);
}

}  // namespace
}  // namespace igd
