// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/sign_ins.h"

#include "gena/subscriptions.h"

#include <algorithm>

namespace igd::upnp {
namespace {

/// A SID without its scheme is a secret of 122 random bits.
std::string randomSecret() {
    constexpr std::string_view kScheme = "uuid:";
    return randomSid().substr(kScheme.size());
}

}  // namespace

bool isSameSecret(std::string_view one, std::string_view other) {
    if (one.size() != other.size()) return false;
    unsigned differing = 0;
    for (std::size_t i = 0; i < one.size(); ++i)
        differing |= static_cast<unsigned char>(one[i]) ^ static_cast<unsigned char>(other[i]);
    return differing == 0;
}

std::string SignIns::add(const IpAddress& from, TimePoint now) {
    if (all_.size() >= kMost) all_.erase(std::ranges::min_element(all_, {}, &SignIn::usedAt));
    all_.push_back({randomSecret(), randomSecret(), from, now});
    return all_.back().secret;
}

std::optional<std::string> SignIns::tokenOf(std::string_view secret, const IpAddress& from,
                                            TimePoint now) const {
    for (const SignIn& each : all_)
        if (isSameSecret(each.secret, secret) && each.from == from && now - each.usedAt < kIdle)
            return each.token;
    return std::nullopt;
}

void SignIns::use(std::string_view secret, TimePoint now) {
    for (SignIn& each : all_)
        if (isSameSecret(each.secret, secret)) each.usedAt = now;
}

void SignIns::end(std::string_view secret) {
    std::erase_if(all_, [secret](const SignIn& each) { return isSameSecret(each.secret, secret); });
}

}  // namespace igd::upnp
