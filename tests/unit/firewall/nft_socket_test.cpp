// SPDX-License-Identifier: GPL-2.0-or-later
// Batches meet the kernel in tests/network/test_nft_elements.py.
#include "nft/nft_socket.h"

#include <gmock/gmock.h>

#include <cerrno>

namespace igd::firewall {
namespace {

using testing::StartsWith;

TEST(NftSocket, HasNothingToDoForAnEmptyBatch) {
    NftSocket socket;
    NftBatch batch;
    EXPECT_FALSE(socket.commit(batch));
}

TEST(NftSocket, NamesTheErrorsOfElements) {
    EXPECT_THAT(sentenceOf({EEXIST}), StartsWith("EEXIST: an element is there"));
    EXPECT_THAT(sentenceOf({ENOENT}), StartsWith("ENOENT: the table"));
    EXPECT_THAT(sentenceOf({ENOBUFS}), StartsWith("ENOBUFS: "));
    EXPECT_THAT(sentenceOf({EMSGSIZE}), StartsWith("EMSGSIZE: "));
    EXPECT_EQ(sentenceOf({EPERM}), "Operation not permitted");
}

}  // namespace
}  // namespace igd::firewall
