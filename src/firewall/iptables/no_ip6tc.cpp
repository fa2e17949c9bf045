// SPDX-License-Identifier: GPL-2.0-or-later
// Built where IPv6 is left out: there is no table of IPv6 to read, so nothing else is ever called.
#include "iptables/iptc_calls.h"

#include <cerrno>
#include <cstring>

namespace igd::firewall {
namespace {

xtc_handle* noTable(const char* /*table*/) {
    errno = EAFNOSUPPORT;
    return nullptr;
}

const char* textOf(int number) {
    return std::strerror(number);
}

}  // namespace

template <>
const IptcCalls<Ip6Tables>& iptc<Ip6Tables>() {
    static constexpr IptcCalls<Ip6Tables> kCalls = [] {
        IptcCalls<Ip6Tables> calls{};
        calls.init = noTable;
        calls.error = textOf;
        return calls;
    }();
    return kCalls;
}

}  // namespace igd::firewall
