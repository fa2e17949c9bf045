// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables/iptc_calls.h"

#include <libiptc/libiptc.h>

namespace igd::firewall {

template <>
const IptcCalls<IpTables>& iptc<IpTables>() {
    static constexpr IptcCalls<IpTables> kCalls{.init = ::iptc_init,
                                                .free = ::iptc_free,
                                                .isChain = ::iptc_is_chain,
                                                .firstChain = ::iptc_first_chain,
                                                .nextChain = ::iptc_next_chain,
                                                .firstRule = ::iptc_first_rule,
                                                .nextRule = ::iptc_next_rule,
                                                .target = ::iptc_get_target,
                                                .policy = ::iptc_get_policy,
                                                .append = ::iptc_append_entry,
                                                .insert = ::iptc_insert_entry,
                                                .erase = ::iptc_delete_entry,
                                                .eraseNumber = ::iptc_delete_num_entry,
                                                .flush = ::iptc_flush_entries,
                                                .createChain = ::iptc_create_chain,
                                                .eraseChain = ::iptc_delete_chain,
                                                .commit = ::iptc_commit,
                                                .error = ::iptc_strerror};
    return kCalls;
}

}  // namespace igd::firewall
