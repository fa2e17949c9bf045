// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/bytes.h"

#include <algorithm>

namespace igd {

std::span<const std::uint8_t> ByteReader::take(std::size_t count) {
    if (!ok_ || count > bytes_.size()) {
        ok_ = false;
        return {};
    }
    const auto taken = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return taken;
}

std::uint64_t ByteReader::number(std::size_t size) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : take(size)) value = value << 8 | byte;
    return value;
}

std::string ByteReader::text(std::size_t limit) {
    const std::size_t length = u16();
    if (length > limit) ok_ = false;
    const auto taken = take(length);
    return {taken.begin(), taken.end()};
}

ByteReader& ByteReader::skip(std::size_t count) {
    take(count);
    return *this;
}

ByteWriter& ByteWriter::number(std::uint64_t value, std::size_t size) {
    for (std::size_t left = size; left-- > 0;)
        bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * left)));
    return *this;
}

ByteWriter& ByteWriter::text(std::string_view value) {
    const auto kept = value.substr(0, 0xffff);
    u16(static_cast<std::uint16_t>(kept.size()));
    bytes_.insert(bytes_.end(), kept.begin(), kept.end());
    return *this;
}

}  // namespace igd
