// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/nft_context.h"

#include <nftables/libnftables.h>

#include <memory>
#include <string_view>

namespace igd::firewall {
namespace {

struct Free {
    void operator()(nft_ctx* context) const noexcept { ::nft_ctx_free(context); }
};

}  // namespace

bool NftContext::run(const std::string& script, bool dry) {
    const std::unique_ptr<nft_ctx, Free> context{::nft_ctx_new(NFT_CTX_DEFAULT)};
    // Unbuffered, the library would write to our standard streams.
    if (!context || ::nft_ctx_buffer_output(context.get()) != 0 ||
        ::nft_ctx_buffer_error(context.get()) != 0) {
        error_ = "nftables: libnftables cannot be set up";
        return false;
    }
    // Dry, the kernel checks the whole transaction and is then told to forget it.
    ::nft_ctx_set_dry_run(context.get(), dry);
    if (::nft_run_cmd_from_buffer(context.get(), script.c_str()) == 0) return true;
    const std::string_view text = ::nft_ctx_get_error_buffer(context.get());
    // The lines below the first quote the script.
    error_ = text.substr(0, text.find('\n'));
    return false;
}

}  // namespace igd::firewall
