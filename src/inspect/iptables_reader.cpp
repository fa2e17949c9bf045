// SPDX-License-Identifier: GPL-2.0-or-later
// iptables-save(8) into the model: "*table", ":CHAIN POLICY", "-A CHAIN ...", "COMMIT".
#include "iptables_rule.h"

#include "upnpd/inspect/ruleset.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace igd::inspect {
namespace {

struct BuiltIn {
    std::string_view table;
    std::string_view chain;
    Hook hook;
    int priority;
};
/// Where the kernel hangs the tables (linux/netfilter_ipv4.h).
constexpr std::array kBuiltIn{
    BuiltIn{"raw", "PREROUTING", Hook::Prerouting, -300},
    BuiltIn{"mangle", "PREROUTING", Hook::Prerouting, -150},
    BuiltIn{"mangle", "INPUT", Hook::Input, -150},
    BuiltIn{"mangle", "FORWARD", Hook::Forward, -150},
    BuiltIn{"mangle", "POSTROUTING", Hook::Postrouting, -150},
    BuiltIn{"nat", "PREROUTING", Hook::Prerouting, -100},
    BuiltIn{"nat", "INPUT", Hook::Input, 100},
    BuiltIn{"nat", "POSTROUTING", Hook::Postrouting, 100},
    BuiltIn{"filter", "INPUT", Hook::Input, 0},
    BuiltIn{"filter", "FORWARD", Hook::Forward, 0},
    BuiltIn{"security", "INPUT", Hook::Input, 50},
    BuiltIn{"security", "FORWARD", Hook::Forward, 50},
};

std::optional<Base> baseOf(std::string_view table, std::string_view chain,
                           std::string_view policy) {
    const auto found = std::ranges::find_if(
        kBuiltIn, [&](const BuiltIn& b) { return b.table == table && b.chain == chain; });
    if (found == kBuiltIn.end()) return std::nullopt;
    return Base{found->hook, found->priority, table == "nat", policy == "DROP"};
}

/// Returns the words of a line; a word in double quotes is one, and a backslash quotes a character.
std::vector<std::string> wordsOf(std::string_view line) {
    std::vector<std::string> words;
    bool inside = false;
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (!quoted && (c == ' ' || c == '\t')) {
            inside = false;
            continue;
        }
        if (!inside) words.emplace_back();
        inside = true;
        if (c == '"')
            quoted = !quoted;
        else
            words.back() += c == '\\' && i + 1 < line.size() ? line[++i] : c;
    }
    return words;
}

class SaveReader {
public:
    SaveReader(std::map<std::string, Chain>& chains, IptablesKind kind)
        : chains_(chains), kind_(kind) {}

    /// False for a line that is none of iptables-save's.
    bool take(std::string_view line) {
        if (line.empty() || line.starts_with('#') || line == "COMMIT") return true;
        if (line.starts_with('*')) return beginTable(line.substr(1));
        if (line.starts_with(':')) return addChain(wordsOf(line.substr(1)));
        return addRule(line, wordsOf(line));
    }

    /// A jump to what is no chain is a target that is not known here: it may end the packet's way.
    void resolve() {
        for (auto& [name, chain] : chains_)
            for (Rule& rule : chain.rules)
                for (Step& step : rule.steps)
                    if (auto* const verdict = std::get_if<Verdict>(&step);
                        verdict != nullptr && !verdict->chain.empty() &&
                        !chains_.contains(verdict->chain))
                        *verdict = Verdict{Ending::Unknown, {}, {}};
    }

private:
    bool beginTable(std::string_view name) {
        name_ = name;
        table_ = fmt::format("{} {}", kind_ == IptablesKind::Legacy ? "legacy" : "ip", name);
        // In nft's own listing of this table some rules are not spelt out.
        std::erase_if(chains_,
                      [&](const auto& entry) { return entry.first.starts_with(table_ + " "); });
        return true;
    }

    bool addChain(const std::vector<std::string>& words) {
        if (table_.empty() || words.size() < 2) return false;
        const std::string name = table_ + " " + words[0];
        chains_[name] = Chain{name, baseOf(name_, words[0], words[1]), {}};
        return true;
    }

    bool addRule(std::string_view line, const std::vector<std::string>& words) {
        if (words.size() < 2 || words[0] != "-A") return false;
        const auto chain = chains_.find(table_ + " " + words[1]);
        if (chain == chains_.end()) return false;
        const std::vector<std::string> rest{words.begin() + 2, words.end()};
        chain->second.rules.push_back({iptablesSteps(rest, table_),
                                       fmt::format("rule {}", chain->second.rules.size() + 1),
                                       std::string{line}});
        return true;
    }

    std::map<std::string, Chain>& chains_;
    IptablesKind kind_;
    std::string name_;
    std::string table_;
};

}  // namespace

tl::expected<void, std::string> Ruleset::addIptables(std::string_view save, IptablesKind kind) {
    SaveReader reader{chains, kind};
    while (!save.empty()) {
        const auto end = std::min(save.find('\n'), save.size());
        const std::string_view line = trimmed(save.substr(0, end));
        save.remove_prefix(std::min(end + 1, save.size()));
        if (!reader.take(line))
            return tl::unexpected(
                fmt::format("iptables-save is not expected to write {}", igd::quoted(line, 200)));
    }
    reader.resolve();
    return {};
}

}  // namespace igd::inspect
