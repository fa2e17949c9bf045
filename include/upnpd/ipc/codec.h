// SPDX-License-Identifier: GPL-2.0-or-later
// Writes and reads messages by walking their fields. A message lists its fields once:
//
//     template <class Io, Is<Endpoint> M>
//     void fields(Io& io, M& m) {
//         io(m.address, m.port.value);
//         io.require(m.port != Port{0});
//     }
//
// Writer and Reader walk the same list, so encoding and decoding cannot drift apart, and both hold
// each value to the same rules: nothing is written that would not be read. Lists stand in namespace
// igd::ipc, or in the namespace of their message.
#pragma once

#include "upnpd/net/bytes.h"

#include <algorithm>
#include <array>
#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace igd::ipc {

/// `T` is `Message`, const when it is written.
template <class T, class Message>
concept Is = std::same_as<std::remove_const_t<T>, Message>;

template <class T, class... Messages>
concept IsOneOf = (Is<T, Messages> || ...);

/// Remembers whether every value so far was allowed.
class Rules {
public:
    void require(bool holds) { hold_ = hold_ && holds; }

protected:
    [[nodiscard]] bool hold() const { return hold_; }

private:
    bool hold_ = true;
};

class Writer : public Rules {
public:
    template <class... Fields>
    void operator()(const Fields&... values) {
        (put(values), ...);
    }
    /// Writes `to(value)` in place of `value`; `from` gives the value back, or nullopt for a number
    /// that stands for none.
    template <class T, class To, class From>
    void via(const T& value, To to, From from) {
        const auto plain = to(value);
        require(from(plain).has_value());
        put(plain);
    }
    /// Writes the first `most` octets.
    void text(const std::string& value, std::size_t most) {
        out_.text(std::string_view{value}.substr(0, most));
    }
    /// Writes the first `most` items.
    template <class T>
    void list(const std::vector<T>& items, std::size_t most) {
        const std::size_t count = std::min(items.size(), most);
        out_.u16(static_cast<std::uint16_t>(count));
        for (const T& item : std::span{items}.first(count)) put(item);
    }
    template <class... T>
    void oneOf(const std::variant<T...>& value) {
        out_.u8(static_cast<std::uint8_t>(value.index()));
        std::visit([this](const auto& one) { this->put(one); }, value);
    }

    /// Returns what was written; nullopt when a value was not allowed.
    [[nodiscard]] std::optional<std::vector<std::uint8_t>> bytes() const {
        return hold() ? std::optional{out_.bytes()} : std::nullopt;
    }

private:
    template <class T>
    void put(const T& value) {
        if constexpr (requires(Writer & io) { fields(io, value); })
            fields(*this, value);
        else
            plain(value);
    }
    void plain(bool value) { out_.u8(value ? 1 : 0); }
    void plain(std::uint8_t value) { out_.u8(value); }
    void plain(std::uint16_t value) { out_.u16(value); }
    void plain(std::uint32_t value) { out_.u32(value); }
    void plain(std::uint64_t value) { out_.u64(value); }
    void plain(const std::string& value) { out_.text(value); }
    template <std::size_t Size>
    void plain(const std::array<std::uint8_t, Size>& octets) {
        for (const std::uint8_t octet : octets) out_.u8(octet);
    }
    template <class T>
    void plain(const std::optional<T>& value) {
        plain(value.has_value());
        if (value) put(*value);
    }
    template <class... T>
    void plain(const std::variant<T...>& value) {
        oneOf(value);
    }

    ByteWriter out_;
};

class Reader : public Rules {
public:
    explicit Reader(std::span<const std::uint8_t> bytes) : in_(bytes) {}

    template <class... Fields>
    void operator()(Fields&... values) {
        (get(values), ...);
    }
    template <class T, class To, class From>
    void via(T& value, To to, From from) {
        std::remove_cvref_t<decltype(to(value))> number{};
        get(number);
        auto read = from(number);
        require(read.has_value());
        if (read) value = *std::move(read);
    }
    void text(std::string& value, std::size_t most) { value = in_.text(most); }
    template <class T>
    void list(std::vector<T>& items, std::size_t most) {
        const std::size_t count = in_.u16();
        require(count <= most);
        items.clear();
        while (items.size() < std::min(count, most) && in_.ok()) get(items.emplace_back());
    }
    template <class... T>
    void oneOf(std::variant<T...>& value) {
        const std::uint8_t kind = in_.u8();
        std::uint8_t index = 0;
        require(((kind == index++ && (get(value.template emplace<T>()), true)) || ...));
    }

    /// Returns whether all was read, and nothing but what a Writer writes.
    [[nodiscard]] bool complete() const { return hold() && in_.finished(); }

private:
    template <class T>
    void get(T& value) {
        if constexpr (requires(Reader & io) { fields(io, value); })
            fields(*this, value);
        else
            plain(value);
    }
    void plain(bool& value) {
        const std::uint8_t octet = in_.u8();
        require(octet <= 1);
        value = octet == 1;
    }
    void plain(std::uint8_t& value) { value = in_.u8(); }
    void plain(std::uint16_t& value) { value = in_.u16(); }
    void plain(std::uint32_t& value) { value = in_.u32(); }
    void plain(std::uint64_t& value) { value = in_.u64(); }
    void plain(std::string& value) { value = in_.text(0xffff); }
    template <std::size_t Size>
    void plain(std::array<std::uint8_t, Size>& octets) {
        for (std::uint8_t& octet : octets) octet = in_.u8();
    }
    template <class T>
    void plain(std::optional<T>& value) {
        bool present = false;
        plain(present);
        value.reset();
        if (present) get(value.emplace());
    }
    template <class... T>
    void plain(std::variant<T...>& value) {
        oneOf(value);
    }

    ByteReader in_;
};

/// Returns the octets of `message`; nullopt when a value in it is not allowed.
template <class Message>
[[nodiscard]] std::optional<std::vector<std::uint8_t>> written(const Message& message) {
    Writer out;
    out(message);
    return out.bytes();
}

/// Returns the message that written() made `bytes` of; nullopt for anything else. `blank` is
/// written over.
template <class Message>
[[nodiscard]] std::optional<Message> read(std::span<const std::uint8_t> bytes,
                                          Message blank = Message{}) {
    Reader in{bytes};
    in(blank);
    return in.complete() ? std::optional{std::move(blank)} : std::nullopt;
}

}  // namespace igd::ipc
