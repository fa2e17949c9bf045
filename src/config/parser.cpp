// SPDX-License-Identifier: GPL-2.0-or-later
// The parser reads the text of upnpd.conf line by line. It goes on after an error, so that one run
// tells all of them.
#include "keys.h"
#include "line.h"
#include "shell_style.h"
#include "values.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string>

namespace igd {
namespace {

constexpr std::size_t kLongestLine = 1024;
/// Every copy of linux-igd has this UUID, and clients take two routers with it for one.
constexpr std::string_view kSharedUuid = "75802409-bccb-40e7-8e6c-fa095ecce13e";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

template <class Table, class Projection>
const auto* findIn(const Table& table, std::string_view name, Projection projection) {
    const auto found = std::ranges::find(table, name, projection);
    return found == std::end(table) ? nullptr : &*found;
}

class Parser {
public:
    explicit Parser(std::string_view file) : file_(file) {}

    void readLine(std::string_view line) {
        ++line_;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (isBlank(line)) return;
        if (line.size() > kLongestLine)
            return error(fmt::format("the line has {} bytes: expected at most {}", line.size(),
                                     kLongestLine));
        if (std::ranges::any_of(line, isControl))
            return error(
                fmt::format("{} holds control characters: expected text", igd::quoted(line)));
        if (isPermission(line)) return readPermission(line);
        readSetting(line);
    }

    ParsedConfiguration finish() {
        auto& settings = parsed_.settings;
        std::ranges::copy(settings.pcpThirdParties,
                          std::back_inserter(settings.policy.thirdParties));
        const auto& policy = parsed_.settings.policy;
        const auto& limits = parsed_.settings.limits;
        checkStun();
        line_ = 0;
        if (policy.minLease > policy.maxLease)
            error(fmt::format("lease_min = {} is more than lease_max = {}", policy.minLease.count(),
                              policy.maxLease.count()));
        compare("mappings_per_client", policy.mappingsPerClient, "mappings_total",
                policy.mappingsTotal);
        compare("requests_per_client", limits.requestsPerSecondPerPeer, "requests_total",
                limits.requestsPerSecond);
        compare("connections_per_client", limits.connectionsPerPeer, "connections_total",
                limits.connectionsTotal);
        compare("subscriptions_per_client", limits.subscriptionsPerPeer, "subscriptions_total",
                limits.subscriptionsTotal);
        return std::move(parsed_);
    }

private:
    static bool isControl(char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    }

    void readPermission(std::string_view line) {
        auto rule = parsePermission(line, fmt::format("{}:{}", file_, line_));
        if (!rule) return error(std::move(rule.error()));
        auto& rules = parsed_.settings.policy.permissions;
        const auto before = std::ranges::find_if(
            rules, [&](const PermissionRule& earlier) { return covers(earlier, *rule); });
        if (before != rules.end())
            say(Severity::Warning,
                fmt::format(
                    "this line never decides anything: whatever it matches, {} matches first",
                    before->origin));
        rules.push_back(std::move(*rule));
    }

    void readSetting(std::string_view line) {
        const auto split = splitLine(line);
        if (!split) return error(split.error());
        if (const auto* const unused =
                findIn(keysWithoutEffect(), split->key, &ConfigurationKey::name))
            return say(Severity::Notice,
                       fmt::format("{} has no effect: {}", split->key, unused->expected));
        const auto* const alias = findIn(keyAliases(), split->key, &KeyAlias::old);
        if (!split->hasSeparator && !(alias && alias->blankSeparated))
            return missingSeparator(*split);
        const std::string_view name = alias ? alias->name : split->key;
        if (name == kExternalInterfaceKey) return setExternal(split->value);
        if (name == kInternalInterfaceKey) return addInternal(split->value);
        set(*split, alias);
    }

    /// Checks two keys that belong together; a fault is told with the line of the one that is
    /// there.
    void checkStun() {
        const auto& setting = parsed_.settings.externalAddress;
        const bool asked = setting.from == ExternalAddressSetting::From::Stun;
        if (asked && setting.server.host.empty()) {
            line_ = lineOf_["external_address"];
            error("external_address = stun: expected stun_server = HOST[:PORT] as well");
        }
        if (!asked && !setting.server.host.empty()) {
            line_ = lineOf_["stun_server"];
            say(Severity::Notice, "stun_server has no effect without external_address = stun");
        }
    }

    void missingSeparator(const ConfigurationLine& line) {
        const auto* const key = findIn(configurationKeys(), line.key, &ConfigurationKey::name);
        if (!key) return unknown(line.key);
        error(fmt::format("no \"=\" behind {}: expected \"{} = value\"", line.key, line.key));
    }

