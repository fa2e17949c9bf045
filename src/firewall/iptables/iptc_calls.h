// SPDX-License-Identifier: GPL-2.0-or-later
// The functions of libiptc, by family. Each family's library is named in one file: ip4tc.cpp, and
// ip6tc.cpp, for which no_ip6tc.cpp stands where IPv6 is left out.
#pragma once

#include "iptables/ip_tables.h"

struct xtc_handle;

namespace igd::firewall {

/// `Ip` is IpTables or Ip6Tables. See <libiptc/libiptc.h>.
template <class Ip>
struct IptcCalls {
    using Rule = typename Ip::Rule;

    xtc_handle* (*init)(const char* table);
    void (*free)(xtc_handle* handle);
    int (*isChain)(const char* chain, xtc_handle* handle);
    const char* (*firstChain)(xtc_handle* handle);
    const char* (*nextChain)(xtc_handle* handle);
    const Rule* (*firstRule)(const char* chain, xtc_handle* handle);
    const Rule* (*nextRule)(const Rule* before, xtc_handle* handle);
    const char* (*target)(const Rule* rule, xtc_handle* handle);
    const char* (*policy)(const char* chain, xt_counters* counters, xtc_handle* handle);
    int (*append)(const char* chain, const Rule* rule, xtc_handle* handle);
    int (*insert)(const char* chain, const Rule* rule, unsigned number, xtc_handle* handle);
    int (*erase)(const char* chain, const Rule* rule, unsigned char* mask, xtc_handle* handle);
    int (*eraseNumber)(const char* chain, unsigned number, xtc_handle* handle);
    int (*flush)(const char* chain, xtc_handle* handle);
    int (*createChain)(const char* chain, xtc_handle* handle);
    int (*eraseChain)(const char* chain, xtc_handle* handle);
    int (*commit)(xtc_handle* handle);
    const char* (*error)(int number);
};

template <class Ip>
[[nodiscard]] const IptcCalls<Ip>& iptc();
template <>
const IptcCalls<IpTables>& iptc<IpTables>();
template <>
const IptcCalls<Ip6Tables>& iptc<Ip6Tables>();

}  // namespace igd::firewall
