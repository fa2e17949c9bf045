// SPDX-License-Identifier: GPL-2.0-or-later
#include "completion.h"

#include "arguments.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>

namespace igd::ctl {
namespace {

using Candidates = std::vector<Candidate>;

Candidates wordsOf(std::initializer_list<const char*> words) {
    Candidates candidates;
    for (const char* const word : words) candidates.push_back({word});
    return candidates;
}

/// Each is offered at every place of its command, or at that one alone.
struct Offer {
    std::string_view command;
    std::optional<std::size_t> place;  ///< of words that are no options; nullopt: any
    std::vector<const char*> words;
    std::optional<Live> live{};
};

const std::vector<Offer>& offers() {
    static const std::vector<Offer> kOffers{
        {"list", {}, {"--client", "--proto"}},
        {"show", 0, {}, Live::Ids},
        {"watch", {}, {"--initial"}},
        {"top", {}, {"-n", "--every"}},
        {"config", {}, {"--changed"}},
        {"metrics", {}, {"--openmetrics"}},
        {"check", 0, {}, Live::Keys},
        {"check", {}, {"--live", "--wait"}},
        {"explain", 0, {}, Live::Clients},
        {"explain", 1, {"tcp", "udp"}},
        {"acl", 0, {}, Live::Clients},
        {"acl", 1, {"tcp", "udp"}},
        {"add", 0, {"tcp:", "udp:"}},
        {"add", 1, {}, Live::Clients},
        {"add", {}, {"--for", "--comment", "--dry-run"}},
        {"del", 0, {"--client", "--all"}, Live::Openings},
        {"approve", 0, {"--list"}, Live::Waiting},
        {"block", 0, {}, Live::Clients},
        {"page-password", {}, {"--stdin"}},
        {"log", 0, {"0", "1", "2", "3"}},
        {"log", {}, {"--for"}},
    };
    return kOffers;
}

constexpr std::array<std::string_view, 4> kOfFiles{"-s", "--socket", "-c", "--config"};
constexpr std::array<std::string_view, 2> kOfAnything{"-n", "--comment"};

bool isOneOf(std::string_view word, std::span<const std::string_view> words) {
    return std::ranges::find(words, word) != words.end();
}

/// Returns the values of `option`; nullopt: it takes none.
std::optional<Candidates> valuesOf(std::string_view option, const LiveValues& live) {
    if (isOneOf(option, kOfFiles)) return wordsOf({":files"});
    if (option == "--proto") return wordsOf({"tcp", "udp", "gre", "esp", "sctp"});
    if (option == "--client") return live(Live::Clients);
    if (option == "--for") return wordsOf({"15m", "1h", "2h", "1d", "7d"});
    if (option == "--every") return wordsOf({"1s", "2s", "5s"});
    if (option == "--wait") return wordsOf({"30", "60", "300"});
    if (isOneOf(option, kOfAnything)) return Candidates{};
    return std::nullopt;
}

/// The words before the one that is typed, as far as they decide what may follow.
struct Before {
    std::string_view command;
    std::string_view option;  ///< that waits for its value
    std::size_t places = 0;   ///< words behind the command that are no options
};

Before read(std::span<const std::string> words) {
    Before before;
    for (const std::string& word : words) {
        const bool isValue = !before.option.empty();
        before.option = {};
        if (isValue) continue;
        if (word.starts_with('-')) {
            if (valuesOf(word, [](Live) { return Candidates{}; })) before.option = word;
        } else if (before.command.empty()) {
            before.command = commandOf(word);
        } else {
            ++before.places;
        }
    }
    return before;
}

void add(Candidates& all, const Candidates& more) {
    std::ranges::copy(more, std::back_inserter(all));
}

Candidates behind(const Before& before, const LiveValues& live) {
    Candidates all;
    if (before.command.empty())
        for (const std::string_view name : commandNames()) all.push_back({std::string{name}});
    for (const Offer& offer : offers()) {
        if (offer.command != before.command) continue;
        if (offer.place && *offer.place != before.places) continue;
        if (offer.live) add(all, live(*offer.live));
        for (const char* const word : offer.words) all.push_back({word});
    }
    add(all, wordsOf({"--json", "--socket", "--config"}));
    return all;
}

}  // namespace

std::vector<Candidate> candidatesFor(std::span<const std::string> words, const LiveValues& live) {
    const std::string current = words.empty() ? "" : words.back();
    const Before before = read(words.first(words.empty() ? 0 : words.size() - 1));
    Candidates candidates;
    if (!before.option.empty())
        candidates = valuesOf(before.option, live).value_or(Candidates{});
    else
        candidates = behind(before, live);
    const bool wantsOption = current.starts_with('-');
    std::erase_if(candidates, [&](const Candidate& each) {
        if (each.word.starts_with(':')) return false;
        // Options are offered when their dash is typed, or where nothing else is to follow.
        return !each.word.starts_with(current) ||
               (!wantsOption && before.command.empty() && each.word.starts_with('-'));
    });
    return candidates;
}

}  // namespace igd::ctl
