// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/external/external_connection.h"

#include "upnpd/util/log.h"

namespace igd {

ExternalConnection::ExternalConnection(boost::asio::io_context& loop, Wan wan,
                                       std::function<void()> changed, StunQuery::Start startStun)
    : loop_(loop),
      wan_(std::move(wan)),
      changed_(std::move(changed)),
      startStun_(std::move(startStun)) {}

void ExternalConnection::refresh(TimePoint now) {
    const auto before = wan_.address();
    if (wan_.refresh(now)) tellLook(before);
}

void ExternalConnection::moveTo(const InterfaceName& name, TimePoint now) {
    if (wan_.name() == name) return;
    const auto before = wan_.address();
    wan_.moveTo(name);
    (void)wan_.refresh(now);
    if (stun_) stun_->askBy(name);
    tellLook(before);
}

void ExternalConnection::tellLook(std::optional<Ipv4Address> before) {
    const bool moved = before != wan_.address();
    if (moved) beginEpoch();
    changed_();
    if (moved) ask();
}

void ExternalConnection::set(ExternalAddressSetting setting) {
    const auto before = wan_.external().told();
    wan_.set(std::move(setting));
    ask();
    tellOther(before);
}

void ExternalConnection::above(std::optional<Ipv4Address> address, std::string from) {
    const auto before = wan_.external().told();
    wan_.above(address, std::move(from));
    tellOther(before);
}

void ExternalConnection::ask() {
    const bool wanted = wan_.external().isAskedFor() && !stopped_;
    if (!stun_ && wanted)
        stun_.emplace(
            loop_, wan_.name(), [this](const StunReport& report) { heard(report); }, startStun_);
    if (!stun_) return;
    if (wanted)
        stun_->ask({*wan_.address(), wan_.external().server()});
    else
        stun_->stop();
}

void ExternalConnection::heard(const StunReport& report) {
    const auto before = wan_.external().told();
    wan_.heard(report);
    if (report.answer && wan_.address() && natSaid_ != report.answer->mapped.address) {
        natSaid_ = report.answer->mapped.address;
        if (const auto text = natInFront(*wan_.address(), *report.answer); !text.empty())
            log::warning("stun: {}", text);
    }
    tellOther(before);
}

/// The openings stay; but clients have told others the address `before`, if that is no longer true
/// (RFC 6887 section 8.5).
void ExternalConnection::tellOther(std::optional<Ipv4Address> before) {
    if (before == wan_.external().told()) return;
    beginEpoch();
    changed_();
}

void ExternalConnection::childEnded() {
    if (stun_) stun_->childEnded();
}

void ExternalConnection::stop() {
    stopped_ = true;
    if (stun_) stun_->stop();
}

}  // namespace igd
