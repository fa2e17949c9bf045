// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/store/store_messages.h"

#include "opening_fields.h"

namespace igd::store {
namespace {

constexpr std::size_t kMaxText = 300;
constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxWord = 512;
constexpr std::size_t kMaxPath = 108;

bool isClean(const std::string& text, std::size_t most) {
    return cleanUtf8(text, most) == text;
}

template <class Io, class Text>
void path(Io& io, Text& m) {
    std::string text = m.string();
    io.text(text, kMaxPath);
    if constexpr (!std::is_const_v<Text>) m = text;
}

}  // namespace

template <class Io, ipc::Is<StoreLogin> M>
void loginFields(Io& io, M& m) {
    io.text(m.user, kMaxWord);
    io.text(m.password, kMaxWord);
}

template <class Io, ipc::Is<StoreSetting> M>
void settingFields(Io& io, M& m) {
    bool isPath = m.place.index() == 1;
    io(isPath);
    auto place = m.place;
    if (isPath) {
        if (place.index() != 1) place = std::filesystem::path{};
        path(io, std::get<1>(place));
    } else {
        if (place.index() != 0) place = IpEndpoint{};
        io(std::get<0>(place));
    }
    if constexpr (!std::is_const_v<M>) m.place = std::move(place);
    io(m.database, m.tls);
}

template <class Io, ipc::Is<Begin> M>
void fields(Io& io, M& m) {
    settingFields(io, m.setting);
    loginFields(io, m.login);
    io.text(m.name, kMaxName);
    io(m.instance, m.token, m.leadsSince);
}
template <class Io, ipc::Is<TakeLead> M>
void fields(Io& io, M& m) {
    io(m.since);
    io.require(m.since != 0);
}
template <class Io, ipc::Is<Follow> M>
void fields(Io& /*io*/, M& /*m*/) {}
template <class Io, ipc::IsOneOf<Confirm, Confirmed, Write> M>
void fields(Io& io, M& m) {
    io(m.number);
}
template <class Io, ipc::Is<Keep> M>
void fields(Io& io, M& m) {
    io.text(m.name, kLongestLease);
    io.text(m.line, kLongestLease);
    io(m.end, m.first);
    io.require(!m.name.empty() && !m.line.empty());
}
template <class Io, ipc::Is<Forget> M>
void fields(Io& io, M& m) {
    io.text(m.name, kLongestLease);
    io.require(!m.name.empty());
}
template <class Io, ipc::Is<KeepEpoch> M>
void fields(Io& io, M& m) {
    io(m.start, m.bootId);
    io.text(m.external, kMaxName);
    io.require(isClean(m.external, kMaxName));
}
template <class Io, ipc::IsOneOf<GoOn, ReadBegins> M>
void fields(Io& /*io*/, M& /*m*/) {}
template <class Io, ipc::Is<Away> M>
void fields(Io& io, M& m) {
    io.text(m.problem, kMaxText);
    io.require(!m.problem.empty() && isClean(m.problem, kMaxText));
}
template <class Io, ipc::Is<Row> M>
void fields(Io& io, M& m) {
    io(m.opening, m.first, m.digest);
}
template <class Io, ipc::Is<Gone> M>
void fields(Io& io, M& m) {
    io(m.name);
}
template <class Io, ipc::IsOneOf<Read, Pause> M>
void fields(Io& io, M& m) {
    io(m.bad);
}
template <class Io, ipc::Is<Led> M>
void fields(Io& io, M& m) {
    io(m.token, m.epochStart, m.bootId, m.ledSince);
    io.text(m.external, kMaxName);
    io.require(m.token != 0 && isClean(m.external, kMaxName));
}
template <class Io, ipc::Is<Leader> M>
void fields(Io& io, M& m) {
    io(m.token);
    io.text(m.name, kMaxName);
    io(m.replaces);
    io.require(isClean(m.name, kMaxName));
}
template <class Io, ipc::Is<Written> M>
void fields(Io& io, M& m) {
    io(m.number);
    io.text(m.problem, kMaxText);
    io.require(isClean(m.problem, kMaxText));
}

/// FNV-1a, which is there for accidents, not for attacks: whoever writes into the store may write
/// what he likes.
std::uint64_t digestOf(std::string_view line) {
    constexpr std::uint64_t kStart = 14695981039346656037U;
    constexpr std::uint64_t kFactor = 1099511628211U;
    std::uint64_t digest = kStart;
    for (const char each : line) digest = (digest ^ static_cast<unsigned char>(each)) * kFactor;
    return digest == 0 ? 1 : digest;
}

std::optional<std::vector<std::uint8_t>> encode(const ToProcess& message) {
    return ipc::written(message);
}

std::optional<std::vector<std::uint8_t>> encode(ToEngine message) {
    if (auto* const away = std::get_if<Away>(&message))
        away->problem = cleanUtf8(away->problem, kMaxText);
    if (auto* const written = std::get_if<Written>(&message))
        written->problem = cleanUtf8(written->problem, kMaxText);
    if (auto* const led = std::get_if<Led>(&message))
        led->external = cleanUtf8(led->external, kMaxName);
    if (auto* const left = std::get_if<KeepEpoch>(&message))
        left->external = cleanUtf8(left->external, kMaxName);
    if (auto* const leader = std::get_if<Leader>(&message))
        leader->name = cleanUtf8(leader->name, kMaxName);
    return ipc::written(message);
}

std::optional<ToProcess> decodeToProcess(std::span<const std::uint8_t> bytes) {
    return ipc::read<ToProcess>(bytes);
}

std::optional<ToEngine> decodeToEngine(std::span<const std::uint8_t> bytes) {
    return ipc::read<ToEngine>(bytes);
}

}  // namespace igd::store
