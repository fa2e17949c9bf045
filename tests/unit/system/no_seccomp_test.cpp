// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/confinement.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace igd {
namespace {

TEST(WithoutSeccomp, TheEngineStartsUnlessSeccompIsRequired) {
    EXPECT_NO_THROW(confineEngine());
    EXPECT_THROW(confineEngine(std::nullopt, Seccomp::Required), std::runtime_error);
}

}  // namespace
}  // namespace igd
