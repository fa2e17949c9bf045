// SPDX-License-Identifier: GPL-2.0-or-later
// libixml's documents become our values here, and never leave the device adapter.
#pragma once

#include "upnpd/igd/actions.h"

#include <ixml.h>
// libixml 1.8.4 leaks these macros.
#undef IN
#undef OUT
#undef INOUT
#undef TRUE
#undef FALSE

#include <memory>
#include <optional>
#include <string>

namespace igd::upnp {

struct IxmlDocumentFree {
    void operator()(IXML_Document* document) const noexcept { ixmlDocument_free(document); }
};
using IxmlDocument = std::unique_ptr<IXML_Document, IxmlDocumentFree>;

/// Returns the call in an action request, whose root is the action element; nullopt when there is
/// none.
[[nodiscard]] std::optional<SoapCall> callOf(IXML_Document* request);

/// Returns the response to `call`; null when libixml has no memory for it.
[[nodiscard]] IxmlDocument responseTo(const SoapCall& call, const std::vector<ArgumentValue>& out);

}  // namespace igd::upnp
