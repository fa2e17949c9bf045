// SPDX-License-Identifier: GPL-2.0-or-later
#include "above_messages.h"

#include "upnpd/util/text.h"

namespace igd::above {
namespace {

constexpr std::size_t kMaxText = 200;
constexpr std::size_t kMaxUuid = 64;
constexpr std::size_t kMaxInterface = 15;

bool isClean(const std::string& text) {
    return cleanUtf8(text, kMaxText) == text;
}

}  // namespace

template <class Io, ipc::Is<Begin> M>
void fields(Io& io, M& m) {
    io.text(m.interface, kMaxInterface);
    io.require(InterfaceName::parse(m.interface).has_value());
    io(m.own, m.gateway);
    ipc::enumerator(io, m.by, Upstream::Upnp);
    io.text(m.nonceSeed, kMaxUuid);
    io.text(m.ownUuid, kMaxUuid);
    io.require(m.by != Upstream::Off);
}

template <class Io, ipc::Is<Hold> M>
void fields(Io& io, M& m) {
    io(m.protocol, m.port, m.exactly);
    io.require(isTranslated(m.protocol));
}

template <class Io, ipc::Is<Release> M>
void fields(Io& io, M& m) {
    io(m.protocol, m.port);
    io.require(isTranslated(m.protocol));
}

template <class Io, ipc::Is<Hop> M>
void fields(Io& io, M& m) {
    io(m.found);
    ipc::enumerator(io, m.by, Upstream::Upnp);
    io(m.external);
    io.text(m.problem, kMaxText);
    io.require(m.by != Upstream::Off && m.found == m.problem.empty() && isClean(m.problem));
    io.require(m.found ? m.by != Upstream::Auto : !m.external);
    io.require(!m.external || m.external->isOfHost());
}

template <class Io, ipc::Is<Held> M>
void fields(Io& io, M& m) {
    io(m.protocol, m.port, m.external, m.lease);
    io.require(isTranslated(m.protocol));
}

template <class Io, ipc::Is<NotHeld> M>
void fields(Io& io, M& m) {
    io(m.protocol, m.port);
    ipc::enumerator(io, m.why, NotHeld::Why::Silence);
    io.text(m.reason, kMaxText);
    io.require(isTranslated(m.protocol) && !m.reason.empty() && isClean(m.reason));
}

std::optional<std::vector<std::uint8_t>> encode(const ToProcess& message) {
    return ipc::written(message);
}

std::optional<std::vector<std::uint8_t>> encode(ToEngine message) {
    if (auto* const hop = std::get_if<Hop>(&message))
        hop->problem = cleanUtf8(hop->problem, kMaxText);
    if (auto* const refusal = std::get_if<NotHeld>(&message))
        refusal->reason = cleanUtf8(refusal->reason, kMaxText);
    return ipc::written(message);
}

std::optional<ToProcess> decodeToProcess(std::span<const std::uint8_t> bytes) {
    return ipc::read<ToProcess>(bytes);
}

std::optional<ToEngine> decodeToEngine(std::span<const std::uint8_t> bytes) {
    return ipc::read<ToEngine>(bytes);
}

}  // namespace igd::above
