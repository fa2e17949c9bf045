// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "upnpd/upnp/notifier.h"

#include <optional>
#include <string_view>

namespace igd {

/// Returns what a NOTIFY of libupnp's says; nullopt when `datagram` is none, or lacks NT, NTS or
/// USN.
[[nodiscard]] std::optional<Notice> noticeIn(std::string_view datagram);

}  // namespace igd
