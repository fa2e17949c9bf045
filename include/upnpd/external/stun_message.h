// SPDX-License-Identifier: GPL-2.0-or-later
// STUN (RFC 8489) tells a host from which address its datagrams come. This file has the Binding
// request, its answer, and when to ask again. It is pure: octets in, octets out.
#pragma once

#include "upnpd/net/ip_endpoint.h"

#include <tl/expected.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace igd::stun {

/// STUN's port (section 18.6).
constexpr Port kPort{3478};

/// A transaction id has 96 bits that nobody can guess, and serves one request alone (section 5).
using TransactionId = std::array<std::uint8_t, 12>;

/// Returns a Binding request without credentials and with FINGERPRINT (sections 5, 14.7).
[[nodiscard]] std::vector<std::uint8_t> bindingRequest(const TransactionId& id);

struct Problem {
    enum class Kind : std::uint8_t {
        NotOurs,  ///< no answer to that request: to be dropped, and waited on (section 6.3)
        Refused,  ///< the answer, and there is no address in it for us: asking on is no use
    };
    Kind kind{};
    std::string text;  ///< what is wrong, for the log
};

/// Returns from where the server saw the request `id` come (sections 6.3.3 and 6.3.4):
/// XOR-MAPPED-ADDRESS, or else MAPPED-ADDRESS. The caller drops responses of another server or port
/// before; a response of another transaction is NotOurs. ALTERNATE-SERVER (300) is Refused, because
/// no other server is asked.
[[nodiscard]] tl::expected<IpEndpoint, Problem> decodeResponse(
    std::span<const std::uint8_t> datagram, const TransactionId& id);

/// Returns how long to wait for an answer when the request has been sent `sent` times, which counts
/// from 1 (section 6.2.1: RTO 500 ms, Rc 7, Rm 16); then it is sent again. nullopt: it is not sent
/// again, because nobody answers.
[[nodiscard]] std::optional<std::chrono::milliseconds> waitAfter(unsigned sent);

}  // namespace igd::stun
