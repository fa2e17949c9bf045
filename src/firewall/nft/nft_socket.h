// SPDX-License-Identifier: GPL-2.0-or-later
// The netlink socket of nftables: sends a batch, asks for one element. The kernel has answered when
// a message is sent, so nothing is waited for.
#pragma once

#include "nft/nft_batch.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

struct nl_sock;

namespace igd::firewall {

/// Why the kernel has refused a batch, of which nothing is done then.
struct NftRefusal {
    int error = 0;               ///< errno's
    std::uint32_t sequence = 0;  ///< of the message; 0: the batch
};

/// Returns the name of the error and what it means for a change of elements.
[[nodiscard]] std::string sentenceOf(const NftRefusal& refusal);

class NftSocket {
public:
    /// Opens it while the rights are there. On a kernel without it each batch is refused.
    NftSocket();

    /// Returns nullopt when the whole of `batch` is done; an empty one is done at once.
    [[nodiscard]] std::optional<NftRefusal> commit(NftBatch& batch);

    /// Returns the kernel's answer to a question; nullopt: there is no such element, or no answer.
    [[nodiscard]] std::optional<NftMessage> ask(const NftElement& element);

private:
    struct Free {
        void operator()(nl_sock* socket) const noexcept;
    };
    [[nodiscard]] int send(std::span<const std::uint8_t> octets);
    /// Returns the octets of the next answer, or errno below 0.
    [[nodiscard]] int receive();
    [[nodiscard]] std::optional<NftRefusal> answers(std::uint32_t last);

    std::unique_ptr<nl_sock, Free> socket_;
    alignas(std::uint64_t) std::array<std::uint8_t, 4096> received_{};
};

}  // namespace igd::firewall
