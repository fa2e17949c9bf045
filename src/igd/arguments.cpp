// SPDX-License-Identifier: GPL-2.0-or-later
#include "arguments.h"

#include "errors.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <algorithm>
#include <cassert>

namespace igd {
namespace {

/// Returns the text of `argument` in this call; nullopt when it is missing, or there twice
/// (IGD-SOAP-12).
std::optional<std::string_view> givenText(const Argument& argument,
                                          const std::vector<ArgumentValue>& given) {
    const auto named = [&](const ArgumentValue& value) { return value.first == argument.name; };
    const auto first = std::ranges::find_if(given, named);
    if (first == given.end()) return argument.whenMissing;
    if (std::any_of(first + 1, given.end(), named)) return std::nullopt;
    return first->second;
}

std::optional<bool> parseBoolean(std::string_view text) {
    const auto isOneOf = [&](auto... words) { return (equalsIgnoringCase(text, words) || ...); };
    if (isOneOf("1", "true", "yes")) return true;
    if (isOneOf("0", "false", "no")) return false;
    return std::nullopt;
}

/// Returns whether clients that send this lease mean one without end (IGD-Quirk-13).
bool meansNoEnd(std::string_view lease) {
    const bool isNegative = lease.starts_with('-') && lease.size() > 1 &&
                            lease.find_first_not_of("0123456789", 1) == std::string_view::npos;
    return lease.empty() || isNegative || equalsIgnoringCase(lease, "infinite");
}

std::optional<std::uint32_t> parseUi4(std::string_view text, const StateVariable& variable) {
    if (variable.name == "PortMappingLeaseDuration" && meansNoEnd(text)) return 0;
    return parseUnsigned<std::uint32_t>(text);
}

}  // namespace

std::optional<Arguments::Value> Arguments::valueOf(std::string_view text,
                                                   const StateVariable& variable) {
    switch (variable.type) {
        case DataType::String:
            return std::string{text};
        case DataType::Boolean:
            return parseBoolean(text);
        case DataType::Ui2:
            return parseUnsigned<std::uint16_t>(text);
        case DataType::Ui4:
            return parseUi4(text, variable);
    }
    return std::nullopt;
}

tl::expected<Arguments, UpnpError> Arguments::decode(const Service& service, const Action& action,
                                                     const std::vector<ArgumentValue>& given) {
    Arguments result;
    for (const auto& argument : action.arguments) {
        if (argument.direction == Direction::Out) break;  // in before out
        const auto text = givenText(argument, given);
        if (!text) return tl::unexpected(kInvalidArgs);
        auto value = valueOf(*text, *findVariable(service, argument.variable));
        if (!value) return tl::unexpected(kInvalidArgs);
        result.entries_.push_back({argument.name, std::move(*value)});
    }
    return result;
}

const Arguments::Value& Arguments::find(std::string_view name) const {
    const auto entry = std::ranges::find(entries_, name, &Entry::name);
    assert(entry != entries_.end());
    return entry->value;
}

}  // namespace igd
