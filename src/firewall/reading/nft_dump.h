// SPDX-License-Identifier: GPL-2.0-or-later
// Questions about the rules of nftables to the kernel and its answers, message by message.
#pragma once

#include "upnpd/inspect/nft_decoder.h"
#include "upnpd/util/unique_fd.h"

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace igd::firewall {

enum class ReadError : std::uint8_t {
    NoNftables,    ///< the kernel has none
    NotPermitted,  ///< CAP_NET_ADMIN is missing
    Interrupted,   ///< somebody changed the rules meanwhile, or memory was short: look again later
    Failed,        ///< the kernel said something else
};

class NftDump {
public:
    /// Gets the lower octet of nlmsg_type, and what follows the netlink header.
    using Take = std::function<void(std::uint8_t, std::span<const std::byte>)>;

    /// A kernel without netfilter's netlink is told by the first ask().
    NftDump();

    /// Sends a question; the answers to the one before have been received.
    [[nodiscard]] tl::expected<void, ReadError> ask(const inspect::NftQuestion& question);

    /// Waits for one datagram of the answer, at most a second, and hands its messages to `take`.
    /// Returns whether the answer ends with it. What is asked for and is not there has an empty
    /// answer.
    [[nodiscard]] tl::expected<bool, ReadError> receive(const Take& take);

    /// Returns whether rules or elements changed while an answer was on its way (NLM_F_DUMP_INTR).
    [[nodiscard]] bool wasInterrupted() const { return interrupted_; }

private:
    [[nodiscard]] tl::expected<bool, ReadError> takeAll(std::size_t size, const Take& take);

    UniqueFd socket_;
    std::vector<std::byte> buffer_;
    std::uint32_t sequence_ = 0;
    bool dump_ = false;  ///< the question has an answer of several messages
    bool interrupted_ = false;
};

}  // namespace igd::firewall
