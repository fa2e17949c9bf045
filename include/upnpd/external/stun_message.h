// SPDX-License-Identifier: GPL-2.0-or-later
// STUN (RFC 8489), as much of it as it takes to ask a server which address one's datagrams come
// from: the Binding request, its answer, and when to ask again. Pure: octets in, octets out.
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

/// Section 18.6.
constexpr Port kPort{3478};

/// Section 5: to be of 96 bits that nobody can guess, and of one request alone.
using TransactionId = std::array<std::uint8_t, 12>;

/// A Binding request without credentials, and with FINGERPRINT (sections 5, 14.7).
[[nodiscard]] std::vector<std::uint8_t> bindingRequest(const TransactionId& id);

struct Problem {
    enum class Kind : std::uint8_t {
        NotOurs,  ///< no answer to that request: to be dropped, and waited on (section 6.3)
        Refused,  ///< the answer, and there is no address in it for us: asking on is no use
    };
    Kind kind{};
    std::string text;  ///< what is wrong, for the log
};

/// From where the server saw the request `id` come (sections 6.3.3 and 6.3.4): XOR-MAPPED-ADDRESS,
/// or else MAPPED-ADDRESS. A response of another server, port or transaction is the caller's to
/// drop before; of another transaction it is NotOurs here, too. ALTERNATE-SERVER (300) is Refused,
/// for nobody follows it.
[[nodiscard]] tl::expected<IpEndpoint, Problem> decodeResponse(
    std::span<const std::uint8_t> datagram, const TransactionId& id);

/// How long to wait for an answer when the request has been sent `sent` times, which counts from 1
/// (section 6.2.1: RTO 500 ms, Rc 7, Rm 16); then it is sent again. nullopt: it is not, nobody
/// answers.
[[nodiscard]] std::optional<std::chrono::milliseconds> waitAfter(unsigned sent);

}  // namespace igd::stun
