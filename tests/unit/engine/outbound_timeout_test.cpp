// SPDX-License-Identifier: GPL-2.0-or-later
#include "outbound_timeout.h"

#include "temporary_folder.h"

#include <gtest/gtest.h>

#include <fstream>

namespace igd {
namespace {

class OutboundTimeoutTest : public testing::Test {
protected:
    void write(const char* name, const char* text) const { std::ofstream{folder_ / name} << text; }
    TemporaryFolder folder_;
};

TEST_F(OutboundTimeoutTest, IsTheKernelsForFlowsOfThatProtocol) {
    write("nf_conntrack_udp_timeout_stream", "120\n");
    write("nf_conntrack_tcp_timeout_established", "432000\n");
    EXPECT_EQ(conntrackTimeout(Protocol::Udp, folder_ / ""), Seconds{120});
    EXPECT_EQ(conntrackTimeout(Protocol::Tcp, folder_ / ""), Seconds{432000});
}

TEST_F(OutboundTimeoutTest, IsUnknownWhereTheKernelDoesNotSay) {
    EXPECT_EQ(conntrackTimeout(Protocol::Udp, folder_ / ""), std::nullopt);
    for (const char* const text : {"", "soon\n", "-1\n", "99999999999\n"}) {
        write("nf_conntrack_udp_timeout_stream", text);
        EXPECT_EQ(conntrackTimeout(Protocol::Udp, folder_ / ""), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace igd
