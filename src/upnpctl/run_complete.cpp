// SPDX-License-Identifier: GPL-2.0-or-later
// `complete`: asked by shells, which wait for it: a daemon that is not there is no error.
#include "completion.h"
#include "members.h"
#include "openings_text.h"
#include "run.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd::ctl {
namespace {

using Candidates = std::vector<Candidate>;

/// Everything that the daemon has open, asked for once.
class LiveDaemon {
public:
    explicit LiveDaemon(const Daemon& daemon) : daemon_(daemon) {
        if (auto all = daemon.openings()) all_ = *std::move(all);
    }

    [[nodiscard]] Candidates values(Live live) const {
        if (live == Live::Waiting) return waiting();
        Candidates candidates;
        for (const auto* const list : {&all_.mappings, &all_.pinholes, &all_.flows})
            for (const Json& each : *list) add(candidates, each, live);
        return candidates;
    }

private:
    static void addNew(Candidates& candidates, Candidate candidate) {
        if (candidate.word.empty() ||
            std::ranges::find(candidates, candidate.word, &Candidate::word) != candidates.end())
            return;
        candidates.push_back(std::move(candidate));
    }

    static void add(Candidates& candidates, const Json& opening, Live live) {
        const std::string meaning = shortText(opening);
        if (live == Live::Clients) {
            addNew(candidates, {textOf(objectOf(opening, "client"), "name"),
                                textOf(opening, "internal_address")});
            addNew(candidates, {textOf(opening, "internal_address"),
                                textOf(objectOf(opening, "client"), "name")});
        } else if (live == Live::Ids) {
            if (const auto id = numberOf(opening, "id"))
                addNew(candidates, {std::to_string(*id), meaning});
        } else if (textOf(opening, "kind") == "mapping") {
            addNew(candidates, {fmt::format("{}:{}", textOf(opening, "protocol"),
                                            numberOf(opening, "external_port").value_or(0)),
                                meaning});
        } else if (textOf(opening, "kind") == "pinhole" && live == Live::Openings) {
            const auto port = numberOf(opening, "internal_port").value_or(0);
            addNew(candidates, {fmt::format("{}:[{}]{}", textOf(opening, "protocol"),
                                            textOf(opening, "internal_address"),
                                            port == 0 ? "" : fmt::format(":{}", port)),
                                meaning});
        }
    }

    [[nodiscard]] Candidates waiting() const {
        Candidates candidates;
        const auto approvals = daemon_.ask("approvals");
        for (const Json& each : listOf(approvals ? *approvals : Json(), "waiting"))
            for (const char* const key : {"address", "host"})
                addNew(candidates, {textOf(each, key), textOf(each, "what")});
        return candidates;
    }

    const Daemon& daemon_;
    AllOpenings all_;
};

/// Returns the value of the option among the words that are completed.
std::optional<std::string> optionIn(const std::vector<std::string>& words, const char* brief,
                                    const char* name) {
    for (std::size_t i = 0; i + 2 < words.size(); ++i)
        if (words[i] == brief || words[i] == name) return words[i + 1];
    return std::nullopt;
}

}  // namespace

int run(const Session& session, const Complete& complete) {
    Arguments meant = session.arguments();
    if (const auto socket = optionIn(complete.words, "-s", "--socket")) meant.socket = socket;
    if (const auto file = optionIn(complete.words, "-c", "--config")) meant.configuration = file;
    const Session asked{meant};
    const auto live = [&](Live kind) {
        const auto daemon = asked.daemon();
        return daemon ? LiveDaemon{*daemon}.values(kind) : Candidates{};
    };
    for (const Candidate& each : candidatesFor(complete.words, live))
        say(each.word + (each.meaning.empty() ? "" : "\t" + each.meaning) + "\n");
    return 0;
}

}  // namespace igd::ctl
