// SPDX-License-Identifier: GPL-2.0-or-later
#include "interface_lines.h"

#include "interface_value.h"
#include "keys.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

namespace igd {
namespace {

/// Writes diagnostics and interfaces of one line.
class Writer {
public:
    Writer(const InterfaceLine& line, ParsedConfiguration& into) : line_(line), into_(into) {}

    void say(Severity severity, std::string text) {
        into_.diagnostics.push_back(
            {std::string{line_.file}, line_.number, severity, std::move(text)});
    }
    void refuse(std::string_view value, std::string_view why) {
        say(Severity::Error, fmt::format("{} = {}: {}", line_.key, igd::quoted(value), why));
    }
    void noEffect(std::string_view value, std::string_view why) {
        say(Severity::Notice, fmt::format("{} = {} has no effect: {}", line_.key, value, why));
    }
    [[nodiscard]] NamedInterface named(const InterfaceName& name) const {
        return {name, std::string{line_.file}, line_.number};
    }
    void addName(std::string_view text) {
        if (const auto name = readInterface(text))
            into_.internal.push_back(named(*name));
        else
            refuse(text, name.error());
    }
    void addInternal(std::string_view text) {
        const auto value = readInternalValue(text);
        if (!value) return refuse(text, value.error());
        if (const auto* const name = std::get_if<InterfaceName>(&*value))
            into_.internal.push_back(named(*name));
        else
            into_.patterns.push_back(
                {std::get<InterfacePattern>(*value), std::string{line_.file}, line_.number});
    }
    /// Puts the line's value into `target`, of `key`.
    void setUplink(std::optional<NamedUplink>& target, std::string_view key) {
        const auto uplink = readUplink(line_.value);
        if (!uplink) return refuse(line_.value, uplink.error());
        if (target)
            say(Severity::Notice,
                fmt::format("{} was set on line {} already: this line counts", key, target->line));
        target = NamedUplink{*uplink, std::string{line_.file}, line_.number};
    }
    void addNetwork(const Ipv4Prefix& network) {
        into_.networks.push_back({network, std::string{line_.file}, line_.number});
    }

private:
    const InterfaceLine& line_;
    ParsedConfiguration& into_;
};

/// Returns whether miniupnpd's key has no value; then it says nothing, as if it were not there.
bool isEmptyAlias(const InterfaceLine& line, std::string_view key, Writer& writer) {
    if (!line.value.empty() || line.key == key) return false;
    writer.say(Severity::Notice, fmt::format("{} is empty: it names no interface", line.key));
    return true;
}

/// Reads a word of listening_ip; `first`: it is the first one of the line.
void readListeningWord(std::string_view word, bool first, Writer& writer) {
    constexpr std::string_view kLoopback = "no client is on lo";
    const auto network = readNetwork(word);
    const auto name = word.substr(0, word.find('/'));
    if (network && !first && network->length == 32 && network->address.isPublic())
        return writer.noEffect(word, "all internal interfaces have one external address");
    if (network ? network->address.isLoopback() : name == "lo")
        return writer.noEffect(word, kLoopback);
    if (network) return writer.addNetwork(*network);
    const bool hasMask = name.size() != word.size();
    if (!readInterface(name) ||
        (hasMask && !readNetwork(fmt::format("0.0.0.0{}", word.substr(name.size())))))
        return writer.refuse(word, "expected INTERFACE, ADDRESS, ADDRESS/LENGTH or ADDRESS/MASK");
    writer.addName(name);
}

}  // namespace

void readExternal(const InterfaceLine& line, ParsedConfiguration& into) {
    Writer writer{line, into};
    if (isEmptyAlias(line, kExternalInterfaceKey, writer)) return;
    writer.setUplink(into.external, kExternalInterfaceKey);
}

void readExternal6(const InterfaceLine& line, ParsedConfiguration& into) {
    Writer writer{line, into};
    if (isEmptyAlias(line, kExternalInterface6Key, writer)) return;
    writer.setUplink(into.external6, kExternalInterface6Key);
}

void readInternal(const InterfaceLine& line, ParsedConfiguration& into) {
    Writer writer{line, into};
    std::string spaced{line.value};
    std::ranges::replace(spaced, ',', ' ');
    const auto names = words(spaced);
    if (names.empty()) return writer.refuse(line.value, readInterface("").error());
    for (const auto name : names) writer.addInternal(name);
}

void readListening(const InterfaceLine& line, ParsedConfiguration& into) {
    Writer writer{line, into};
    if (isEmptyAlias(line, kInternalInterfaceKey, writer)) return;
    bool first = true;
    for (const auto word : words(line.value)) {
        readListeningWord(word, first, writer);
        first = false;
    }
}

}  // namespace igd
