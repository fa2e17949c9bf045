// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/names/name_reader.h"

#include "upnpd/ipc/channel.h"
#include "upnpd/names/name_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include <sys/mman.h>
#include <unistd.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

UniqueFd fileWith(std::string_view text) {
    UniqueFd file{::memfd_create("leases", MFD_CLOEXEC)};
    EXPECT_EQ(::pwrite(file.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
    return file;
}

std::string contentOf(const UniqueFd& file) {
    std::array<char, 64> text{};
    const ssize_t size = ::pread(file.get(), text.data(), text.size(), 0);
    return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

TEST(NameReader, GetsFilesAndAddresses) {
    const auto [engine, reader] = ipc::makePair();
    std::vector<UniqueFd> files;
    files.push_back(fileWith("one"));
    files.push_back(fileWith("two"));
    const IpAddress four = parseIpAddress("192.168.1.10").value();
    const IpAddress six = parseIpAddress("2001:db8::10").value();
    ASSERT_TRUE(sendTask(engine.get(), files, {four, six}));
    files.clear();
    const auto task = receiveTask(reader.get());
    ASSERT_TRUE(task);
    ASSERT_EQ(task->files.size(), 2U);
    EXPECT_EQ(contentOf(task->files[0]), "one");
    EXPECT_EQ(contentOf(task->files[1]), "two");
    EXPECT_THAT(task->addresses, ElementsAre(four, six));
}

TEST(NameReader, GetsATaskWithoutAnything) {
    const auto [engine, reader] = ipc::makePair();
    ASSERT_TRUE(sendTask(engine.get(), {}, {}));
    const auto task = receiveTask(reader.get());
    ASSERT_TRUE(task);
    EXPECT_THAT(task->files, IsEmpty());
    EXPECT_THAT(task->addresses, IsEmpty());
    EXPECT_FALSE(receiveTask(reader.get())) << "there is no second one";
}

TEST(NameReader, GetsNoMoreThanItTakes) {
    const auto [engine, reader] = ipc::makePair();
    std::vector<UniqueFd> files;
    for (std::size_t i = 0; i <= NameQuery::kMaxFiles; ++i) files.push_back(fileWith("x"));
    EXPECT_FALSE(sendTask(engine.get(), files, {}));
    const std::vector<IpAddress> most(
        NameQuery::kMaxAddresses, parseIpAddress("2001:db8:1111:2222:3333:4444:5555:6666").value());
    ASSERT_TRUE(sendTask(engine.get(), {}, most));
    EXPECT_EQ(receiveTask(reader.get())->addresses, most);
}

}  // namespace
}  // namespace igd