    void set(const ConfigurationLine& line, const KeyAlias* alias) {
        const auto* const key =
            findIn(configurationKeys(), alias ? alias->name : line.key, &ConfigurationKey::name);
        if (!key) return unknown(line.key);
        const auto value =
            alias && alias->translate ? alias->translate(line.value) : std::optional{line.value};
        if (!value) return;
        const bool isPart = alias && alias->setPart;
        if (!(isPart ? alias->setPart : key->set)(parsed_.settings, *value))
            return error(fmt::format("{} = {}: expected {}", line.key, igd::quoted(line.value),
                                     isPart ? alias->expected : key->expected));
        if (isPart) return void(lineOf_.try_emplace(key->name, line_));
        remark(*key, line.key);
        if (alias) remarkOld(*alias, line.value);
    }

    void remark(const ConfigurationKey& key, const std::string& written) {
        if (key.name == "mapping") return;  // there may be several
        const auto [first, isNew] = lineOf_.try_emplace(key.name, line_);
        if (!isNew)
            say(Severity::Notice,
                fmt::format("{} was set on line {} already{}: this line counts", key.name,
                            first->second,
                            written == key.name ? "" : ", and this is its other name"));
        first->second = line_;
        if (key.name == "external_address") remarkPrivate();
        if (key.name == "uuid" && parsed_.settings.identity.uuid == kSharedUuid)
            say(Severity::Warning,
                "every linux-igd had this uuid: two routers with it look like one");
    }

    void remarkPrivate() {
        const auto& setting = parsed_.settings.externalAddress;
        if (setting.from == ExternalAddressSetting::From::Configured &&
            !setting.configured.isPublic())
            say(Severity::Warning,
                fmt::format("no host of the Internet reaches {} ({})", toString(setting.configured),
                            rangeName(setting.configured)));
    }

    void remarkOld(const KeyAlias& alias, const std::string& value) {
        if (alias.old == "paranoid" && !parsed_.settings.policy.thirdParties.empty())
            say(Severity::Warning,
                fmt::format("paranoid = {} lets a client open ports to other hosts of its LAN; "
                            "without this line it may do so to itself only",
                            value));
    }

    void setExternal(const std::string& value) {
        const auto name = InterfaceName::parse(value);
        if (!name) return badInterface(kExternalInterfaceKey, value);
        if (parsed_.external)
            say(Severity::Notice,
                fmt::format("external_interface was set on line {} already: this line counts",
                            parsed_.external->line));
        parsed_.external = NamedInterface{*name, std::string{file_}, line_};
    }

    void addInternal(const std::string& value) {
        const auto names = words(value);
        if (names.empty()) badInterface(kInternalInterfaceKey, value);
        for (const auto text : names) {
            if (const auto name = InterfaceName::parse(text))
                parsed_.internal.push_back({*name, std::string{file_}, line_});
            else
                badInterface(kInternalInterfaceKey, text);
        }
    }

    void badInterface(std::string_view key, std::string_view value) {
        error(fmt::format("{} = {}: expected the name of a network interface", key,
                          igd::quoted(value)));
    }

    void unknown(std::string_view key) {
        const auto similar = similarKey(key);
        error(fmt::format(
            "unknown key {}{}", igd::quoted(key),
            similar.empty() ? ": see upnpd.conf(5)" : fmt::format(": did you mean {}?", similar)));
    }

    void compare(std::string_view part, std::size_t ofPart, std::string_view whole,
                 std::size_t ofWhole) {
        if (ofPart > ofWhole && lineOf_.contains(part))
            say(Severity::Warning,
                fmt::format("{} = {} is more than {} = {}", part, ofPart, whole, ofWhole));
    }

    void error(std::string text) { say(Severity::Error, std::move(text)); }
    void say(Severity severity, std::string text) {
        parsed_.diagnostics.push_back({std::string{file_}, line_, severity, std::move(text)});
    }

    std::string_view file_;
    std::size_t line_ = 0;
    std::map<std::string_view, std::size_t> lineOf_;
    ParsedConfiguration parsed_;
};

}  // namespace

ParsedConfiguration parseConfiguration(std::string_view text, std::string_view fileName) {
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    if (looksShellStyle(text)) {
        ParsedConfiguration parsed;
        readShellStyle(text, fileName, parsed);
        return parsed;
    }
    Parser parser{fileName};
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        parser.readLine(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parser.finish();
}

}  // namespace igd
