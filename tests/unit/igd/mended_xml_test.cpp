// SPDX-License-Identifier: GPL-2.0-or-later
#include "mended_xml.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

TEST(MendedXml, TakesBareAmpersandsForThemselves) {
    EXPECT_EQ(mendedXml("Tom & Jerry&Co &amp; &#38; &#x26; &lt; &foo; &"),
              "Tom &amp; Jerry&amp;Co &amp; &#38; &#x26; &lt; &amp;foo; &amp;");
    EXPECT_EQ(mendedXml(""), "");
    EXPECT_EQ(mendedXml("&#;&#x;&;"), "&amp;#;&amp;#x;&amp;;");
}

TEST(MendedXml, ReadsNoReferenceToWhatXmlForbids) {
    EXPECT_EQ(mendedXml("&#0;&#x1b;&#xD800;&#xFFFE;&#x110000;"),
              "&amp;#0;&amp;#x1b;&amp;#xD800;&amp;#xFFFE;&amp;#x110000;");
    EXPECT_EQ(mendedXml("&#9;&#x10FFFF;"), "&#9;&#x10FFFF;");
}

TEST(MendedXml, TakesABareLessThanForItself) {
    EXPECT_EQ(mendedXml("<a>1 < 2 <3</a><!-- --><?x?><u:b/><"),
              "<a>1 &lt; 2 &lt;3</a><!-- --><?x?><u:b/>&lt;");
}

TEST(MendedXml, DropsWhatXmlForbids) {
    using namespace std::string_view_literals;
    EXPECT_EQ(mendedXml("a\0\x01\x1b\t\xef\xbf\xbf\xc3\xa9"sv), "a\t\xc3\xa9");
}

}  // namespace
}  // namespace igd
