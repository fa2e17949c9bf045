// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/nft_context.h"

#include <nftables/libnftables.h>

#include <stdexcept>
#include <string_view>

namespace igd::firewall {

void NftContext::Free::operator()(nft_ctx* context) const noexcept {
    ::nft_ctx_free(context);
}

NftContext::NftContext() {
    if (!isSetUp()) throw std::runtime_error(error_);
}

bool NftContext::isSetUp() {
    if (context_) return true;
    context_.reset(::nft_ctx_new(NFT_CTX_DEFAULT));
    // Unbuffered, the library would write to our standard streams.
    if (context_ && ::nft_ctx_buffer_output(context_.get()) == 0 &&
        ::nft_ctx_buffer_error(context_.get()) == 0)
        return true;
    error_ = "nftables: libnftables cannot be set up";
    context_.reset();
    return false;
}

bool NftContext::run(const std::string& script) {
    if (!isSetUp()) return false;
    const int status = ::nft_run_cmd_from_buffer(context_.get(), script.c_str());
    const std::string_view text = ::nft_ctx_get_error_buffer(context_.get());
    if (status == 0) return true;
    // The lines below the first quote the script.
    error_ = text.substr(0, text.find('\n'));
    return false;
}

bool NftContext::wouldTake(const std::string& script) {
    if (!isSetUp()) return false;
    // The kernel checks the whole transaction and is then told to forget it.
    ::nft_ctx_set_dry_run(context_.get(), true);
    const bool taken = run(script);
    ::nft_ctx_set_dry_run(context_.get(), false);
    return taken;
}

std::optional<std::string> NftContext::ask(const std::string& command, unsigned int flags) {
    if (!isSetUp()) return std::nullopt;
    ::nft_ctx_output_set_flags(context_.get(), flags);
    const bool answered = run(command);
    std::string text = ::nft_ctx_get_output_buffer(context_.get());
    ::nft_ctx_output_set_flags(context_.get(), 0);
    if (!answered) return std::nullopt;
    return text;
}

std::optional<std::string> NftContext::listJson(const std::string& what, Elements elements) {
    const unsigned int terse = elements == Elements::Without ? unsigned{NFT_CTX_OUTPUT_TERSE} : 0U;
    return ask("list " + what, NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_HANDLE | terse);
}

std::optional<std::string> NftContext::rulesetJson() {
    return ask("list ruleset", NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_HANDLE | NFT_CTX_OUTPUT_TERSE |
                                   NFT_CTX_OUTPUT_STATELESS);
}

std::optional<std::string> NftContext::listText(const std::string& what) {
    return ask("list " + what,
               NFT_CTX_OUTPUT_HANDLE | NFT_CTX_OUTPUT_TERSE | NFT_CTX_OUTPUT_NUMERIC_PRIO);
}

}  // namespace igd::firewall
