// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace igd::ctl {
namespace {

using inspect::Fate;
using inspect::Finding;

/// A remote as good as any: hardly a rule is about it alone.
constexpr Endpoint kInternetHost{Ipv4Address{0x08080808}, Port{50000}};
constexpr Port kHostPort{50000};
constexpr Port kSsdp{1900};
constexpr Port kPortControl{5351};
constexpr Ipv4Address kSsdpGroup{0xeffffffa};  // 239.255.255.250

Verdict verdictOf(Fate fate) {
    switch (fate) {
        case Fate::Reaches:
            return Verdict::Ok;
        case Fate::Stopped:
            return Verdict::Fail;
        case Fate::Unknown:
            return Verdict::Unknown;
    }
    return Verdict::Unknown;
}

std::string because(const Finding& finding) {
    const std::string rule = finding.text.empty() ? "" : ": " + finding.text;
    if (finding.fate == Fate::Stopped) return fmt::format("STOPPED by {}{}", finding.where, rule);
    if (finding.fate == Fate::Unknown)
        return fmt::format("unknown: {} cannot be judged{}", finding.where, rule);
    return "reaches";
}

class Checker {
public:
    explicit Checker(const Facts& facts) : facts_(facts) {
        for (const auto& internal : facts.internal)
            for (const Ipv4Prefix& prefix : internal.prefixes)
                if (prefix.length < 32) lans_.push_back({internal.interface, prefix});
    }

    std::vector<Line> all(const std::optional<MappingKey>& key) {
        external();
        forwarding();
        masquerade();
        for (const auto& internal : facts_.internal) inputOf(internal);
        for (const std::string& note : facts_.notes) add("RULES-01", Verdict::Note, note, "");
        if (facts_.bothFirewalls)
            add("FW-02", Verdict::Note,
                "rules of legacy iptables and of nftables are in force at the same time",
                "a packet must pass both; use one of them");
        key ? port(*key) : everyMapping();
        return std::move(lines_);
    }

private:
    void add(std::string code, Verdict verdict, std::string text, std::string remedy) {
        lines_.push_back({std::move(code), verdict, std::move(text), std::move(remedy)});
    }

    void external() {
        const std::string& name = facts_.external.text();
        if (!facts_.externalExists)
            return add("WAN-01", Verdict::Fail,
                       fmt::format("the external interface {} does not exist", name),
                       "is external_interface right, is the connection up?");
        if (!facts_.externalAddress)
            return add("WAN-01", Verdict::Fail,
                       fmt::format("the external interface {} has no address", name),
                       "is the connection up?");
        const Ipv4Address address = *facts_.externalAddress;
        add("WAN-01", Verdict::Ok,
            fmt::format("external interface {} has {}", name, toString(address)), "");
        const bool toldElse = facts_.told && *facts_.told != address;
        const std::string told = toldElse ? fmt::format("; clients are told {} ({})",
                                                        toString(*facts_.told), facts_.toldFrom)
                                          : "";
        if (address.isPublic())
            return add("WAN-02", Verdict::Ok,
                       fmt::format("{} is a public address{}", toString(address), told), "");
        const bool toldPublic = toldElse && facts_.told->isPublic();
        add("WAN-02", toldPublic ? Verdict::Note : Verdict::Fail,
            fmt::format("{} is {}: no host of the Internet reaches it{}", toString(address),
                        kindOf(address), told),
            toldPublic
                ? "see that the router in front forwards all ports here, or set it to bridge mode"
                : wayOut(address));
    }

    static std::string wayOut(Ipv4Address address) {
        return std::string{address.isCarrierNat() ? "ask the provider for a public address"
                                                  : "set the router in front to bridge mode"} +
               "; or let what is in front forward all ports here, and set external_address to its "
               "address, "
               "or to stun";
    }

    static std::string kindOf(Ipv4Address address) {
        if (address.isCarrierNat()) return "a carrier's (100.64.0.0/10, RFC 6598)";
        if (address.isPrivate()) return "private (RFC 1918)";
        return fmt::format("not of the public Internet ({})", rangeName(address));
    }

    void forwarding() {
        if (facts_.forwards) return add("FWD-01", Verdict::Ok, "IP forwarding is on", "");
        add("FWD-01", Verdict::Fail, "IP forwarding is off: nothing passes this router",
            "sysctl -w net.ipv4.ip_forward=1");
    }

