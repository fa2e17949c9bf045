// SPDX-License-Identifier: GPL-2.0-or-later
#include "key_setters.h"

#include "upnpd/util/text.h"

#include <algorithm>
#include <chrono>

namespace igd::setter {

bool filledText(std::string& target, Value value) {
    return !value.empty() && assign(target, parseText(value, 64));
}

bool urlOrNone(std::string& target, Value value) {
    const bool none = value.empty() || equalsIgnoringCase(value, "none");
    return assign(target, none ? std::optional{std::string{}} : parseUrl(value));
}

bool presentationUrl(Settings& settings, Value value) {
    std::string& url = settings.identity.presentationUrl;
    return value == kOwnPage ? assign(url, std::optional{std::string{value}})
                             : urlOrNone(url, value);
}

bool pathOrNone(std::optional<std::filesystem::path>& target, Value value) {
    if (!equalsIgnoringCase(value, "none")) return assign(target, parsePath(value));
    target.reset();
    return true;
}

bool leaseStore(Settings& settings, Value value) {
    if (!equalsIgnoringCase(value, "none"))
        return assign(settings.leaseStore, parseStoreSetting(value));
    settings.leaseStore.reset();
    return true;
}

/// An address that stands for several is one of the external interface too, and one of a link says
/// nothing without the link.
bool listenPlace(std::optional<IpEndpoint>& target, Value value) {
    if (equalsIgnoringCase(value, "none")) {
        target.reset();
        return true;
    }
    const auto endpoint = parseAuthority(value, Port{0});
    const auto isOne = [](const auto& address) {
        return !address.isUnspecified() && !address.isMulticast() && !address.isLinkLocal();
    };
    return endpoint && endpoint->port != Port{0} && std::visit(isOne, endpoint->address) &&
           assign(target, endpoint);
}

bool pageAccess(Settings& settings, Value value) {
    const auto is = [value](Value word) { return equalsIgnoringCase(value, word); };
    if (!is("all") && !is("own") && !is("none")) return false;
    settings.page = is("all") ? PageAccess::All : is("own") ? PageAccess::Own : PageAccess::None;
    return true;
}

bool uplinkUse(Settings& settings, Value value) {
    bool all = false;
    if (!oneOf(all, value, "failover", "all")) return false;
    settings.uplinkUse = all ? UplinkUse::All : UplinkUse::Failover;
    return true;
}

bool approvalMode(Settings& settings, Value value) {
    const auto is = [value](Value word) { return equalsIgnoringCase(value, word); };
    if (!is("off") && !is("new-hosts") && !is("all")) return false;
    settings.approve = is("off")         ? ApprovalMode::Off
                       : is("new-hosts") ? ApprovalMode::NewHosts
                                         : ApprovalMode::All;
    return true;
}

bool hostNames(Settings& settings, Value value) {
    HostNameFiles files{.automatic = equalsIgnoringCase(value, "auto")};
    std::string spaced{files.automatic || equalsIgnoringCase(value, "none") ? Value{} : value};
    std::ranges::replace(spaced, ',', ' ');
    for (const auto word : words(spaced)) {
        auto path = parsePath(word);
        if (!path) return false;
        files.paths.push_back(std::move(*path));
    }
    settings.hostNames = std::move(files);
    return true;
}

bool lease(Seconds& target, Value value) {
    constexpr Seconds kYear = std::chrono::hours{24 * 365};
    const auto span = parseSpan(value);
    return span && *span >= Seconds{1} && *span <= kYear && assign(target, span);
}

bool absentHostTimeout(Settings& settings, Value value) {
    if (!equalsIgnoringCase(value, "never")) {
        Seconds timeout{};
        if (!lease(timeout, value)) return false;
        settings.policy.absentHostTimeout = timeout;
        return true;
    }
    settings.policy.absentHostTimeout.reset();
    return true;
}

bool igdVersion(Settings& settings, Value value) {
    DeviceIdentity& identity = settings.identity;
    if (equalsIgnoringCase(value, "auto")) {
        identity.profile.version = IgdVersion::Two;
        identity.announced = IgdVersion::One;
        return true;
    }
    const auto version = parseNumber(value, 1, 2);
    if (!version) return false;
    identity.profile.version = *version == 1 ? IgdVersion::One : IgdVersion::Two;
    identity.announced = identity.profile.version;
    return true;
}

bool oneOf(bool& target, Value value, Value no, Value yes) {
    const bool isYes = equalsIgnoringCase(value, yes);
    if (!isYes && !equalsIgnoringCase(value, no)) return false;
    target = isYes;
    return true;
}

bool staticMapping(Settings& settings, Value value) {
    if (equalsIgnoringCase(value, "none")) return true;
    auto mapping = parseStaticMapping(value);
    if (!mapping) return false;
    settings.staticMappings.push_back(std::move(*mapping));
    return true;
}

bool externalAddress(Settings& settings, Value value) {
    using From = ExternalAddressSetting::From;
    auto& setting = settings.externalAddress;
    const auto address = parseIpv4Address(value);
    const bool isStun = equalsIgnoringCase(value, "stun");
    if (address ? !address->isOfHost() : !isStun && !equalsIgnoringCase(value, "auto"))
        return false;
    setting.from = address ? From::Configured : isStun ? From::Stun : From::Interface;
    setting.configured = address.value_or(Ipv4Address{});
    return true;
}

bool upstreamGateway(Settings& settings, Value value) {
    const auto address = parseIpv4Address(value);
    if (address ? !address->isOfHost() : !equalsIgnoringCase(value, "auto")) return false;
    settings.upstream.gateway = address;
    return true;
}

bool portControl(Settings& settings, Value value) {
    const auto is = [value](Value word) { return equalsIgnoringCase(value, word); };
    const auto boolean = parseBoolean(value);
    const bool both = is("both") || boolean == true;
    const bool natPmp = is("nat-pmp") || is("natpmp");
    if (!both && !natPmp && !is("pcp") && !is("none") && !boolean) return false;
    settings.natPmp = both || natPmp;
    settings.pcp = both || is("pcp");
    return true;
}

bool requestTime(Settings& settings, Value value) {
    const auto seconds = parseNumber(value, 1, 300);
    return seconds && assign(settings.limits.requestTime, std::optional{Seconds{*seconds}});
}

bool deviceUuid(Settings& settings, Value value) {
    constexpr Value kOfSampleFile = "00000000-0000-0000-0000-000000000000";  // miniupnpd's
    const auto is = [value](Value word) { return equalsIgnoringCase(value, word); };
    if (!is("auto") && !is("nocli") && !is(kOfSampleFile))
        return assign(settings.identity.uuid, parseUuid(value));
    settings.identity.uuid.clear();
    return true;
}

}  // namespace igd::setter
