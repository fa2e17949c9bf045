// SPDX-License-Identifier: GPL-2.0-or-later
// The differences between IPv4 and IPv6 in libiptc and in the kernel's structures.
#pragma once

#include "iptables/ip6t_entry.h"
#include "iptables/ipt_entry.h"
#include "names.h"

#include <libiptc/libiptc.h>

#include <cstddef>

extern "C" {  // which libiptc.h says of itself, and this one does not
#include <libiptc/libip6tc.h>
}

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

    static constexpr auto init = ::iptc_init;
    static constexpr auto free = ::iptc_free;
    static constexpr auto isChain = ::iptc_is_chain;
    static constexpr auto firstChain = ::iptc_first_chain;
    static constexpr auto nextChain = ::iptc_next_chain;
    static constexpr auto firstRule = ::iptc_first_rule;
    static constexpr auto nextRule = ::iptc_next_rule;
    static constexpr auto target = ::iptc_get_target;
    static constexpr auto policy = ::iptc_get_policy;
    static constexpr auto append = ::iptc_append_entry;
    static constexpr auto insert = ::iptc_insert_entry;
    static constexpr auto erase = ::iptc_delete_entry;
    static constexpr auto eraseNumber = ::iptc_delete_num_entry;
    static constexpr auto flush = ::iptc_flush_entries;
    static constexpr auto createChain = ::iptc_create_chain;
    static constexpr auto eraseChain = ::iptc_delete_chain;
    static constexpr auto commit = ::iptc_commit;
    static constexpr auto error = ::iptc_strerror;
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

    static constexpr auto init = ::ip6tc_init;
    static constexpr auto free = ::ip6tc_free;
    static constexpr auto isChain = ::ip6tc_is_chain;
    static constexpr auto firstChain = ::ip6tc_first_chain;
    static constexpr auto nextChain = ::ip6tc_next_chain;
    static constexpr auto firstRule = ::ip6tc_first_rule;
    static constexpr auto nextRule = ::ip6tc_next_rule;
    static constexpr auto target = ::ip6tc_get_target;
    static constexpr auto policy = ::ip6tc_get_policy;
    static constexpr auto append = ::ip6tc_append_entry;
    static constexpr auto insert = ::ip6tc_insert_entry;
    static constexpr auto erase = ::ip6tc_delete_entry;
    static constexpr auto eraseNumber = ::ip6tc_delete_num_entry;
    static constexpr auto flush = ::ip6tc_flush_entries;
    static constexpr auto createChain = ::ip6tc_create_chain;
    static constexpr auto eraseChain = ::ip6tc_delete_chain;
    static constexpr auto commit = ::ip6tc_commit;
    static constexpr auto error = ::ip6tc_strerror;
};

}  // namespace igd::firewall
