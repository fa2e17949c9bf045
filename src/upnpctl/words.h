// SPDX-License-Identifier: GPL-2.0-or-later
// The words of a command line, one by one, and what is said when one is wrong.
#pragma once

#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace igd::ctl {

/// Takes the words one by one.
class Words {
public:
    explicit Words(std::span<const std::string> words) : words_(words) {}
    [[nodiscard]] bool empty() const { return words_.empty(); }
    /// Returns the next word; there has to be one.
    std::string_view next() {
        const std::string_view word = words_.front();
        words_ = words_.subspan(1);
        return word;
    }
    /// Returns the next word; nullopt: there is none.
    std::optional<std::string> value() {
        if (words_.empty()) return std::nullopt;
        return std::string{next()};
    }

private:
    std::span<const std::string> words_;
};

/// nullopt: the words are understood; otherwise a sentence.
using Complaint = std::optional<std::string>;

/// Puts `value` into `target`. Returns whether there is one.
template <class T>
bool set(std::optional<T>& target, std::optional<T> value) {
    target = std::move(value);
    return target.has_value();
}

[[nodiscard]] inline Complaint unexpected(std::string_view word, std::string_view expected) {
    return fmt::format("{} is not understood: expected {}", igd::quoted(word), expected);
}

/// Reads the value of `option` into `target` by `parse`.
template <class T, class Parse>
[[nodiscard]] Complaint read(std::optional<T>& target, std::string_view option, Words& rest,
                             Parse parse, std::string_view expected) {
    const auto value = rest.value();
    if (!value) return fmt::format("{} needs a value: {}", option, expected);
    if (set(target, parse(*value))) return std::nullopt;
    return fmt::format("{} {}: expected {}", option, igd::quoted(*value), expected);
}

}  // namespace igd::ctl
