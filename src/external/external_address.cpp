// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/external/external_address.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd {

std::string toString(const StunServer& server) {
    return fmt::format("{}:{}", server.host, server.port.value);
}

void ExternalAddress::set(ExternalAddressSetting setting) {
    setting_ = std::move(setting);
    seen_.reset();
    failure_.clear();
}

void ExternalAddress::interfaceHas(std::optional<Ipv4Address> own) {
    if (own_ == own) return;
    own_ = own;
    seen_.reset();
    failure_.clear();
}

void ExternalAddress::heard(const StunReport& report) {
    if (!isAskedFor()) return;
    failure_ = report.answer ? "" : report.error;
    if (report.answer) seen_ = report.answer->mapped.address;
}

bool ExternalAddress::isAskedFor() const {
    return setting_.from == ExternalAddressSetting::From::Stun && own_ && !own_->isPublic();
}

std::optional<Ipv4Address> ExternalAddress::told() const {
    if (!own_) return std::nullopt;
    if (setting_.from == ExternalAddressSetting::From::Configured) return setting_.configured;
    if (isFromAbove()) return above_;
    return seen_ ? seen_ : own_;
}

void ExternalAddress::above(std::optional<Ipv4Address> address, std::string from) {
    above_ = address;
    aboveFrom_ = std::move(from);
}

/// Where another NAT is in front of the gateway above, a server on the Internet sees more.
bool ExternalAddress::isFromAbove() const {
    return above_ && (above_->isPublic() || !seen_);
}

std::string ExternalAddress::source() const {
    if (told() == own_) return "";
    if (setting_.from == ExternalAddressSetting::From::Configured) return "configured";
    return isFromAbove() ? aboveFrom_ : toString(setting_.server);
}

std::string ExternalAddress::remark() const {
    if (!isAskedFor() || seen_) return "";
    return fmt::format("{}: {}", toString(setting_.server),
                       failure_.empty() ? "not answered yet" : failure_);
}

std::string natInFront(Ipv4Address own, const StunAnswer& answer) {
    const Ipv4Address outer = answer.mapped.address;
    if (outer == own) return "";
    std::string text = fmt::format(
        "another router translates {} ({}) to {} ({}): ports mapped here are reached from the "
        "Internet only "
        "if it forwards them here",
        toString(own), rangeName(own), toString(outer), rangeName(outer));
    if (!outer.isPublic()) return text + ", and one more in front of it does so, too";
    if (answer.mapped.port != answer.localPort)
        text += fmt::format(
            "; it translates ports as well ({} to {}), as one does that several customers share: "
            "it "
            "probably forwards none",
            answer.localPort.value, answer.mapped.port.value);
    return text;
}

Seconds stunPause(unsigned failures) {
    constexpr Seconds kRefresh{std::chrono::minutes{10}};
    constexpr Seconds kFirst{5};
    constexpr Seconds kLongest{std::chrono::minutes{5}};
    constexpr unsigned kDoublings = 6;  // above kLongest
    if (failures == 0) return kRefresh;
    return std::min(kFirst * (1U << std::min(failures - 1, kDoublings)), kLongest);
}

}  // namespace igd
