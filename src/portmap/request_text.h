// SPDX-License-Identifier: GPL-2.0-or-later
// Requests in words, for the log.
#pragma once

#include "upnpd/portmap/observer.h"
#include "upnpd/portmap/openings.h"
#include "upnpd/util/log.h"

#include <string>

namespace igd {

/// Returns the log line of a refusal: what was asked, by whom, by which protocol, and why not.
[[nodiscard]] std::string refusalLine(const Change& change, const Refusal& refusal);

/// Returns what the observer is told of it.
[[nodiscard]] RefusalEvent refusalEvent(const Change& change, const Refusal& refusal);

/// Returns what that line is about.
[[nodiscard]] log::Subject refusalSubject(const Change& change);

}  // namespace igd
