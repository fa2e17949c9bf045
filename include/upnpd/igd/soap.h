// SPDX-License-Identifier: GPL-2.0-or-later
// SOAP requests of strangers: read with a streaming parser under bounds, written again in one canonical form.
// libupnp only ever sees what canonicalRequest() wrote.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace igd {

using ArgumentValue = std::pair<std::string, std::string>;  ///< name, value (unescaped, trimmed)

struct SoapCall {
    std::string serviceType;  ///< namespace of the action element
    std::string action;
    std::vector<ArgumentValue> arguments;  ///< in the order of the request
};

enum class SoapFault {
    Malformed,  ///< not well-formed, no envelope, no body, a DTD, too deep, too many elements: HTTP 400
    Mismatch,   ///< SOAPACTION and body name different actions or services: HTTP 400
};

/// `soapAction` is the header's value, with or without quotes of either kind. Tolerated (igd.md section 14):
/// BOM, any prefixes, SOAP Header, attributes, trailing NUL, comments.
[[nodiscard]] tl::expected<SoapCall, SoapFault> parseSoapRequest(std::string_view soapAction,
                                                                 std::string_view body);

/// The call as an envelope that any SOAP parser reads; the values are escaped.
[[nodiscard]] std::string canonicalRequest(const SoapCall& call);

}  // namespace igd
