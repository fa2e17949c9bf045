// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/external/stun_report.h"

#include "upnpd/net/bytes.h"
#include "upnpd/util/text.h"

namespace igd {
namespace {

constexpr std::uint8_t kFailure = 0;
constexpr std::uint8_t kAnswer = 1;
constexpr std::size_t kLongestError = 200;

}  // namespace

std::vector<std::uint8_t> encode(const StunReport& report) {
    ByteWriter out;
    if (!report.answer)
        return out.u8(kFailure).text(cleanUtf8(report.error, kLongestError)).bytes();
    const StunAnswer& answer = *report.answer;
    out.u8(kAnswer)
        .u32(answer.mapped.address.value())
        .u16(answer.mapped.port.value)
        .u16(answer.localPort.value);
    return out.bytes();
}

std::optional<StunReport> decodeStunReport(std::span<const std::uint8_t> bytes) {
    ByteReader in{bytes};
    const std::uint8_t kind = in.u8();
    if (kind == kFailure) {
        StunReport report{std::nullopt, in.text(kLongestError)};
        const bool clean =
            cleanUtf8(report.error, kLongestError) == report.error && !report.error.empty();
        return in.finished() && clean ? std::optional{std::move(report)} : std::nullopt;
    }
    const Ipv4Address address{in.u32()};
    const Port mapped{in.u16()};
    const Port local{in.u16()};
    if (kind != kAnswer || !in.finished() || !address.isOfHost()) return std::nullopt;
    return StunReport{StunAnswer{{address, mapped}, local}, ""};
}

}  // namespace igd
