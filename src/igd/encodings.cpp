// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/igd/encodings.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"
#include "upnpd/util/utf8.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <iconv.h>

namespace igd {
namespace {

/// No octet of any of these becomes more than three.
constexpr std::size_t kGrowth = 3;
constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

/// One of libc's encodings, and its labels in lower case, without punctuation.
struct KnownEncoding {
    const char* name;
    std::string_view labels;
};

constexpr auto kKnownEncodings = std::to_array<KnownEncoding>({
    {"GB18030", "gb18030 gbk xgbk gb2312 gb231280 cp936 ms936 windows936"},
    {"CP932", "shiftjis sjis xsjis mskanji windows31j cp932 ms932 windows932"},
    {"EUC-JP", "eucjp xeucjp"},
    {"BIG5-HKSCS", "big5 xxbig5 cnbig5 big5hkscs cp950 windows950"},
    {"CP949", "euckr ksc56011987 ksc5601 korean cp949 windows949 uhc"},
    {"CP1250", "windows1250 cp1250 xcp1250"},
    {"CP1251", "windows1251 cp1251 xcp1251"},
    {"CP1253", "windows1253 cp1253 iso88597 greek"},
    {"CP1254", "windows1254 cp1254 iso88599 latin5"},
    {"KOI8-R", "koi8r koi8"},
    {"ISO-8859-2", "iso88592 latin2"},
    {"ISO-8859-15", "iso885915 latin9"},
    {"UTF-16LE", "utf16le"},
    {"UTF-16BE", "utf16be"},
});
constexpr std::string_view kWindows1252 = "windows1252 cp1252 iso88591 latin1 ansi";
constexpr std::string_view kUtf8 = "utf8";

/// These characters stand in windows-1252 in the place of the control characters 0x80 to 0x9f.
constexpr std::array<char16_t, 32> kUpperControls{
    0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
    0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};

/// A converter of libc's.
class Converter {
public:
    explicit Converter(const KnownEncoding& from)
        : labels_(from.labels), handle_(::iconv_open("UTF-8", from.name)) {
        if (reinterpret_cast<std::intptr_t>(handle_.get()) == kNone)
            static_cast<void>(handle_.release());
    }

    [[nodiscard]] bool isThere() const { return handle_ != nullptr; }
    [[nodiscard]] std::string_view labels() const { return labels_; }

    /// Puts kReplacement in the place of each octet that is not of this encoding.
    [[nodiscard]] std::string convert(std::string_view text) const {
        std::string result(kGrowth * text.size(), '\0');
        char* from = const_cast<char*>(text.data());  // POSIX: iconv() does not write there
        char* to = result.data();
        std::size_t left = text.size();
        std::size_t room = result.size();
        ::iconv(handle_.get(), nullptr, nullptr, nullptr, nullptr);
        while (::iconv(handle_.get(), &from, &left, &to, &room) == kFailed && left > 0 &&
               room >= kReplacement.size()) {
            ++from;
            --left;
            to = std::ranges::copy(kReplacement, to).out;
            room -= kReplacement.size();
        }
        ::iconv(handle_.get(), nullptr, nullptr, &to, &room);  // what it has held back
        result.resize(result.size() - room);
        return result;
    }

private:
    static constexpr auto kFailed = static_cast<std::size_t>(-1);
    static constexpr std::intptr_t kNone = -1;

    struct Close {
        void operator()(iconv_t handle) const noexcept { ::iconv_close(handle); }
    };

