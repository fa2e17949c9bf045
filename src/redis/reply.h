// SPDX-License-Identifier: GPL-2.0-or-later
// Answers of a Redis server (RESP2), read by hiredis under bounds of ours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct redisReader;

namespace igd::redis {

struct Reply {
    enum class Kind : std::uint8_t { Nothing, Text, Number, List, Error };
    Kind kind = Kind::Nothing;
    std::string text{};        ///< of Text and Error
    std::int64_t number = 0;   ///< of Number
    std::vector<Reply> items;  ///< of List

    [[nodiscard]] bool isError() const { return kind == Kind::Error; }
    /// Returns the text; nullptr: it is no Text.
    [[nodiscard]] const std::string* asText() const { return kind == Kind::Text ? &text : nullptr; }
    /// Returns the number that a Number or the digits of a Text say; 0 for anything else.
    [[nodiscard]] std::uint64_t asCount() const;
    /// Returns that item of a List; Nothing where there is none.
    [[nodiscard]] const Reply& at(std::size_t index) const;
};

/// Takes octets as they come, and gives answers.
class ReplyReader {
public:
    /// An answer that has more is none: a server of ours sends a tenth of it.
    static constexpr std::size_t kMostItems = 20'000;
    static constexpr unsigned kMostDepth = 8;  ///< of lists within lists
    static constexpr std::size_t kMostOctets = 4 << 20;

    ReplyReader();

    /// Returns false when what came is no answer, or more than the bounds; for good.
    [[nodiscard]] bool feed(std::string_view octets);
    /// Returns the next whole answer; nullopt: there is none yet, or none any more.
    [[nodiscard]] std::optional<Reply> next();
    [[nodiscard]] bool failed() const { return failed_; }

private:
    friend struct Builder;
    struct Free {
        void operator()(redisReader* reader) const;
    };
    std::unique_ptr<redisReader, Free> reader_;
    Reply root_;
    std::size_t items_ = 0;  ///< of the answer that is being read
    bool failed_ = false;
};

/// A command is its words.
using Command = std::vector<std::string>;
/// Returns the octets of `command`.
[[nodiscard]] std::string encoded(const Command& command);

}  // namespace igd::redis
