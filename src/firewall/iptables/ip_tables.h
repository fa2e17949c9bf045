// SPDX-License-Identifier: GPL-2.0-or-later
// The differences between IPv4 and IPv6 in what the kernel has of legacy iptables.
#pragma once

#include "iptables/before_kernel.h"
#include "names.h"

#include <climits>  // which the headers of the kernel need
#include <cstddef>

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

namespace igd::firewall {

struct IpTables {
    using Rule = ipt_entry;
    using Header = ipt_ip;
    using Info = ipt_getinfo;
    static constexpr std::size_t kHeaderFilled =
        offsetof(ipt_ip, invflags) + sizeof(ipt_ip::invflags);
    static constexpr const char* kNamesFile = "/proc/net/ip_tables_names";
    static constexpr const char* kModule = "ip_tables";
    static constexpr const char* kTableModules = "iptable_";  // and the table's name
    static constexpr const Family& kNames = kMappingFamily;
    static constexpr int kFamily = AF_INET;
    static constexpr int kLevel = IPPROTO_IP;
    static constexpr int kGetInfo = IPT_SO_GET_INFO;
    static constexpr int kGetTarget = IPT_SO_GET_REVISION_TARGET;
    static constexpr int kGetMatch = IPT_SO_GET_REVISION_MATCH;
    static const Header& header(const Rule& rule) { return rule.ip; }
};

struct Ip6Tables {
    using Rule = ip6t_entry;
    using Header = ip6t_ip6;
    using Info = ip6t_getinfo;
    static constexpr std::size_t kHeaderFilled =
        offsetof(ip6t_ip6, invflags) + sizeof(ip6t_ip6::invflags);
    static constexpr const char* kNamesFile = "/proc/net/ip6_tables_names";
    static constexpr const char* kModule = "ip6_tables";
    static constexpr const char* kTableModules = "ip6table_";
    static constexpr const Family& kNames = kPinholeFamily;
    static constexpr int kFamily = AF_INET6;
    static constexpr int kLevel = IPPROTO_IPV6;
    static constexpr int kGetInfo = IP6T_SO_GET_INFO;
    static constexpr int kGetTarget = IP6T_SO_GET_REVISION_TARGET;
    static constexpr int kGetMatch = IP6T_SO_GET_REVISION_MATCH;
    static const Header& header(const Rule& rule) { return rule.ipv6; }
};

}  // namespace igd::firewall
