// SPDX-License-Identifier: GPL-2.0-or-later
// Built where nftables is left out: no table of ours can be laid there.
#include "nft/nft_context.h"

#include "upnpd/util/build_parts.h"

namespace igd::firewall {

bool NftContext::run(const std::string& /*script*/, bool /*dry*/) {
    error_ = builtWithout(BuildPart::Nftables);
    return false;
}

}  // namespace igd::firewall
