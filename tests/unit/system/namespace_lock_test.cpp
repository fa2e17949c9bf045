// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/namespace_lock.h"

#include "own_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>

#include <sys/socket.h>
#include <sys/un.h>
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

TEST(NamespaceLock, ListensAtThePlaceOfTheDaemon) {
    if (::unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "a network namespace needs root";
    const NamespaceLock lock;
    const UniqueFd listener = lock.listener();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    kPlaceOfDaemon.copy(address.sun_path, kPlaceOfDaemon.size());
    const UniqueFd caller{::socket(AF_UNIX, SOCK_SEQPACKET, 0)};
    ASSERT_EQ(::connect(caller.get(), reinterpret_cast<const sockaddr*>(&address),
                        offsetof(sockaddr_un, sun_path) + kPlaceOfDaemon.size()),
              0);
    const UniqueFd accepted{::accept(listener.get(), nullptr, nullptr)};
    EXPECT_TRUE(accepted);
}

}  // namespace
}  // namespace igd
