// SPDX-License-Identifier: GPL-2.0-or-later
// The lines that name the interfaces. Whatever is wrong with one is in the diagnostics.
#pragma once

#include "upnpd/config/settings.h"

#include <cstddef>
#include <string_view>

namespace igd {

/// A line with the value of a key; the key as it was written.
struct InterfaceLine {
    std::string_view file;
    std::size_t number{};
    std::string_view key;
    std::string_view value;
};

void readExternal(const InterfaceLine& line, ParsedConfiguration& into);

/// Reads the external interface of IPv6.
void readExternal6(const InterfaceLine& line, ParsedConfiguration& into);

/// Reads names of interfaces and patterns, with blanks or commas between them.
void readInternal(const InterfaceLine& line, ParsedConfiguration& into);

/// Reads miniupnpd's listening_ip: names, NAME/MASK, addresses and networks of the router.
void readListening(const InterfaceLine& line, ParsedConfiguration& into);

}  // namespace igd
