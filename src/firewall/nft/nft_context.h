// SPDX-License-Identifier: GPL-2.0-or-later
// libnftables: runs a script as one transaction, reads the ruleset as JSON.
#pragma once

#include <memory>
#include <optional>
#include <string>

struct nft_ctx;

namespace igd::firewall {

class NftContext {
public:
    /// Throws std::runtime_error when the library cannot be set up.
    NftContext();

    /// All of `script` or nothing. False: the kernel is as it was, and error() says why.
    [[nodiscard]] bool run(const std::string& script);

    /// The kernel would accept `script`; nothing is changed. False: error() says why not.
    [[nodiscard]] bool wouldTake(const std::string& script);

    enum class Elements : bool { Without, With };
    /// Returns the output of `nft -j list WHAT`, with handles; nullopt when the kernel would not
    /// tell.
    [[nodiscard]] std::optional<std::string> listJson(const std::string& what, Elements elements);
    /// Returns that in nft's own language.
    [[nodiscard]] std::optional<std::string> listText(const std::string& what);
    /// Returns the whole ruleset but for elements of sets and numbers of counters.
    [[nodiscard]] std::optional<std::string> rulesetJson();

    /// Frees what the library keeps of the ruleset, 0.5 MB for each table; it is read again when it
    /// is needed.
    void forget() { context_.reset(); }

    /// Returns the reason of the last failure: one line.
    [[nodiscard]] const std::string& error() const { return error_; }

private:
    struct Free {
        void operator()(nft_ctx* context) const noexcept;
    };
    /// Sets the library up when it is not; false: it cannot be, and error() says so.
    [[nodiscard]] bool isSetUp();
    [[nodiscard]] std::optional<std::string> ask(const std::string& command, unsigned int flags);

    std::unique_ptr<nft_ctx, Free> context_;
    std::string error_;
};

}  // namespace igd::firewall
