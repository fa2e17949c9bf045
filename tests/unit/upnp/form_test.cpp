// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/form.h"

#include <gtest/gtest.h>

namespace igd::upnp {
namespace {

TEST(Form, FindsAndDecodesAField) {
    const auto* const body = "token=ab&password=a+b%21%c3%A4&id=12";
    EXPECT_EQ(formField(body, "token"), "ab");
    EXPECT_EQ(formField(body, "password"), "a b!\xc3\xa4");
    EXPECT_EQ(formField(body, "id"), "12");
    EXPECT_EQ(formField(body, "i"), std::nullopt);
    EXPECT_EQ(formField("a=1&a=2", "a"), "1") << "the first counts";
    EXPECT_EQ(formField("a=b=c", "a"), "b=c");
    EXPECT_EQ(formField("&&a=1&", "a"), "1");
    EXPECT_EQ(formField("a", "a"), "");
    EXPECT_EQ(formField("a=", "a"), "");
    EXPECT_EQ(formField("", "a"), std::nullopt);
}

TEST(Form, RefusesWhatIsNotEncoded) {
    for (const auto* body : {"a=%", "a=%4", "a=%4g", "a=%g4", "a=%+1", "a=%4&b=1"})
        EXPECT_EQ(formField(body, "a"), std::nullopt) << body;
    EXPECT_EQ(formField("a=%00", "a"), std::string(1, '\0'));
}

TEST(Form, HasALength) {
    const std::string longest = "a=" + std::string(kMaxForm - 2, 'x');
    EXPECT_EQ(formField(longest, "a"), longest.substr(2));
    EXPECT_EQ(formField(longest + "x", "a"), std::nullopt);
}

}  // namespace
}  // namespace igd::upnp