    void masquerade() {
        if (!facts_.rules || lans_.empty()) return;
        for (const inspect::Lan& lan : lans_) {
            const Finding finding = inspect::judgeMasquerade(*facts_.rules, lan, facts_.external);
            const std::string where =
                fmt::format("from {} to {}", nameOf(lan), facts_.external.text());
            if (finding.fate == Fate::Reaches) {
                add("NAT-01", Verdict::Ok, "flows " + where + " are masqueraded", "");
                continue;
            }
            const bool passes = finding.where == "no masquerade";
            add("NAT-01", verdictOf(finding.fate),
                fmt::format("flows {}: {}", where, passes ? "not masqueraded" : because(finding)),
                passes ? fmt::format("masquerade what leaves by {}", facts_.external.text())
                       : "let the hosts of the LAN out there");
        }
    }

    /// With its network where the interface has several.
    [[nodiscard]] std::string nameOf(const inspect::Lan& lan) const {
        const auto count = std::ranges::count(lans_, lan.interface, &inspect::Lan::interface);
        const std::string& name = lan.interface.text();
        return count < 2 ? name : fmt::format("{} ({})", name, toString(lan.prefix));
    }

    void unopened(const Facts::Internal::Problem& problem) {
        const bool known = !problem.holders.empty();
        add("LAN-06", Verdict::Fail,
            known ? fmt::format("{}: {} has it", problem.reason, problem.holders) : problem.reason,
            std::string{known ? "end that program, or give it another port"
                              : "root sees which program has a port"} +
                (facts_.daemonRuns ? "; upnpd tries again by itself" : ""));
    }

    void inputOf(const Facts::Internal& internal) {
        const std::string& name = internal.interface.text();
        for (const auto& problem : internal.problems) unopened(problem);
        if (internal.prefixes.empty())
            return add("LAN-01", Verdict::Fail,
                       fmt::format("internal interface {} has no address", name), "");
        if (!facts_.rules) return;
        const Ipv4Address router = internal.prefixes.front().address;
        if (facts_.upnp) {
            input("LAN-02", internal, {router, kSsdp}, Protocol::Udp, "a search");
            input("LAN-03", internal, {kSsdpGroup, kSsdp}, Protocol::Udp, "a search by multicast");
        }
        if (internal.httpPort)
            input("LAN-04", internal, {router, *internal.httpPort}, Protocol::Tcp,
                  "a control point");
        if (facts_.portControl)
            input("LAN-05", internal, {router, kPortControl}, Protocol::Udp,
                  "a client of NAT-PMP or PCP");
    }

    void input(const char* code, const Facts::Internal& internal, const Endpoint& to,
               Protocol protocol, const char* who) {
        const Ipv4Prefix& own = internal.prefixes.front();
        const Ipv4Address host{own.network().value() + (own.address.value() & 1U) + 2};
        const Finding finding = inspect::judgeInput(
            *facts_.rules, {internal.interface, {host, kHostPort}, to, protocol});
        const std::string what = fmt::format("{} ({} {}) on {}", who, lowerName(protocol),
                                             toString(to), internal.interface.text());
        add(code, verdictOf(finding.fate), what + ": " + because(finding),
            finding.fate == Fate::Reaches
                ? ""
                : remedy(finding, internal.interface.text(), to.port, protocol));
    }

    /// Names a remedy in the words of the firewall whose rule it is.
    [[nodiscard]] static std::string remedy(const Finding& finding, const std::string& interface,
                                            Port port, Protocol protocol) {
        const auto in = [&](std::string_view part) {
            return finding.where.find(part) != std::string::npos;
        };
        if (in("firewalld"))
            return fmt::format("firewall-cmd --permanent --zone=(that of {}) --add-port={}/{}",
                               interface, port.value, lowerName(protocol));
        if (in("ufw"))
            return fmt::format("ufw allow in on {} to any port {} proto {}", interface, port.value,
                               lowerName(protocol));
        if (in("legacy") || in(" INPUT"))
            return fmt::format("iptables -I INPUT -i {} -p {} --dport {} -j ACCEPT", interface,
                               lowerName(protocol), port.value);
        return fmt::format("let {} port {} in on {}", lowerName(protocol), port.value, interface);
    }

    void everyMapping() {
        if (!facts_.daemonRuns)
            return add("MAP-00", Verdict::Note, "upnpd is not running: there are no mappings", "");
        if (facts_.mappings.empty()) add("MAP-00", Verdict::Note, "there are no mappings", "");
        for (const Json& json : facts_.mappings) mapping(json);
    }

    static std::optional<MappingKey> keyOf(const Json& json) {
        const auto protocol = parseProtocol(json.value("protocol", ""));
        if (!protocol) return std::nullopt;
        return MappingKey{*protocol, Port{json.value("external_port", std::uint16_t{0})}};
    }

