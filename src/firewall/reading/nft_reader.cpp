// SPDX-License-Identifier: GPL-2.0-or-later
#include "reading/nft_reader.h"

#include <system_error>
#include <utility>

namespace igd::firewall {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

NftReader::NftReader(inspect::Ruleset& rules, inspect::NftNames own, inspect::NftScope scope)
    : decoder_(rules, std::move(own), scope) {
    try {
        witness_.emplace();
    } catch (const std::system_error&) {
        // Without the right for it, or without nftables: the first question says so.
    }
}

tl::expected<bool, ReadError> NftReader::readFor(std::chrono::microseconds budget) {
    const auto end = Clock::now() + budget;
    for (;;) {
        const auto done = step();
        if (!done || *done) return done;
        if (Clock::now() >= end) return false;
    }
}

/// Sends a question, or receives a part of an answer. Returns whether all is read.
tl::expected<bool, ReadError> NftReader::step() {
    if (!asked_) {
        const auto question = decoder_.next();
        if (!question) {
            if (wasChanged()) return tl::unexpected{ReadError::Interrupted};
            return true;
        }
        if (const auto sent = dump_.ask(*question); !sent) return tl::unexpected{sent.error()};
    }
    const auto last = dump_.receive([this](std::uint8_t type, std::span<const std::byte> message) {
        decoder_.take(type, message);
    });
    if (!last) return last;
    asked_ = !*last;
    return false;
}

/// The kernel says of an answer only that something changed, be it an element of any set.
bool NftReader::wasChanged() {
    if (!dump_.wasInterrupted()) return false;
    if (!witness_) return true;
    witness_->watch(decoder_.places());
    return witness_->drain() != Announced::Nothing;
}

NftReading NftReader::result() const {
    return {decoder_.places(), decoder_.ownHandles()};
}

tl::expected<NftReading, ReadError> readNft(inspect::Ruleset& rules, inspect::NftNames own) {
    NftReader reader{rules, std::move(own)};
    for (;;) {
        const auto done = reader.readFor(std::chrono::seconds{1});
        if (!done) return tl::unexpected{done.error()};
        if (*done) return reader.result();
    }
}

}  // namespace igd::firewall
