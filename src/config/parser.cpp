// SPDX-License-Identifier: GPL-2.0-or-later
// The parser reads the text of upnpd.conf line by line. It goes on after an error, so that one run
// tells all of them.
#include "interface_lines.h"
#include "keys.h"
#include "left_out.h"
#include "line.h"
#include "permission_line.h"
#include "shell_style.h"
#include "store_remarks.h"
#include "values.h"

#include "upnpd/config/values_in_force.h"
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
constexpr std::string_view kListeningKey = "listening_ip";
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
        checkUpstream();
        checkStore();
        checkContradictions();
        checkMappings();
        line_ = 0;
        compare("mappings_per_client", policy.mappingsPerClient, "mappings_total",
                policy.mappingsTotal);
        compare("requests_per_client", limits.requestsPerSecondPerPeer, "requests_total",
                limits.requestsPerSecond);
        compare("connections_per_client", limits.connectionsPerPeer, "connections_total",
                limits.connectionsTotal);
        compare("subscriptions_per_client", limits.subscriptionsPerPeer, "subscriptions_total",
                limits.subscriptionsTotal);
        parsed_.lines.insert(lineOf_.begin(), lineOf_.end());
        return std::move(parsed_);
    }

private:
    static bool isControl(char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    }

    void readPermission(std::string_view line) {
        auto read = parsePermission(line, fmt::format("{}:{}", file_, line_));
        if (!read) return error(std::move(read.error()));
        for (auto& remark : read->remarks) say(remark.severity, std::move(remark.text));
        if (!read->rule) return;
        auto& rules = parsed_.settings.policy.permissions;
        const auto before = std::ranges::find_if(
            rules, [&](const PermissionRule& earlier) { return covers(earlier, *read->rule); });
        if (before != rules.end())
            say(Severity::Warning,
                fmt::format(
                    "this line never decides anything: whatever it matches, {} matches first",
                    before->origin));
        rules.push_back(std::move(*read->rule));
        const std::string_view action = words(line).front();
        assigned(toLower(action), trimmed(withoutComment(trimmed(line).substr(action.size()))));
    }

    void readSetting(std::string_view line) {
        const auto split = splitLine(line);
        const auto key = split ? split->key : toLower(words(line).front());
        if (const auto* const unused = findIn(keysWithoutEffect(), key, &ConfigurationKey::name))
            return say(Severity::Notice,
                       fmt::format("{} has no effect: {}", unused->name, unused->expected));
        if (!split) return error(split.error());
        const auto* const alias = findIn(keyAliases(), split->key, &KeyAlias::old);
        if (!split->hasSeparator && !(alias && alias->blankSeparated))
            return missingSeparator(*split);
        const std::string_view name = alias ? alias->name : split->key;
        const InterfaceLine interfaces{file_, line_, split->key, split->value};
        if (name == kExternalInterfaceKey) return readExternal(interfaces, parsed_);
        if (name == kExternalInterface6Key) return readExternal6(interfaces, parsed_);
        if (split->key == kListeningKey) return readListening(interfaces, parsed_);
        if (name == kInternalInterfaceKey) return readInternal(interfaces, parsed_);
        set(*split, alias);
    }

    /// Checks keys that have no use together; told with the line of the later one.
    void checkContradictions() {
        const auto& settings = parsed_.settings;
        if (!settings.upnp && !settings.natPmp && !settings.pcp)
            sayOf({"upnp", "port_control"}, Severity::Warning,
                  "upnp = no and port_control = none: clients are served by no protocol");
        if (settings.policy.pcpMinLease > settings.policy.pcpMaxLease)
            sayOf({"pcp_lease_min", "pcp_lease_max"}, Severity::Error,
                  fmt::format("pcp_lease_min = {} is more than pcp_lease_max = {}",
                              settings.policy.pcpMinLease.count(),
                              settings.policy.pcpMaxLease.count()));
        if (settings.policy.minLease > settings.policy.maxLease)
            sayOf({"lease_min", "lease_max"}, Severity::Error,
                  fmt::format("lease_min = {} is more than lease_max = {}",
                              settings.policy.minLease.count(), settings.policy.maxLease.count()));
        if (settings.insertForwardRules == InsertForwardRules::No)
            for (const std::string_view key :
                 {"forward_chain_name", "ipv6forward_chain_name", "forward_rules_append"})
                if (lineOf_.contains(key))
                    sayOf({key}, Severity::Notice,
                          fmt::format("{} has no effect with insert_forward_rules = no", key));
        if (settings.firewallBackend == BackendChoice::Iptables && !settings.policy.openNat.empty())
            sayOf({"open_nat", "firewall_backend"}, Severity::Error,
                  std::string{kOpenNatNeedsNftables});
        if (settings.firewallBackend == BackendChoice::Nftables &&
            lineOf_.contains("prerouting_chain_name"))
            sayOf({"prerouting_chain_name"}, Severity::Notice,
                  "prerouting_chain_name has no effect with firewall_backend = nftables");
    }

    /// The administrator's mappings end where everybody's do.
    void checkMappings() {
        const Policy policy{parsed_.settings.policy};
        for (const Opening& mapping : parsed_.settings.staticMappings) {
            const auto refusal = policy.refusesExternal(mapping.externalPorts());
            if (!refusal) continue;
            line_ = lineOfMapping_[mapping.key()];
            error(fmt::format("mapping: {} (line {})", refusal->reason, lineOf_["external_ports"]));
        }
    }

    void sayOf(std::initializer_list<std::string_view> keys, Severity severity, std::string text) {
        line_ = 0;
        for (const auto key : keys)
            if (const auto found = lineOf_.find(key); found != lineOf_.end())
                line_ = std::max(line_, found->second);
        say(severity, std::move(text));
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
            line_ = std::max(lineOf_["stun_server"], lineOf_["ext_stun_host"]);
            say(Severity::Notice, "stun_server has no effect without external_address = stun");
        }
    }

    void checkUpstream() {
        const UpstreamSetting& setting = parsed_.settings.upstream;
        if (setting.by != Upstream::Off || !setting.gateway) return;
        line_ = lineOf_["upstream_gateway"];
        say(Severity::Notice, "upstream_gateway has no effect without upstream");
    }

    void checkStore() {
        for (StoreRemark& each : remarksOnStore(parsed_.settings)) {
            line_ = lineOf_[each.key];
            say(each.severity, std::move(each.text));
        }
    }

    void missingSeparator(const ConfigurationLine& line) {
        const auto* const key = findIn(configurationKeys(), line.key, &ConfigurationKey::name);
        if (!key) return unknown(line);
        error(fmt::format("no \"=\" behind {}: expected \"{} = value\"", line.key, line.key));
    }

    void set(const ConfigurationLine& line, const KeyAlias* alias) {
        const auto* const key =
            findIn(configurationKeys(), alias ? alias->name : line.key, &ConfigurationKey::name);
        if (!key) return unknown(line);
        const auto value =
            alias && alias->translate ? alias->translate(line.value) : std::optional{line.value};
        if (!value) return;
        const bool isPart = alias && alias->setPart;
        if (!(isPart ? alias->setPart : key->set)(parsed_.settings, *value)) {
            if (line.value.empty())
                return say(Severity::Notice,
                           fmt::format("{} is empty: it counts as not set", line.key));
            return error(fmt::format("{} = {}: expected {}", line.key, igd::quoted(line.value),
                                     isPart ? alias->expected : key->expected));
        }
        if (const auto lacking = lacks(key->name, parsed_.settings))
            return error(fmt::format("{} = {}: {}", line.key, igd::quoted(line.value), *lacking));
        assigned(isPart ? alias->old : key->name, *value);
        if (isPart) return void(lineOf_[alias->old] = line_);
        remark(*key, line);
        if (alias) remarkOld(*alias, line.value);
    }

    /// A later line takes the place of an earlier one, but for those that there may be many of.
    void assigned(std::string_view key, std::string_view value) {
        if (key == "mapping" && equalsIgnoringCase(value, "none")) return;
        if (key != "mapping" && key != "allow" && key != "deny")
            std::erase_if(parsed_.assigned,
                          [&](const AssignedValue& earlier) { return earlier.key == key; });
        parsed_.assigned.push_back({std::string{key}, std::string{value}, placeOf(file_, line_)});
    }

    void remark(const ConfigurationKey& key, const ConfigurationLine& line) {
        if (key.name == "mapping") return remarkMapping(line.value);
        const auto [first, isNew] = lineOf_.try_emplace(key.name, line_);
        if (!isNew)
            say(Severity::Notice,
                fmt::format("{} was set on line {} already{}: this line counts", key.name,
                            first->second,
                            line.key == key.name ? "" : ", and this is its other name"));
        first->second = line_;
        if (key.name == "external_address") remarkPrivate();
        if (key.name == "uuid") remarkUuid(line.value);
        if (key.name == "allow_third_party") remarkHostBits(parsed_.settings.policy.thirdParties);
        if (key.name == "pcp_third_party") remarkHostBits(parsed_.settings.pcpThirdParties);
    }

    /// There may be several lines, but one for each port.
    void remarkMapping(std::string_view value) {
        if (equalsIgnoringCase(value, "none")) return;
        const MappingKey port = parsed_.settings.staticMappings.back().key();
        const auto [first, isNew] = lineOfMapping_.try_emplace(port, line_);
        if (!isNew)
            say(Severity::Notice, fmt::format("{} is mapped by line {} already: this line counts",
                                              toString(port), first->second));
        first->second = line_;
    }

    void remarkUuid(const std::string& value) {
        const auto& uuid = parsed_.settings.identity.uuid;
        if (uuid == kSharedUuid)
            say(Severity::Warning,
                "every linux-igd had this uuid: two routers with it look like one");
        if (uuid.empty() && !equalsIgnoringCase(value, "auto"))
            say(Severity::Notice,
                fmt::format("uuid = {} is of no use: one is made from the machine's identity",
                            value));
    }

    void remarkHostBits(const std::vector<Ipv6Prefix>& prefixes) {
        for (const Ipv6Prefix& prefix : prefixes)
            if (const auto remark = remarkOnHostBits(prefix)) say(Severity::Notice, *remark);
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

    void unknown(const ConfigurationLine& line) {
        const std::string& key = line.key;
        if (key == "allow" || key == "deny")
            return error(line.hasSeparator
                             ? fmt::format("{} takes no \"=\": expected {}", key, kPermissionForm)
                             : fmt::format("expected {}", kPermissionForm));
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
    std::map<MappingKey, std::size_t> lineOfMapping_;
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
