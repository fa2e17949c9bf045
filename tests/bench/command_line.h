// SPDX-License-Identifier: GPL-2.0-or-later
// The programs beside this file read their command lines, and fail, with these functions.
#pragma once

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

[[noreturn]] inline void fail(const std::string& why) {
    std::fprintf(stderr, "%s: %s\n", ::program_invocation_short_name, why.c_str());
    std::exit(1);
}

inline unsigned number(std::string_view text) {
    unsigned value = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || rest != text.data() + text.size())
        fail("not a number: " + std::string{text});
    return value;
}
