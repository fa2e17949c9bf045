// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/channel.h"

#include "upnpd/ipc/messages.h"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>

#include <sys/socket.h>

namespace igd::ipc {
namespace {

using Octets = std::vector<std::uint8_t>;

/// A message that tells its number, and is long enough to fill a socket soon.
Octets numbered(std::uint32_t number) {
    constexpr std::size_t kSize = 1000;
    Octets octets(kSize);
    for (std::size_t i = 0; i < sizeof number; ++i)
        octets[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return octets;
}

std::uint32_t numberOf(std::span<const std::uint8_t> octets) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < sizeof number; ++i)
        number |= static_cast<std::uint32_t>(octets[i]) << (8 * i);
    return number;
}

std::vector<std::uint32_t> upTo(std::uint32_t count) {
    std::vector<std::uint32_t> all;
    while (all.size() < count) all.push_back(static_cast<std::uint32_t>(all.size()));
    return all;
}

/// A channel whose other end is read by hand.
class ChannelTest : public testing::Test {
protected:
    /// The number of the next message; nullopt: none has arrived.
    std::optional<std::uint32_t> next() {
        std::array<std::uint8_t, kMaxMessage> octets{};
        const ssize_t size = ::recv(other.get(), octets.data(), octets.size(), MSG_DONTWAIT);
        if (size <= 0) return std::nullopt;
        return numberOf(octets);
    }

    /// Reads, and lets the loop write, until neither has anything to do.
    std::vector<std::uint32_t> drain() {
        std::vector<std::uint32_t> all;
        for (bool busy = true; busy;) {
            busy = loop.poll() != 0;
            while (const auto number = next()) {
                all.push_back(*number);
                busy = true;
            }
        }
        return all;
    }

    /// Sends messages from number `first` on until one is not taken. Returns its number.
    std::uint32_t flood(Channel& channel, std::uint32_t first = 0) {
        while (isOnItsWay(channel.send(numbered(first)))) ++first;
        return first;
    }

