// SPDX-License-Identifier: GPL-2.0-or-later
// Datagrams that get no answer, counted by their reason. The log is told at 1, 2, 4, 8 ... of them:
// nobody fills it.
#pragma once

#include "upnpd/net/interface_name.h"

#include <cstdint>
#include <map>
#include <string_view>

namespace igd::portcontrol {

class DropCounter {
public:
    explicit DropCounter(InterfaceName interface) : interface_(std::move(interface)) {}

    void count(std::string_view reason);

private:
    InterfaceName interface_;
    std::map<std::string_view, std::uint64_t> counts_;
};

}  // namespace igd::portcontrol
