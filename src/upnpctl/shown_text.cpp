// SPDX-License-Identifier: GPL-2.0-or-later
#include "shown_text.h"

#include "upnpd/util/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <clocale>
#include <cwchar>

namespace igd::ctl {
namespace {

/// The characters of UTF-8 have a width whatever the user's locale is. glibc and musl have C.UTF-8
/// built in or beside them; without it each character counts as one column.
class Utf8Locale {
public:
    Utf8Locale() : locale_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
        if (locale_ != nullptr) before_ = ::uselocale(locale_);
    }
    ~Utf8Locale() {
        if (locale_ == nullptr) return;
        ::uselocale(before_);
        ::freelocale(locale_);
    }
    Utf8Locale(const Utf8Locale&) = delete;
    Utf8Locale& operator=(const Utf8Locale&) = delete;
    [[nodiscard]] bool isThere() const { return locale_ != nullptr; }

private:
    locale_t locale_;
    locale_t before_{};
};

char32_t valueOf(std::string_view character) {
    constexpr std::array<unsigned char, 5> kMasks{0, 0x7f, 0x1f, 0x0f, 0x07};
    char32_t value = static_cast<unsigned char>(character[0]) & kMasks.at(character.size());
    for (const char c : character.substr(1))
        value = value << 6U | (static_cast<unsigned char>(c) & 0x3fU);
    return value;
}

/// Characters without a shape of their own: they turn the direction, join, or say nothing.
bool isFormat(char32_t value) {
    constexpr std::array<std::array<char32_t, 2>, 8> kRanges{{{0xad, 0xad},
                                                              {0x61c, 0x61c},
                                                              {0x180e, 0x180e},
                                                              {0x200b, 0x200f},
                                                              {0x2028, 0x202e},
                                                              {0x2060, 0x206f},
                                                              {0xfeff, 0xfeff},
                                                              {0xe0000, 0xe0fff}}};
    return std::ranges::any_of(
        kRanges, [&](const auto& range) { return value >= range[0] && value <= range[1]; });
}

/// Returns the columns of one character; -1: it cannot be shown.
int widthOf(std::string_view character, const Utf8Locale& locale) {
    const char32_t value = valueOf(character);
    if (value < 0x20 || value == 0x7f || isFormat(value)) return -1;
    if (value < 0x7f || !locale.isThere()) return 1;
    return ::wcwidth(static_cast<wchar_t>(value));
}

/// Takes the first character off `text`; an octet that begins none is taken alone.
std::string_view takeCharacter(std::string_view& text) {
    const std::size_t length = std::max<std::size_t>(utf8Length(text), 1);
    const std::string_view character = text.substr(0, length);
    text.remove_prefix(length);
    return character;
}

}  // namespace

std::size_t columnsOf(std::string_view text) {
    const Utf8Locale locale;
    std::size_t columns = 0;
    while (!text.empty())
        columns += static_cast<std::size_t>(std::max(widthOf(takeCharacter(text), locale), 0));
    return columns;
}

std::string cutTo(std::string_view text, std::size_t columns, bool unicode) {
    if (columnsOf(text) <= columns) return std::string{text};
    const std::string_view mark = unicode ? "\u2026" : "...";
    const std::size_t room = columns - std::min(columns, columnsOf(mark));
    const Utf8Locale locale;
    std::string cut;
    for (std::size_t used = 0; !text.empty();) {
        const std::string_view character = takeCharacter(text);
        used += static_cast<std::size_t>(std::max(widthOf(character, locale), 0));
        if (used > room) break;
        cut += character;
    }
    return cut + std::string{mark};
}

std::string shown(std::string_view text, bool unicode) {
    const Utf8Locale locale;
    std::string result = "\"";
    while (!text.empty()) {
        const std::string_view character = takeCharacter(text);
        const bool isAscii = static_cast<unsigned char>(character[0]) < 0x80;
        const bool isVisible = isUtf8(character) && (isAscii || unicode) &&
                               widthOf(character, locale) >= 0 && character != "\"" &&
                               character != "\\";
        if (isVisible)
            result += character;
        else
            for (const char c : character)
                result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return result + "\"";
}

}  // namespace igd::ctl
