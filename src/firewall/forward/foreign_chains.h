// SPDX-License-Identifier: GPL-2.0-or-later
// Our rules in the chains of others, of one family. Each chain is a transaction of its own: one
// that refuses them keeps nobody else's closed, and is named.
#pragma once

#include "forward/legacy_openings.h"
#include "names.h"
#include "nft/nft_socket.h"

#include "upnpd/firewall/factory.h"
#include "upnpd/inspect/openings.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace igd::firewall {

class ForeignChains {
public:
    /// All must outlive this.
    ForeignChains(const FirewallConfig& config, const Family& family, NftSocket& nft,
                  LegacyOpenings& legacy);

    /// Makes our rules in `rules` those of `plan`: chains that hold them already are not touched.
    /// The log names each chain that is opened, and each that refuses.
    void settle(const inspect::Ruleset& rules, const inspect::Plan& plan);
    /// Takes our rules out of every chain. False, with a line in the log: some are left.
    [[nodiscard]] bool clear(const inspect::Ruleset& rules);

    /// Returns the name of a chain in which our rules are not those of `plan`; nullopt: none. A
    /// chain that has refused the very rules that it lacks is not named.
    [[nodiscard]] std::optional<std::string> wrongChain(const inspect::Ruleset& rules,
                                                        const inspect::Plan& plan) const;

    /// Returns `plan` without the openings of chains that refuse them.
    [[nodiscard]] inspect::Plan taken(const inspect::Ruleset& rules, inspect::Plan plan) const;

    /// Returns why chains refuse, by their names.
    struct Refusal {
        std::string wanted;  ///< the rules that it was to hold, as text
        std::string why;
    };
    [[nodiscard]] const std::map<std::string, Refusal>& refusals() const { return refusals_; }

private:
    /// Our rules of one chain, those that stand there and those that are wanted.
    struct Work {
        std::vector<inspect::Standing> standing;
        std::vector<inspect::Opening> wanted;
    };
    using Works = std::map<inspect::ChainId, Work>;
    [[nodiscard]] Works worksOf(const inspect::Ruleset& rules, const inspect::Plan& plan) const;
    [[nodiscard]] bool isRight(const inspect::Chain& chain, const Work& work) const;
    [[nodiscard]] std::string textOf(const Work& work) const;
    [[nodiscard]] bool hasRefused(const inspect::Chain& chain, const Work& work) const;
    /// Returns why the chain has refused; nullopt: it is done.
    [[nodiscard]] std::optional<std::string> carryOut(const inspect::Chain& chain,
                                                      const Work& work);
    [[nodiscard]] std::optional<std::string> rewriteNft(const inspect::Chain& chain,
                                                        const Work& work);
    void note(const inspect::Ruleset& rules, inspect::ChainId id, const Work& work,
              const std::optional<std::string>& why);

    const FirewallConfig& config_;
    const Family& family_;
    NftSocket& nft_;
    LegacyOpenings& legacy_;
    std::map<std::string, Refusal> refusals_;
    std::map<std::string, std::string> opened_;  ///< what the log has, by name of the chain
};

}  // namespace igd::firewall
