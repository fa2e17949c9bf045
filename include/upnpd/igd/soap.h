// SPDX-License-Identifier: GPL-2.0-or-later
// SOAP requests of strangers are read by a streaming parser under bounds, and the answers are
// written.
#pragma once

#include <tl/expected.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace igd {

using ArgumentValue = std::pair<std::string, std::string>;  ///< name, value (unescaped, trimmed)

/// A call that was read. `serviceType` and `action` are printable ASCII without blanks and double
/// quotes, so they may stand in a log line or a name.
struct SoapCall {
    std::string serviceType;  ///< namespace of the action element, else of SOAPACTION
    std::string action;
    std::vector<ArgumentValue>
        arguments;  ///< in the order of the request; a doubled one stands twice
    bool operator==(const SoapCall&) const = default;
};

/// The type of QueryStateVariable (UDA 1.0 section 3.3), a call with the one argument `varName`.
constexpr std::string_view kQueryType = "urn:schemas-upnp-org:control-1-0";
constexpr std::string_view kQueryAction = "QueryStateVariable";

enum class SoapFault {
    Malformed,  ///< not well-formed, no envelope or body, a DTD, or above a bound: 400
    Mismatch,   ///< SOAPACTION and body name different actions or services, or none: 401
};

/// The largest body in octets. A larger one is Malformed; the reader of the network should have
/// stopped before.
constexpr std::size_t kMaxSoapBody = 1 << 20;

/// Reads a request. `soapAction` is the header's value, with or without quotes of either kind; what
/// it does not name counts as the body names it, and a service type that the body does not name as
/// the header does. `charset` is the parameter of Content-Type. It tolerates a BOM, other encodings
/// than UTF-8 (see documentInUtf8()), any prefixes, any namespace of the envelope (SOAP 1.2), bare
/// ampersands, control characters, a SOAP Header, attributes, a trailing NUL and comments. Its
/// bounds are 16 levels, 64 elements, 4096 octets in an argument, and 64 in the name of an action
/// or argument.
[[nodiscard]] tl::expected<SoapCall, SoapFault> parseSoapRequest(std::string_view soapAction,
                                                                 std::string_view body,
                                                                 std::string_view charset = {});

/// Returns the answer to `call`, with its out-arguments in their order and their values escaped
/// (UDA 1.1 section 3.2.2).
[[nodiscard]] std::string soapResponse(const SoapCall& call, const std::vector<ArgumentValue>& out);

/// Returns the answer to QueryStateVariable (UDA 1.0 section 3.3.2).
[[nodiscard]] std::string soapQueryResponse(std::string_view value);

/// Returns the fault that tells of a UPnP error (UDA 1.1 section 3.2.3). The error has no text of a
/// client's.
[[nodiscard]] std::string soapFault(int code, std::string_view description);

}  // namespace igd
