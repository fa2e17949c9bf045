// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/header_text.h"

#include "upnpd/util/text.h"

#include <algorithm>

namespace igd::upnp {
namespace {

bool isBlank(char letter) {
    return letter == ' ' || letter == '\t';
}

bool isControl(char letter) {
    const auto value = static_cast<unsigned char>(letter);
    return (value < ' ' && letter != '\t') || value == 0x7f;
}

/// Returns how many bytes of empty lines `text` begins with.
std::size_t emptyLines(std::string_view text) {
    std::size_t size = 0;
    while (size < text.size()) {
        const bool hasCr = text[size] == '\r';
        if (text.substr(size + (hasCr ? 1 : 0), 1) != "\n") break;
        size += hasCr ? 2 : 1;
    }
    return size;
}

/// Returns the name of a header line without the blanks behind it.
std::string_view nameIn(std::string_view line, std::size_t colon) {
    auto name = line.substr(0, colon);
    while (!name.empty() && isBlank(name.back())) name.remove_suffix(1);
    return name;
}

}  // namespace

std::string_view takeLine(std::string_view& rest) {
    const auto end = rest.find('\n');
    auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::string_view parameterIn(std::string_view value, std::string_view name) {
    for (auto at = value.find(';'); at != std::string_view::npos; at = value.find(';')) {
        value.remove_prefix(at + 1);
        const auto parameter = value.substr(0, value.find(';'));
        const auto equals = parameter.find('=');
        if (equals == std::string_view::npos) continue;
        if (!equalsIgnoringCase(trimmed(parameter.substr(0, equals)), name)) continue;
        auto text = trimmed(parameter.substr(equals + 1));
        const bool isQuoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
        return isQuoted ? text.substr(1, text.size() - 2) : text;
    }
    return {};
}

std::optional<HeaderPlace> findHeader(std::string_view received) {
    const std::size_t begin = emptyLines(received);
    for (auto line = received.find('\n', begin); line != std::string_view::npos;
         line = received.find('\n', line + 1)) {
        const auto rest = received.substr(line + 1);
        if (rest.starts_with('\n')) return HeaderPlace{begin, line + 2};
        if (rest.starts_with("\r\n")) return HeaderPlace{begin, line + 3};
    }
    return std::nullopt;
}

bool mayBecomeRequest(std::string_view received) {
    received.remove_prefix(emptyLines(received));
    auto line = received.substr(0, received.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return std::ranges::none_of(line, isControl);
}

std::optional<std::string> tidiedHeader(std::string_view header) {
    std::string tidied;
    tidied.reserve(header.size() + 16);
    bool isFirst = true;
    while (!header.empty()) {
        const auto line = takeLine(header);
        const auto colon = isFirst ? std::string_view::npos : line.find(':');
        if (!isFirst && !line.empty() && isBlank(line.front())) return std::nullopt;
        if (colon == std::string_view::npos)
            tidied += line;
        else
            tidied.append(nameIn(line, colon)).append(line.substr(colon));
        tidied += "\r\n";
        isFirst = false;
    }
    return tidied;
}

}  // namespace igd::upnp
