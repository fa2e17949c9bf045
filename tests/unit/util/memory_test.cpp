// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/util/memory.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace igd {
namespace {

/// kB of files that are mapped and in memory.
long mapped() {
    std::ifstream status{"/proc/self/status"};
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("RssFile:")) return std::stol(line.substr(8));
    return 0;
}

TEST(Memory, IsGivenBackAndComesAgain) {
    const long before = mapped();
    giveMemoryBack();
    EXPECT_LT(mapped(), before) << "and the code that reads this is there again";
}

}  // namespace
}  // namespace igd
