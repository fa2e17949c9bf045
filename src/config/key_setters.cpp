// SPDX-License-Identifier: GPL-2.0-or-later
#include "key_setters.h"

#include "upnpd/util/text.h"

#include <chrono>

namespace igd::setter {

bool filledText(std::string& target, Value value) {
    return !value.empty() && assign(target, parseText(value, 64));
}

bool urlOrNone(std::string& target, Value value) {
    const bool none = value.empty() || equalsIgnoringCase(value, "none");
    return assign(target, none ? std::optional{std::string{}} : parseUrl(value));
}

bool leaseFile(Settings& settings, Value value) {
    if (!equalsIgnoringCase(value, "none")) return assign(settings.leaseFile, parsePath(value));
    settings.leaseFile.reset();
    return true;
}

bool controlSocket(Settings& settings, Value value) {
    if (!equalsIgnoringCase(value, "none")) return assign(settings.controlSocket, parsePath(value));
    settings.controlSocket.reset();
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
    const auto version = parseNumber(value, 1, 2);
    return version && assign(settings.identity.profile.version,
                             std::optional{*version == 1 ? IgdVersion::One : IgdVersion::Two});
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

bool portControl(Settings& settings, Value value) {
    const auto is = [value](Value word) { return equalsIgnoringCase(value, word); };
    const auto boolean = parseBoolean(value);
    const bool both = is("both") || boolean == true;
    if (!both && !is("nat-pmp") && !is("pcp") && !is("none") && !boolean) return false;
    settings.natPmp = both || is("nat-pmp");
    settings.pcp = both || is("pcp");
    return true;
}

bool requestTime(Settings& settings, Value value) {
    const auto seconds = parseNumber(value, 1, 300);
    return seconds && assign(settings.limits.requestTime, std::optional{Seconds{*seconds}});
}

bool deviceUuid(Settings& settings, Value value) {
    if (!equalsIgnoringCase(value, "auto")) return assign(settings.identity.uuid, parseUuid(value));
    settings.identity.uuid.clear();
    return true;
}

}  // namespace igd::setter
