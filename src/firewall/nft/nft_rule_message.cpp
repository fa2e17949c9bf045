// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/nft_rule_message.h"

#include "nft/nft_writer.h"
#include "xt_alignment.h"

#include "upnpd/inspect/packet.h"

#include <array>
#include <cstring>
#include <string_view>
#include <vector>

#include <linux/if.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_comment.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_mark.h>

namespace igd::firewall {
namespace {

using Octets = std::vector<std::uint8_t>;

std::uint8_t familyOf(const inspect::Chain& chain) {
    if (chain.family == "ip6") return NFPROTO_IPV6;
    return chain.family == "ip" ? NFPROTO_IPV4 : NFPROTO_INET;
}

/// A number in the order of the host, as the registers of marks and states have it.
Octets hostOrder(std::uint32_t value) {
    Octets octets(sizeof value);
    std::memcpy(octets.data(), &value, sizeof value);
    return octets;
}

/// The expressions of a rule, one after the other, over one register.
class Expressions {
public:
    explicit Expressions(NftWriter& writer) : writer_(writer) {}

    void meta(nft_meta_keys key) {
        expression("meta", [&] {
            writer_.u32(NFTA_META_KEY, key);
            writer_.u32(NFTA_META_DREG, NFT_REG_1);
        });
    }
    void flow(nft_ct_keys key) {
        expression("ct", [&] {
            writer_.u32(NFTA_CT_KEY, key);
            writer_.u32(NFTA_CT_DREG, NFT_REG_1);
        });
    }
    void mask(std::uint32_t bits) {
        expression("bitwise", [&] {
            writer_.u32(NFTA_BITWISE_SREG, NFT_REG_1);
            writer_.u32(NFTA_BITWISE_DREG, NFT_REG_1);
            writer_.u32(NFTA_BITWISE_LEN, sizeof bits);
            data(NFTA_BITWISE_MASK, hostOrder(bits));
            data(NFTA_BITWISE_XOR, hostOrder(0));
        });
    }
    void compare(nft_cmp_ops op, const Octets& value) {
        expression("cmp", [&] {
            writer_.u32(NFTA_CMP_SREG, NFT_REG_1);
            writer_.u32(NFTA_CMP_OP, op);
            data(NFTA_CMP_DATA, value);
        });
    }
    /// A match of iptables. `T` is its structure, without padding at the end that is compared.
    template <class T>
    void match(std::string_view name, std::uint32_t revision, const T& info) {
        Octets octets(aligned(sizeof info));
        std::memcpy(octets.data(), &info, sizeof info);
        expression("match", [&] {
            writer_.text(NFTA_MATCH_NAME, name);
            writer_.u32(NFTA_MATCH_REV, revision);
            writer_.octets(NFTA_MATCH_INFO, octets);
        });
    }
    void counter() {
        expression("counter", [] {});
    }
    void accept() {
        expression("immediate", [&] {
            writer_.u32(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
            writer_.nest(NFTA_IMMEDIATE_DATA, [&] {
                writer_.nest(NFTA_DATA_VERDICT, [&] { writer_.u32(NFTA_VERDICT_CODE, NF_ACCEPT); });
            });
        });
    }

private:
    template <class Content>
    void expression(std::string_view name, Content content) {
        writer_.nest(NFTA_LIST_ELEM, [&] {
            writer_.text(NFTA_EXPR_NAME, name);
            writer_.nest(NFTA_EXPR_DATA, content);
        });
    }
    void data(int type, const Octets& value) {
        writer_.nest(type, [&] { writer_.octets(NFTA_DATA_VALUE, value); });
    }

    NftWriter& writer_;
};

Octets interfaceOctets(const std::string& name) {
    Octets octets(name.begin(), name.end());
    octets.resize(IFNAMSIZ);
    return octets;
}

/// Header fields, which iptables-nft writes like nft itself.
void putCommon(Expressions& expressions, const inspect::Opening& opening) {
    if (opening.in) {
        expressions.meta(NFT_META_IIFNAME);
        expressions.compare(NFT_CMP_EQ, interfaceOctets(*opening.in));
    }
    if (opening.out) {
        expressions.meta(NFT_META_OIFNAME);
        expressions.compare(NFT_CMP_EQ, interfaceOctets(*opening.out));
    }
    if (opening.protocol) {
        expressions.meta(NFT_META_L4PROTO);
        expressions.compare(NFT_CMP_EQ, {static_cast<std::uint8_t>(*opening.protocol)});
    }
}

bool isForAll(const inspect::Opening& opening) {
    return opening.fresh == opening.established;
}

void putOfNft(Expressions& expressions, const inspect::Chain& chain, const OpeningRule& rule) {
    if (chain.family == "inet") {
        const auto family = static_cast<std::uint8_t>(rule.ipv6 ? NFPROTO_IPV6 : NFPROTO_IPV4);
        expressions.meta(NFT_META_NFPROTO);
        expressions.compare(NFT_CMP_EQ, {family});
    }
    putCommon(expressions, rule.opening);
    expressions.meta(NFT_META_MARK);
    expressions.mask(rule.markBits);
    expressions.compare(NFT_CMP_EQ, hostOrder(rule.markBits));
    if (rule.translated) {
        expressions.flow(NFT_CT_STATUS);
        expressions.mask(IPS_DST_NAT);
        expressions.compare(NFT_CMP_NEQ, hostOrder(0));
    }
    if (isForAll(rule.opening)) return;
    namespace ct = inspect::ct;
    expressions.flow(NFT_CT_STATE);
    expressions.mask(rule.opening.fresh ? ct::kNew : ct::kEstablished | ct::kRelated);
    expressions.compare(NFT_CMP_NEQ, hostOrder(0));
}

xt_conntrack_mtinfo3 flowState(unsigned bits) {
    xt_conntrack_mtinfo3 info{};
    info.match_flags = XT_CONNTRACK_STATE;
    info.state_mask = static_cast<std::uint16_t>(bits);
    return info;
}

void putOfIptables(Expressions& expressions, const OpeningRule& rule) {
    putCommon(expressions, rule.opening);
    xt_mark_mtinfo1 mark{};
    mark.mark = mark.mask = rule.markBits;
    expressions.match("mark", 1, mark);
    if (rule.translated) expressions.match("conntrack", 3, flowState(XT_CONNTRACK_STATE_DNAT));
    if (!isForAll(rule.opening)) {
        constexpr unsigned kNew = XT_CONNTRACK_STATE_BIT(IP_CT_NEW);
        constexpr unsigned kOther =
            XT_CONNTRACK_STATE_BIT(IP_CT_ESTABLISHED) | XT_CONNTRACK_STATE_BIT(IP_CT_RELATED);
        expressions.match("conntrack", 3, flowState(rule.opening.fresh ? kNew : kOther));
    }
    xt_comment_info comment{};
    rule.comment.copy(comment.comment, sizeof comment.comment - 1);
    expressions.match("comment", 0, comment);
}

NftWriter aboutRule(int message, int flags, const inspect::Chain& chain) {
    NftWriter writer{kindOf(message), flags, familyOf(chain)};
    writer.text(NFTA_RULE_TABLE, chain.table);
    writer.text(NFTA_RULE_CHAIN, chain.name);
    return writer;
}

}  // namespace

NftMessage addRuleMessage(const inspect::Chain& chain, const OpeningRule& rule,
                          std::optional<std::uint64_t> before) {
    const int place = before ? 0 : NLM_F_APPEND;
    NftWriter writer = aboutRule(NFT_MSG_NEWRULE, NLM_F_CREATE | place, chain);
    if (before) writer.u64(NFTA_RULE_POSITION, *before);
    const bool iptables = chain.kind == inspect::Kind::IptablesNft;
    writer.nest(NFTA_RULE_EXPRESSIONS, [&] {
        Expressions expressions{writer};
        if (iptables)
            putOfIptables(expressions, rule);
        else
            putOfNft(expressions, chain, rule);
        expressions.counter();
        expressions.accept();
    });
    if (!iptables) writer.comment(NFTA_RULE_USERDATA, rule.comment);
    return writer.take();
}

NftMessage removeRuleMessage(const inspect::Chain& chain, std::uint64_t handle) {
    return aboutRule(NFT_MSG_DELRULE, 0, chain).u64(NFTA_RULE_HANDLE, handle).take();
}

}  // namespace igd::firewall
