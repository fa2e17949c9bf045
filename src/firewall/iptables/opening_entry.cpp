// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables/opening_entry.h"

#include "iptables/entry_builder.h"

namespace igd::firewall {
namespace {

void setProtocol(ipt_ip& header, Protocol protocol) {
    header.proto = static_cast<std::uint8_t>(protocol);
}
void setProtocol(ip6t_ip6& header, Protocol protocol) {
    header.proto = static_cast<std::uint8_t>(protocol);
    header.flags |= IP6T_F_PROTO;
}

xt_conntrack_mtinfo3 inState(unsigned bits) {
    xt_conntrack_mtinfo3 flow{};
    flow.match_flags = XT_CONNTRACK_STATE;
    flow.state_mask = static_cast<std::uint16_t>(bits);
    return flow;
}

constexpr unsigned kNew = XT_CONNTRACK_STATE_BIT(IP_CT_NEW);
constexpr unsigned kOthers =
    XT_CONNTRACK_STATE_BIT(IP_CT_ESTABLISHED) | XT_CONNTRACK_STATE_BIT(IP_CT_RELATED);

}  // namespace

template <class Ip>
Entry openingEntry(const inspect::Opening& opening, const OpeningForm& form) {
    BasicEntryBuilder<Ip> entry;
    if (opening.in) entry.in(InterfaceName::parse(*opening.in).value());
    if (opening.out) entry.out(InterfaceName::parse(*opening.out).value());
    if (opening.protocol)
        entry.header([&](auto& header) { setProtocol(header, *opening.protocol); });
    if (form.markBits != 0) matchMark(entry, form.markBits);
    if (form.translated) entry.match("conntrack", 3, inState(XT_CONNTRACK_STATE_DNAT));
    if (opening.fresh != opening.established)
        entry.match("conntrack", 3, inState(opening.fresh ? kNew : kOthers));
    return matchComment(entry, opening.comment(form.tag)).jump(form.target);
}

template Entry openingEntry<IpTables>(const inspect::Opening&, const OpeningForm&);
template Entry openingEntry<Ip6Tables>(const inspect::Opening&, const OpeningForm&);

}  // namespace igd::firewall
