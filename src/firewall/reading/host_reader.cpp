// SPDX-License-Identifier: GPL-2.0-or-later
#include "reading/host_reader.h"

#include "names.h"

#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <utility>

namespace igd::firewall {

std::vector<std::uint64_t> HostLook::handlesOf(std::string_view table) const {
    const auto found = ownHandles.find(std::string{table});
    return found == ownHandles.end() ? std::vector<std::uint64_t>{} : found->second;
}

HostLook HostReader::read() {
    nft_.reset();  // who has read half has read what was
    for (;;)
        if (auto look = readFor(std::chrono::seconds{1})) return std::move(*look);
}

std::optional<HostLook> HostReader::readFor(std::chrono::microseconds budget) {
    if (!nft_) begin();
    const auto done = nft_->readFor(budget);
    if (done && !*done) return std::nullopt;
    end(done);
    HostLook look = std::move(*look_);
    look_.reset();
    return look;
}

void HostReader::begin() {
    look_ = std::make_unique<HostLook>();
    nft_.emplace(look_->rules, inspect::NftNames{std::string{kNftTableName}, std::string{kTag}},
                 inspect::NftScope::Forwarding);
}

void HostReader::end(tl::expected<bool, ReadError> done) {
    if (done) {
        NftReading reading = nft_->result();
        look_->places = std::move(reading.places);
        look_->ownHandles = std::move(reading.ownHandles);
    } else {
        look_->rules = {};
    }
    nft_.reset();
    look_->nftables = done || done.error() != ReadError::NoNftables;
    look_->whole = done || done.error() != ReadError::Interrupted;
    std::string complaint;
    if (!done && (done.error() == ReadError::NotPermitted || done.error() == ReadError::Failed))
        complaint = "the rules of nftables cannot be read";
    if (const auto error = legacy_.addTo(look_->rules)) {
        if (error == std::errc::resource_unavailable_try_again)
            look_->whole = false;
        else
            complaint =
                fmt::format("the rules of legacy iptables cannot be read: {}", error.message());
    }
    complain(complaint);
}

/// Says it once while it stays so; empty: there is nothing to say.
void HostReader::complain(const std::string& text) {
    if (text != std::exchange(complaint_, text) && !text.empty())
        log::warning("firewall: {}: what they do to packets is not known", text);
}

}  // namespace igd::firewall
