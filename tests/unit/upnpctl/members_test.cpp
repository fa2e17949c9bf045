// SPDX-License-Identifier: GPL-2.0-or-later
#include "members.h"

#include <gtest/gtest.h>

namespace igd::ctl {
namespace {

TEST(Members, MayBeMissingNullOrOfAnotherKind) {
    const Json object = Json::parse(R"({"text": "x", "number": 7, "null": null, "half": 0.5,
        "list": [1], "object": {"a": 1}})");
    EXPECT_EQ(textOf(object, "text"), "x");
    EXPECT_EQ(numberOf(object, "number"), 7);
    EXPECT_EQ(listOf(object, "list").size(), 1U);
    EXPECT_EQ(objectOf(object, "object").size(), 1U);
    for (const char* const key : {"null", "half", "none"}) {
        EXPECT_EQ(textOf(object, key, "?"), "?") << key;
        EXPECT_EQ(numberOf(object, key), std::nullopt) << key;
        EXPECT_TRUE(listOf(object, key).empty()) << key;
        EXPECT_TRUE(objectOf(object, key).empty()) << key;
    }
    EXPECT_EQ(textOf(Json(), "text", "?"), "?");
}

}  // namespace
}  // namespace igd::ctl