    void mapping(const Json& json) {
        const auto key = keyOf(json);
        const auto client = parseIpv4Address(json.value("internal_address", ""));
        if (!key || !client) return;
        const Endpoint internal{*client, Port{json.value("internal_port", std::uint16_t{0})}};
        const std::string what = fmt::format("{} {} -> {}", lowerName(key->protocol),
                                             key->externalPort.value, toString(internal));
        if (!json.value("enabled", true))
            return add("MAP-01", Verdict::Note, what + "  is switched off by its client", "");
        if (!facts_.rules || !facts_.externalAddress) return;
        const auto remote = json["remote_host"].is_string()
                                ? parseIpv4Address(json["remote_host"].get<std::string>())
                                : std::nullopt;
        const Endpoint from{remote.value_or(kInternetHost.address), kHostPort};
        report(what, judge(*key, from, std::nullopt), internal);
    }

    [[nodiscard]] Finding judge(const MappingKey& key, const Endpoint& from,
                                const std::optional<Endpoint>& assumed) const {
        return inspect::judgeWayIn(*facts_.rules,
                                   {facts_.external, *facts_.externalAddress, from, key.protocol,
                                    key.externalPort, assumed},
                                   lans_);
    }

    void report(const std::string& what, const Finding& finding, const Endpoint& internal) {
        if (finding.fate == Fate::Reaches && finding.translatedTo != internal)
            return add(
                "MAP-01", Verdict::Fail,
                fmt::format("{}  another rule sends it to {}", what,
                            toString(*finding.translatedTo)),
                "that rule stands before upnpd's: take it away, or forbid the port to clients");
        add("MAP-01", verdictOf(finding.fate), what + "  " + because(finding),
            finding.fate == Fate::Stopped ? "let it through there, or insert_forward_rules = auto"
                                          : "");
    }

    void port(const MappingKey& key) {
        const auto found = std::ranges::find_if(
            facts_.mappings, [&](const Json& json) { return keyOf(json) == key; });
        if (found != facts_.mappings.end()) return mapping(*found);
        const std::string what =
            fmt::format("{} {}", lowerName(key.protocol), key.externalPort.value);
        if (!facts_.rules || !facts_.externalAddress || lans_.empty())
            return add("MAP-02", Verdict::Unknown,
                       what + "  nobody mapped it, and the way cannot be judged", "");
        const Finding now = judge(key, kInternetHost, std::nullopt);
        if (now.translatedTo)
            return add(
                "MAP-02", verdictOf(now.fate),
                fmt::format("{}  not mapped by upnpd; a rule of somebody else sends it to {}: {}",
                            what, toString(*now.translatedTo), because(now)),
                "");
        const Endpoint host{Ipv4Address{lans_.front().prefix.network().value() + 2},
                            key.externalPort};
        const Finding later = judge(key, kInternetHost, host);
        add("MAP-02", later.fate == Fate::Reaches ? Verdict::Note : verdictOf(later.fate),
            fmt::format("{}  nobody mapped it; once mapped to a host behind {}: {}", what,
                        lans_.front().interface.text(), because(later)),
            "");
    }

    const Facts& facts_;
    std::vector<inspect::Lan> lans_;
    std::vector<Line> lines_;
};

std::string_view wordOf(Verdict verdict) {
    switch (verdict) {
        case Verdict::Ok:
            return "ok";
        case Verdict::Fail:
            return "FAIL";
        case Verdict::Unknown:
            return "unknown";
        case Verdict::Note:
            return "note";
    }
    return "?";
}

}  // namespace

std::vector<Line> check(const Facts& facts, const std::optional<MappingKey>& key) {
    return Checker{facts}.all(key);
}

std::string checkText(const std::vector<Line>& lines) {
    std::string text;
    for (const Line& line : lines) {
        text += fmt::format("{:<8}{:<7}  {}\n", line.code, wordOf(line.verdict), line.text);
        if (!line.remedy.empty() && line.verdict != Verdict::Ok)
            text += fmt::format("{:17}-> {}\n", "", line.remedy);
    }
    return text;
}

Json checkJson(const std::vector<Line>& lines) {
    Json checks = Json::array();
    for (const Line& line : lines)
        checks.push_back({{"code", line.code},
                          {"verdict", wordOf(line.verdict)},
                          {"text", line.text},
                          {"remedy", line.remedy}});
    return {{"ok", checkStatus(lines) == 0}, {"schema", 1}, {"checks", checks}};
}

int checkStatus(const std::vector<Line>& lines) {
    return std::ranges::any_of(lines,
                               [](const Line& line) { return line.verdict == Verdict::Fail; })
               ? 1
               : 0;
}

}  // namespace igd::ctl