    std::string_view labels_;
    std::unique_ptr<void, Close> handle_;
};

std::vector<Converter>& converters() {
    static std::vector<Converter> loaded;
    return loaded;
}

/// Returns a label as those in the tables are written.
std::string plainLabel(std::string_view label) {
    std::string plain = toLower(label);
    std::erase_if(plain, [](char c) { return !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'); });
    return plain;
}

bool isOneOf(std::string_view labels, std::string_view label) {
    const auto all = words(labels);
    return std::ranges::find(all, label) != all.end();
}

void appendWindows1252(std::string& text, char octet) {
    const auto value = static_cast<unsigned char>(octet);
    const bool isSpecial = value >= 0x80 && value < 0xa0;
    appendUtf8(text, isSpecial ? kUpperControls.at(value - 0x80U) : char16_t{value});
}

bool isHigh(char octet) {
    return static_cast<unsigned char>(octet) >= 0x80;
}

/// Appends octets of which none is ASCII. Some pairs of Chinese octets are UTF-8 too, so that a
/// word is read in one way as a whole.
void appendWord(std::string& result, std::string_view word) {
    std::size_t whole = 0;
    while (const std::size_t length = utf8Length(word.substr(whole))) whole += length;
    const auto rest = word.substr(whole);
    const std::size_t kept = rest.empty() || isCutUtf8(rest) ? whole : 0;
    result += word.substr(0, kept);
    for (const char each : word.substr(kept)) appendWindows1252(result, each);
}

std::string fromWindows1252(std::string_view text) {
    std::string result;
    for (const char each : text) appendWindows1252(result, each);
    return result;
}

/// Returns the label in `<?xml version="1.0" encoding="GBK"?>`; empty when there is none.
std::string_view declaredEncoding(std::string_view document) {
    constexpr std::size_t kLongest = 256;
    constexpr std::string_view kBegin = "<?xml";
    constexpr std::string_view kName = "encoding";
    if (!document.starts_with(kBegin)) return {};
    auto rest = document.substr(0, std::min(document.substr(0, kLongest).find("?>"), kLongest));
    rest.remove_prefix(std::min(rest.find(kName), rest.size()));
    if (rest.empty()) return {};
    rest = trimmed(rest.substr(kName.size()));
    if (!rest.starts_with('=')) return {};
    rest = trimmed(rest.substr(1));
    if (!rest.starts_with('"') && !rest.starts_with('\'')) return {};
    const auto label = rest.substr(1);
    return label.substr(0, label.find(rest.front()));
}

/// Returns which of UTF-16 a document is by its first octets (XML 1.0 appendix F.1); empty: none.
std::string_view wideEncoding(std::string_view document) {
    using namespace std::string_view_literals;
    for (const auto begin : {"\xff\xfe"sv, "<\0"sv})
        if (document.starts_with(begin)) return "utf16le";
    for (const auto begin : {"\xfe\xff"sv, "\0<"sv})
        if (document.starts_with(begin)) return "utf16be";
    return {};
}

}  // namespace

void loadEncodings() {
    converters().clear();
    for (const KnownEncoding& each : kKnownEncodings)
        if (Converter converter{each}; converter.isThere())
            converters().push_back(std::move(converter));
}

std::optional<std::string> toUtf8(std::string_view text, std::string_view label) {
    const std::string plain = plainLabel(label);
    if (isOneOf(kWindows1252, plain)) return fromWindows1252(text);
    for (const Converter& each : converters())
        if (isOneOf(each.labels(), plain)) return each.convert(text);
    return std::nullopt;
}

std::string withOctetsRead(std::string_view text) {
    if (isUtf8(text)) return std::string{text};
    std::string result;
    while (!text.empty()) {
        const auto plain = std::ranges::find_if(text, isHigh);
        const auto end = std::find_if_not(plain, text.end(), isHigh);
        result.append(text.begin(), plain);
        appendWord(result, {plain, end});
        text = {end, text.end()};
    }
    return result;
}

std::string documentInUtf8(std::string_view document, std::string_view charset) {
    if (const auto wide = wideEncoding(document); !wide.empty())
        return toUtf8(document, wide).value_or("");
    for (const std::string_view label : {charset, declaredEncoding(trimmed(document))}) {
        if (label.empty()) continue;
        const bool isOurs = plainLabel(label) == kUtf8;
        if (isOurs && isUtf8(document)) break;
        if (auto converted = toUtf8(document, label)) return *std::move(converted);
        if (!isOurs) log::debug("upnp: libc cannot read the encoding {} here", quoted(label));
    }
    return withOctetsRead(document);
}

}  // namespace igd
