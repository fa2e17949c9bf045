// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables/iptc_calls.h"

extern "C" {  // which libiptc.h says of itself, and this one does not
#include <libiptc/libip6tc.h>
}

namespace igd::firewall {

template <>
const IptcCalls<Ip6Tables>& iptc<Ip6Tables>() {
    static constexpr IptcCalls<Ip6Tables> kCalls{.init = ::ip6tc_init,
                                                 .free = ::ip6tc_free,
                                                 .isChain = ::ip6tc_is_chain,
                                                 .firstChain = ::ip6tc_first_chain,
                                                 .nextChain = ::ip6tc_next_chain,
                                                 .firstRule = ::ip6tc_first_rule,
                                                 .nextRule = ::ip6tc_next_rule,
                                                 .target = ::ip6tc_get_target,
                                                 .policy = ::ip6tc_get_policy,
                                                 .append = ::ip6tc_append_entry,
                                                 .insert = ::ip6tc_insert_entry,
                                                 .erase = ::ip6tc_delete_entry,
                                                 .eraseNumber = ::ip6tc_delete_num_entry,
                                                 .flush = ::ip6tc_flush_entries,
                                                 .createChain = ::ip6tc_create_chain,
                                                 .eraseChain = ::ip6tc_delete_chain,
                                                 .commit = ::ip6tc_commit,
                                                 .error = ::ip6tc_strerror};
    return kCalls;
}

}  // namespace igd::firewall
