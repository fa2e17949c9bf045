// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/namespace_lock.h"

#include "own_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include <unistd.h>

namespace igd {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(NamespaceLock, IsHeldByOneUntilItEnds) {
    // Not in the namespace that a daemon may run in.
    if (::unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "a network namespace needs root";
    std::optional<NamespaceLock> first{std::in_place};
    EXPECT_THAT(
        [] { NamespaceLock second; },
        ThrowsMessage<std::runtime_error>(HasSubstr("with pid " + std::to_string(::getpid()))));
    first.reset();
    EXPECT_NO_THROW(NamespaceLock{});
}

}  // namespace
}  // namespace igd