    boost::asio::io_context loop;
    std::pair<UniqueFd, UniqueFd> ends = makePair();
    UniqueFd other = std::move(ends.second);
};

TEST_F(ChannelTest, QueuesWhatTheOtherSideDoesNotReadAndLosesNothing) {
    Channel channel{loop, std::move(ends.first)};
    channel.receive([](Channel::Packet) {}, [] { FAIL() << "the channel is not lost"; });
    const std::uint32_t refused = flood(channel);
    EXPECT_GT(refused, 1024U) << "the queue's and the socket's";
    EXPECT_EQ(channel.send(numbered(refused)), Sent::Full) << "that is an answer, not an end";
    EXPECT_EQ(drain(), upTo(refused));
    EXPECT_EQ(channel.send(numbered(0)), Sent::Written) << "all is as at the beginning";
}

TEST_F(ChannelTest, KeepsTheOrderWhileItsQueueDrains) {
    Channel channel{loop, std::move(ends.first)};
    const std::uint32_t refused = flood(channel);
    std::vector<std::uint32_t> all;
    while (const auto number = next()) all.push_back(*number);
    EXPECT_EQ(channel.send(numbered(refused)), Sent::Full) << "the loop has not written meanwhile";
    loop.poll();
    EXPECT_EQ(channel.send(numbered(refused)), Sent::Queued) << "behind those that wait";
    const auto rest = drain();
    all.insert(all.end(), rest.begin(), rest.end());
    EXPECT_EQ(all, upTo(refused + 1));
}

TEST_F(ChannelTest, IsBoundedInOctetsToo) {
    Channel channel{
        loop, std::move(ends.first), Reading::Always, {.messages = 99999, .octets = 5000}};
    std::uint32_t written = 0;
    while (channel.send(numbered(written)) == Sent::Written) ++written;
    EXPECT_EQ(flood(channel, written + 1), written + 5) << "five messages of 1000 octets";
}

TEST_F(ChannelTest, KeepsOnlyTheNewestOnASubject) {
    Channel channel{loop, std::move(ends.first)};
    EXPECT_EQ(channel.sendLatest(2, numbered(1000001)), Sent::Written);
    const std::uint32_t refused = flood(channel);
    for (std::uint32_t i = 0; i < 5000; ++i)
        ASSERT_EQ(channel.sendLatest(2, numbered(2000000 + i)), Sent::Queued);
    auto expected = upTo(refused);
    expected.insert(expected.begin(), 1000001);
    expected.push_back(2004999);
    EXPECT_EQ(drain(), expected);
}

/// The other side asks on and on and reads no answer.
TEST_F(ChannelTest, ReadsNothingWhileItsAnswersAreNotRead) {
    Channel engine{loop, std::move(ends.first), Reading::UntilHalfFull};
    std::uint32_t asked = 0;
    engine.receive(
        [&](Channel::Packet packet) {
            ASSERT_EQ(numberOf(packet), asked++);
            ASSERT_TRUE(isOnItsWay(engine.send(packet))) << "there is room for each answer";
        },
        [] { FAIL() << "the channel is not lost"; });
    std::uint32_t sent = 0;
    const auto ask = [&] {
        while (::send(other.get(), numbered(sent).data(), 1000, MSG_DONTWAIT) > 0) ++sent;
    };
    for (int i = 0; i < 100; ++i) {
        ask();
        loop.poll();
    }
    const std::uint32_t before = asked;
    EXPECT_GT(sent, before) << "it has stopped reading";
    EXPECT_LT(before, 1024U) << "with half of the queue left";
    std::vector<std::uint32_t> answers;
    for (int i = 0; i < 100; ++i) {
        const auto some = drain();
        answers.insert(answers.end(), some.begin(), some.end());
        ask();
    }
    EXPECT_GT(sent, before + 1000) << "it reads again";
    const auto rest = drain();
    answers.insert(answers.end(), rest.begin(), rest.end());
    EXPECT_EQ(answers, upTo(sent));
}

TEST_F(ChannelTest, SaysOnceThatTheOtherSideHasGone) {
    Channel channel{loop, std::move(ends.first)};
    int lost = 0;
    channel.receive([](Channel::Packet) {}, [&] { ++lost; });
    other = UniqueFd{};
    EXPECT_EQ(channel.send(numbered(0)), Sent::Closed);
    loop.poll();
    EXPECT_EQ(lost, 1);
    EXPECT_EQ(channel.sendLatest(1, numbered(0)), Sent::Closed);
}

TEST_F(ChannelTest, NoticesThatTheOtherSideHasGoneWhileItReadsNothing) {
    Channel channel{loop, std::move(ends.first), Reading::UntilHalfFull};
    bool lost = false;
    channel.receive([](Channel::Packet) {}, [&] { lost = true; });
    flood(channel);
    ASSERT_GT(::send(other.get(), numbered(0).data(), 1000, MSG_DONTWAIT), 0);
    loop.poll();
    EXPECT_FALSE(lost);
    other = UniqueFd{};
    loop.poll();
    EXPECT_TRUE(lost);
}

TEST_F(ChannelTest, RefusesAMessageThatIsTooLong) {
    Channel channel{loop, std::move(ends.first)};
    bool lost = false;
    channel.receive([](Channel::Packet) { FAIL() << "it is none"; }, [&] { lost = true; });
    const Octets octets(kMaxMessage + 1);
    ASSERT_GT(::send(other.get(), octets.data(), octets.size(), MSG_DONTWAIT), 0);
    loop.poll();
    EXPECT_TRUE(lost);
}

TEST_F(ChannelTest, CallsNobodyAfterItsEnd) {
    auto channel = std::make_unique<Channel>(loop, std::move(ends.first));
    channel->receive([](Channel::Packet) { FAIL(); }, [] { FAIL(); });
    flood(*channel);
    ASSERT_GT(::send(other.get(), numbered(0).data(), 1000, MSG_DONTWAIT), 0);
    boost::asio::post(loop,
                      [&] { channel.reset(); });  // that there is something to read comes next
    loop.poll();
}

}  // namespace
}  // namespace igd::ipc
