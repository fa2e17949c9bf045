// SPDX-License-Identifier: GPL-2.0-or-later
// Binary messages are read and written here under bounds, all numbers in network byte order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

/// A read past the end gives zeros and makes ok() false for good, so the caller asks once, at the
/// end.
class ByteReader {
public:
    explicit ByteReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

    [[nodiscard]] std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
    [[nodiscard]] std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
    [[nodiscard]] std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
    [[nodiscard]] std::uint64_t u64() { return number(8); }
    /// Reads a 16-bit length and as many bytes; more than `limit` of them is a failure.
    [[nodiscard]] std::string text(std::size_t limit);
    ByteReader& skip(std::size_t count);

    /// Returns whether nothing was read past the end.
    [[nodiscard]] bool ok() const { return ok_; }
    /// Returns whether ok() holds and nothing is left.
    [[nodiscard]] bool finished() const { return ok_ && bytes_.empty(); }

private:
    [[nodiscard]] std::uint64_t number(std::size_t size);
    std::span<const std::uint8_t> take(std::size_t count);

    std::span<const std::uint8_t> bytes_;
    bool ok_ = true;
};

class ByteWriter {
public:
    ByteWriter& u8(std::uint8_t value) { return number(value, 1); }
    ByteWriter& u16(std::uint16_t value) { return number(value, 2); }
    ByteWriter& u32(std::uint32_t value) { return number(value, 4); }
    ByteWriter& u64(std::uint64_t value) { return number(value, 8); }
    /// Writes a 16-bit length and the bytes; text of more than 65535 bytes is cut.
    ByteWriter& text(std::string_view value);
    [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return bytes_; }

private:
    ByteWriter& number(std::uint64_t value, std::size_t size);
    std::vector<std::uint8_t> bytes_;
};

}  // namespace igd
