// SPDX-License-Identifier: GPL-2.0-or-later
// These are PCP's result codes (RFC 6887 section 7.4), and how long each holds.
#pragma once

#include "upnpd/portmap/port_control.h"

namespace igd::pcp {

enum class ResultCode : std::uint8_t {
    Success = 0,
    UnsuppVersion = 1,
    NotAuthorized = 2,
    MalformedRequest = 3,
    UnsuppOpcode = 4,
    UnsuppOption = 5,
    MalformedOption = 6,
    NetworkFailure = 7,
    NoResources = 8,
    UnsuppProtocol = 9,
    UserExQuota = 10,
    CannotProvideExternal = 11,
    AddressMismatch = 12,
    ExcessiveRemotePeers = 13,
};

constexpr ResultCode codeOf(MappingError error) {
    switch (error) {
        case MappingError::NotAuthorized:
            return ResultCode::NotAuthorized;
        case MappingError::Conflict:
        case MappingError::PortInUse:
            return ResultCode::CannotProvideExternal;
        case MappingError::QuotaExceeded:
            return ResultCode::UserExQuota;
        case MappingError::NoExternalAddress:
        case MappingError::NoInternalAddress:
            return ResultCode::NetworkFailure;
        case MappingError::TooManyFilters:
            return ResultCode::ExcessiveRemotePeers;
        case MappingError::TableFull:
        case MappingError::NotFound:
        case MappingError::IndexOutOfRange:
        case MappingError::Backend:
        case MappingError::NotApproved:
            return ResultCode::NoResources;
    }
    return ResultCode::NoResources;
}

/// Returns the seconds for the lifetime field of an error: how soon it is worth while to ask again.
constexpr Seconds lifetimeOf(ResultCode code) {
    constexpr Seconds kShort{30};
    constexpr Seconds kLong{1800};
    switch (code) {
        case ResultCode::NetworkFailure:
        case ResultCode::NoResources:
        case ResultCode::UserExQuota:
        case ResultCode::CannotProvideExternal:
            return kShort;
        case ResultCode::Success:
        case ResultCode::UnsuppVersion:
        case ResultCode::NotAuthorized:
        case ResultCode::MalformedRequest:
        case ResultCode::UnsuppOpcode:
        case ResultCode::UnsuppOption:
        case ResultCode::MalformedOption:
        case ResultCode::UnsuppProtocol:
        case ResultCode::AddressMismatch:
        case ResultCode::ExcessiveRemotePeers:
            return kLong;
    }
    return kLong;
}

/// Returns whether the request could not be understood; then its own octets 12 to 23 come back (RFC
/// 6887 section 7.2).
constexpr bool isUnparsed(ResultCode code) {
    return code == ResultCode::UnsuppVersion || code == ResultCode::MalformedRequest ||
           code == ResultCode::MalformedOption;
}

}  // namespace igd::pcp
