// SPDX-License-Identifier: GPL-2.0-or-later
#include "approvals_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::ctl {
namespace {

TEST(ApprovalsText, ListsWhoWaitsAndWhoMay) {
    EXPECT_EQ(approvalsText(Json::object()), "nobody waits\n");
    const Json approvals = Json::parse(R"({"waiting": [{"host": "02:00:00:00:00:09",
        "address": "192.168.1.9", "what": "udp 3074 -> 192.168.1.9:3074", "via": "pcp", "ago": 90,
        "count": 3}], "hosts": [{"host": "02:00:00:00:00:10", "since": null, "protocol": null,
        "port": null}, {"host": "02:00:00:00:00:11", "protocol": "tcp", "port": 80}]})");
    const std::string text = approvalsText(approvals);
    EXPECT_THAT(text, testing::HasSubstr("\n02:00:00:00:00:09  192.168.1.9  pcp  udp 3074 -> "
                                         "192.168.1.9:3074  1m 30s ago (3 times)\n"));
    EXPECT_THAT(text, testing::HasSubstr("\nAPPROVED           PORT\n02:00:00:00:00:10\n"
                                         "02:00:00:00:00:11  tcp 80\n"));
}

}  // namespace
}  // namespace igd::ctl
