// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/util/build_parts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace igd {
namespace {

constexpr BuildPart kAll[] = {BuildPart::Nftables, BuildPart::Iptables, BuildPart::Pcp,
                              BuildPart::Ipv6,     BuildPart::Seccomp,  BuildPart::Systemd,
                              BuildPart::Redis};

/// Returns its name, as messages have it.
std::string nameOf(BuildPart part) {
    return builtWithout(part).substr(std::string{"this upnpd was built without "}.size());
}

TEST(BuildParts, AreNamedInOneOfTwoLines) {
    const std::string text = buildPartsText();
    const auto second = std::min(text.find("\nleft out: "), text.size());
    for (const BuildPart part : kAll) {
        const bool first = text.substr(0, second).find(nameOf(part)) != std::string::npos;
        const bool last = text.substr(second).find(nameOf(part)) != std::string::npos;
        EXPECT_EQ(first, isBuiltIn(part)) << text;
        EXPECT_EQ(last, !isBuiltIn(part)) << text;
    }
}

TEST(BuildParts, IncludeABackEnd) {
    EXPECT_TRUE(isBuiltIn(BuildPart::Nftables) || isBuiltIn(BuildPart::Iptables));
}

TEST(BuildParts, AreNamedWhereSomethingNeedsThem) {
    EXPECT_EQ(builtWithout(BuildPart::Iptables), "this upnpd was built without iptables");
}

}  // namespace
}  // namespace igd
