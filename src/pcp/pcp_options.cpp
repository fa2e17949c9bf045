// SPDX-License-Identifier: GPL-2.0-or-later
#include "pcp_options.h"

#include "upnpd/net/bytes.h"
#include "upnpd/util/text.h"

#include <algorithm>

namespace igd::pcp {
namespace {

enum OptionCode : std::uint8_t {
    ThirdParty = 1,
    PreferFailure = 2,
    Filter = 3,
    FirstOptional = 128,
    Description = 128,  // RFC 7220
    PortSet = 130,      // RFC 7753
};

constexpr std::size_t kHeader = 4;
constexpr std::size_t kAddress = 16;
constexpr std::size_t kFilter = 20;
constexpr std::size_t kPortSet = 5;
constexpr std::uint8_t kParity = 1;
constexpr std::uint8_t kMappedBits = 96;
constexpr std::uint8_t kBits = 128;

using Verdict = std::optional<ResultCode>;  ///< nullopt: it is accepted

Ipv6Address readAddress(Datagram bytes) {
    Ipv6Address::Bytes address{};
    std::copy_n(bytes.begin(), address.size(), address.begin());
    return Ipv6Address{address};
}

class Parser {
public:
    explicit Parser(const OptionRules& rules) : rules_(rules) {}

    [[nodiscard]] Verdict option(std::uint8_t code, Datagram data) {
        const bool isKnown = code == ThirdParty || code == PreferFailure || code == Filter;
        if (rules_.opcode == Opcode::Announce && isKnown) return ResultCode::MalformedOption;
        switch (code) {
            case ThirdParty:
                return thirdParty(data);
            case PreferFailure:
                return preferFailure(data);
            case Filter:
                return filter(data);
            case Description:
                return description(data);
            case PortSet:
                return portSet(data);
            default:
                return code < FirstOptional ? Verdict{ResultCode::UnsuppOption} : std::nullopt;
        }
    }

    [[nodiscard]] Options& options() { return options_; }

private:
    Verdict thirdParty(Datagram data) {
        if (!rules_.mayActForOthers) return ResultCode::UnsuppOption;
        if (data.size() != kAddress || options_.thirdParty) return ResultCode::MalformedOption;
        const IpAddress address = normalised(readAddress(data));
        if (address == rules_.source) return ResultCode::MalformedRequest;
        options_.thirdParty = address;
        return accept(ThirdParty, data);
    }

    Verdict preferFailure(Datagram data) {
        if (rules_.opcode == Opcode::Peer) return ResultCode::MalformedRequest;
        if (!data.empty() || options_.preferFailure || rules_.deletes ||
            rules_.suggestedPort == Port{0})
            return ResultCode::MalformedOption;
        options_.preferFailure = true;
        return accept(PreferFailure, data);
    }

    Verdict filter(Datagram data) {
        if (rules_.opcode != Opcode::Map || rules_.deletes || data.size() != kFilter)
            return ResultCode::MalformedOption;
        const std::uint8_t length = data[1];
        const Port port{static_cast<std::uint16_t>(data[2] << 8 | data[3])};
        const Ipv6Address remote = readAddress(data.subspan(kHeader));
        if (length == 0) {
            options_.dropFilters = true;
            options_.filters.clear();
            return accept(Filter, data);
        }
        if (length > kBits || (remote.mapped() && length < kMappedBits))
            return ResultCode::MalformedOption;
        options_.filters.push_back(masked({{remote, length}, port}));
        return accept(Filter, data);
    }

    Verdict description(Datagram data) {
        if (rules_.opcode == Opcode::Announce) return std::nullopt;
        const std::string text{data.begin(), data.end()};
        options_.description = cleanUtf8(text, kMaxDescription);
        return accept(Description, data);
    }

    /// It does not come back as it was: the answer tells which set there is.
    Verdict portSet(Datagram data) {
        if (rules_.opcode != Opcode::Map) return std::nullopt;
        if (data.size() != kPortSet || options_.set) return ResultCode::MalformedOption;
        ByteReader in{data};
        const std::uint16_t count = in.u16();
        const Port first{in.u16()};
        const bool isDue = !rules_.deletes && (count == 0 || first != rules_.internalPort);
        if (isDue) return ResultCode::MalformedOption;
        options_.set = Options::Set{count, (in.u8() & kParity) != 0};
        return std::nullopt;
    }

    Verdict accept(std::uint8_t code, Datagram data) {
        Bytes& echo = options_.echo;
        echo.insert(echo.end(), {code, 0, static_cast<std::uint8_t>(data.size() >> 8),
                                 static_cast<std::uint8_t>(data.size())});
        echo.insert(echo.end(), data.begin(), data.end());
        echo.resize((echo.size() + 3) / 4 * 4);
        return std::nullopt;
    }

    const OptionRules& rules_;
    Options options_;
};

}  // namespace

tl::expected<Options, ResultCode> parseOptions(Datagram bytes, const OptionRules& rules) {
    Parser parser{rules};
    while (!bytes.empty()) {
        if (bytes.size() < kHeader) return tl::unexpected{ResultCode::MalformedOption};
        const std::size_t length = static_cast<std::size_t>(bytes[2]) << 8 | bytes[3];
        const std::size_t whole = kHeader + (length + 3) / 4 * 4;
        if (whole > bytes.size()) return tl::unexpected{ResultCode::MalformedOption};
        if (const auto error = parser.option(bytes[0], bytes.subspan(kHeader, length)))
            return tl::unexpected{*error};
        bytes = bytes.subspan(whole);
    }
    return std::move(parser.options());
}

Bytes portSetOption(const PortGrant& granted, bool keepsParity) {
    return ByteWriter{}
        .u8(PortSet)
        .u8(0)
        .u16(kPortSet)
        .u16(granted.portCount)
        .u16(granted.firstInternalPort.value)
        .u8(keepsParity ? kParity : 0)
        .u8(0)
        .u16(0)
        .bytes();
}

bool isUnspecified(const Ipv6Address& address) {
    return address.isUnspecified() || address.mapped() == Ipv4Address{};
}

}  // namespace igd::pcp
