// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/send_queue.h"

#include <gtest/gtest.h>

namespace igd::ipc {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets allOf(SendQueue& queue) {
    Octets all;
    for (; !queue.isEmpty(); queue.pop())
        all.insert(all.end(), queue.front().begin(), queue.front().end());
    return all;
}

TEST(SendQueue, KeepsTheOrder) {
    SendQueue queue{{}};
    for (const std::uint8_t one : Octets{1, 2, 3}) EXPECT_TRUE(queue.push(Octets{one}));
    EXPECT_EQ(allOf(queue), (Octets{1, 2, 3}));
}

TEST(SendQueue, HoldsSoManyMessages) {
    SendQueue queue{{.messages = 2, .octets = 100}};
    EXPECT_TRUE(queue.push(Octets{1}) && queue.push(Octets{2}));
    EXPECT_FALSE(queue.push(Octets{3}));
    queue.pop();
    EXPECT_TRUE(queue.push(Octets{4}));
    EXPECT_EQ(allOf(queue), (Octets{2, 4})) << "without the one that was refused";
}

TEST(SendQueue, HoldsSoManyOctets) {
    SendQueue queue{{.messages = 100, .octets = 4}};
    EXPECT_TRUE(queue.push(Octets{1, 1, 1}));
    EXPECT_FALSE(queue.push(Octets{2, 2}));
    EXPECT_TRUE(queue.push(Octets{3}));
    queue.pop();
    EXPECT_TRUE(queue.push(Octets{4, 4, 4}));
}

TEST(SendQueue, SaysWhenMoreThanHalfIsTaken) {
    SendQueue messages{{.messages = 4, .octets = 100}};
    EXPECT_TRUE(messages.push(Octets{1}) && messages.push(Octets{2}));
    EXPECT_FALSE(messages.isMoreThanHalfFull());
    EXPECT_TRUE(messages.push(Octets{3}));
    EXPECT_TRUE(messages.isMoreThanHalfFull());
    messages.pop();
    EXPECT_FALSE(messages.isMoreThanHalfFull());
    SendQueue octets{{.messages = 100, .octets = 4}};
    EXPECT_TRUE(octets.push(Octets{1, 1, 1}));
    EXPECT_TRUE(octets.isMoreThanHalfFull());
    octets.clear();
    EXPECT_FALSE(octets.isMoreThanHalfFull());
    EXPECT_TRUE(octets.isEmpty());
}

TEST(SendQueue, KeepsTheNewestOnEachSubjectInTheEarliestPlace) {
    SendQueue queue{{.messages = 2, .octets = 6}};
    queue.pushLatest(1, Octets{10});
    EXPECT_TRUE(queue.push(Octets{2}));
    queue.pushLatest(7, Octets{70});
    queue.pushLatest(1, Octets{11, 12});
    EXPECT_FALSE(queue.push(Octets{3})) << "those count in the bounds";
    EXPECT_EQ(allOf(queue), (Octets{11, 12, 2, 70}));
    EXPECT_TRUE(queue.push(Octets{1, 2, 3, 4, 5, 6})) << "all octets are free again";
}

}  // namespace
}  // namespace igd::ipc
