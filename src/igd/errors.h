// SPDX-License-Identifier: GPL-2.0-or-later
// The services answer with these UPnP errors. One switch for each situation says which of them a
// refusal of the core becomes; none has a default, so that a new reason cannot be forgotten.
#pragma once

#include "upnpd/igd/actions.h"

namespace igd {

// The errors of UDA 1.0 section 3.2.2, but for kInvalidAction.
constexpr UpnpError kInvalidArgs{402, "Invalid Args"};
constexpr UpnpError kInvalidVariable{404, "Invalid Var"};
constexpr UpnpError kActionFailed{501, "Action Failed"};
constexpr UpnpError kArgumentValueInvalid{600, "Argument Value Invalid"};
constexpr UpnpError kArgumentValueOutOfRange{601, "Argument Value Out of Range"};
constexpr UpnpError kNotAuthorized{606, "Action not authorized"};
// The errors of WANIPConnection:1 and :2.
constexpr UpnpError kConnectionSetupFailed{704, "ConnectionSetupFailed"};
constexpr UpnpError kArrayIndexInvalid{713, "SpecifiedArrayIndexInvalid"};
constexpr UpnpError kNoSuchEntry{714, "NoSuchEntryInArray"};
constexpr UpnpError kWildcardInSource{715, "WildCardNotPermittedInSrcIP"};
constexpr UpnpError kWildcardInExternalPort{716, "WildCardNotPermittedInExtPort"};
constexpr UpnpError kConflict{718, "ConflictInMappingEntry"};
// The errors of WANIPConnection:2 alone.
constexpr UpnpError kNoPortMapsAvailable{728, "NoPortMapsAvailable"};
constexpr UpnpError kConflictWithOthers{729, "ConflictWithOtherMechanisms"};
constexpr UpnpError kPortMappingNotFound{730, "PortMappingNotFound"};
constexpr UpnpError kReadOnly{731, "ReadOnly"};
constexpr UpnpError kWildcardInInternalPort{732, "WildCardNotPermittedInIntPort"};
constexpr UpnpError kInconsistentParameters{733, "InconsistentParameters"};
// The errors of WANIPv6FirewallControl:1.
constexpr UpnpError kPinholeSpaceExhausted{701, "PinholeSpaceExhausted"};
constexpr UpnpError kFirewallDisabled{702, "FirewallDisabled"};
constexpr UpnpError kInboundPinholeNotAllowed{703, "InboundPinholeNotAllowed"};
constexpr UpnpError kNoSuchPinhole{704, "NoSuchEntry"};
constexpr UpnpError kProtocolNotSupported{705, "ProtocolNotSupported"};
constexpr UpnpError kInternalPortWildcard{706, "InternalPortWildcardingNotAllowed"};
constexpr UpnpError kProtocolWildcard{707, "ProtocolWildcardingNotAllowed"};
constexpr UpnpError kSourceWildcard{708, "WildCardNotPermittedInSrcIP"};
constexpr UpnpError kNoTrafficReceived{709, "NoTrafficReceived"};
// The errors of Layer3Forwarding:1.
constexpr UpnpError kInvalidDeviceUuid{720, "InvalidDeviceUUID"};
constexpr UpnpError kInvalidServiceId{721, "InvalidServiceID"};

/// The errors of one version of a service.
class ErrorsOf {
public:
    constexpr explicit ErrorsOf(const Service& service) : two_(service.version() >= 2) {}

    /// Returns why a mapping was not made. Version 1 has no code for "not permitted": RFC 6970 and
    /// deployed daemons use 718.
    [[nodiscard]] constexpr UpnpError adding(MappingError error) const {
        switch (error) {
            case MappingError::NotAuthorized:
                return two_ ? kNotAuthorized : kConflict;
            case MappingError::Conflict:
                return kConflict;
            case MappingError::PortInUse:
                return two_ ? kConflictWithOthers : kConflict;
            case MappingError::QuotaExceeded:
            case MappingError::TableFull:
                return two_ ? kNoPortMapsAvailable : kActionFailed;
            case MappingError::NoInternalAddress:  // IGD-AddPortMapping-09
                return kArgumentValueInvalid;
            case MappingError::NoExternalAddress:
            case MappingError::TooManyFilters:
            case MappingError::NotFound:
            case MappingError::IndexOutOfRange:
            case MappingError::Backend:
            case MappingError::NotApproved:
                return kActionFailed;
        }
        return kActionFailed;
    }

    /// Returns why a mapping was not deleted. In version 1 the entry of another client does not
    /// exist for the requester (IGD-Access-09).
    [[nodiscard]] constexpr UpnpError deleting(MappingError error) const {
        switch (error) {
            case MappingError::NotAuthorized:
                return two_ ? kNotAuthorized : kNoSuchEntry;
            case MappingError::NotFound:
                return kNoSuchEntry;
            case MappingError::Conflict:
            case MappingError::PortInUse:
            case MappingError::QuotaExceeded:
            case MappingError::TableFull:
            case MappingError::NoExternalAddress:
            case MappingError::NoInternalAddress:
            case MappingError::TooManyFilters:
            case MappingError::IndexOutOfRange:
            case MappingError::Backend:
            case MappingError::NotApproved:
                return kActionFailed;
        }
        return kActionFailed;
    }

    /// Returns why a mapping could not be read by its key or its index; `missing` is the code for
    /// "no such".
    [[nodiscard]] constexpr UpnpError reading(MappingError error, UpnpError missing) const {
        switch (error) {
            case MappingError::NotAuthorized:
                return two_ ? kNotAuthorized : missing;
            case MappingError::NotFound:
            case MappingError::IndexOutOfRange:
                return missing;
            case MappingError::Conflict:
            case MappingError::PortInUse:
            case MappingError::QuotaExceeded:
            case MappingError::TableFull:
            case MappingError::NoExternalAddress:
            case MappingError::NoInternalAddress:
            case MappingError::TooManyFilters:
            case MappingError::Backend:
            case MappingError::NotApproved:
                return kActionFailed;
        }
        return kActionFailed;
    }

private:
    bool two_;
};

/// Returns why nothing was done with a pinhole.
constexpr UpnpError pinholeError(MappingError error) {
    switch (error) {
        case MappingError::NotAuthorized:
            return kNotAuthorized;
        case MappingError::QuotaExceeded:
        case MappingError::TableFull:
            return kPinholeSpaceExhausted;
        case MappingError::NotFound:
        case MappingError::IndexOutOfRange:
            return kNoSuchPinhole;
        case MappingError::Conflict:
        case MappingError::PortInUse:
        case MappingError::NoExternalAddress:
        case MappingError::NoInternalAddress:
        case MappingError::TooManyFilters:
        case MappingError::Backend:
        case MappingError::NotApproved:
            return kActionFailed;
    }
    return kActionFailed;
}

/// The state of the gateway could not be read.
constexpr UpnpError kNoStatus = kActionFailed;

}  // namespace igd
