// SPDX-License-Identifier: GPL-2.0-or-later
// Answers for browsers, with the headers that keep other sites from them. Pure.
#pragma once

#include "http/http_message.h"

#include <string>
#include <string_view>

namespace igd::upnp {

/// A document that nobody keeps, frames or reads from another site.
[[nodiscard]] Response pageResponse(std::string html);

/// A sentence, and the way back to the page. `sentence` is ours, not a stranger's.
[[nodiscard]] Response pageNotice(http::status status, std::string_view sentence);

/// Leads to the page by GET, so that loading it again does not send a form again.
[[nodiscard]] Response backToPage();

}  // namespace igd::upnp
