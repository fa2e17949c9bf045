// SPDX-License-Identifier: GPL-2.0-or-later
// The UPnP errors that version 1 services answer with, and which of them a refusal of the core becomes: one
// switch for each situation, none with a default, so that a new reason cannot be forgotten.
#pragma once

#include "upnpd/igd/control.h"

namespace igd {

// UDA 1.0 section 3.2.2
constexpr UpnpError kInvalidAction{401, "Invalid Action"};
constexpr UpnpError kInvalidArgs{402, "Invalid Args"};
constexpr UpnpError kInvalidVariable{404, "Invalid Var"};
constexpr UpnpError kActionFailed{501, "Action Failed"};
constexpr UpnpError kArgumentValueInvalid{600, "Argument Value Invalid"};
constexpr UpnpError kArgumentValueOutOfRange{601, "Argument Value Out of Range"};
// WANIPConnection:1
constexpr UpnpError kConnectionSetupFailed{704, "ConnectionSetupFailed"};
constexpr UpnpError kArrayIndexInvalid{713, "SpecifiedArrayIndexInvalid"};
constexpr UpnpError kNoSuchEntry{714, "NoSuchEntryInArray"};
constexpr UpnpError kWildcardInSource{715, "WildCardNotPermittedInSrcIP"};
constexpr UpnpError kWildcardInExternalPort{716, "WildCardNotPermittedInExtPort"};
constexpr UpnpError kConflict{718, "ConflictInMappingEntry"};
// Layer3Forwarding:1
constexpr UpnpError kInvalidDeviceUuid{720, "InvalidDeviceUUID"};
constexpr UpnpError kInvalidServiceId{721, "InvalidServiceID"};

/// Why AddPortMapping failed. Version 1 has no word for "not permitted": RFC 6970 and deployed
/// daemons say 718.
constexpr UpnpError addError(MappingError error) {
    switch (error) {
        case MappingError::NotAuthorized:
        case MappingError::Conflict:
        case MappingError::PortInUse:
            return kConflict;
        case MappingError::QuotaExceeded:
        case MappingError::NotFound:
        case MappingError::IndexOutOfRange:
        case MappingError::Backend:
            return kActionFailed;
    }
    return kActionFailed;
}

/// Why DeletePortMapping failed. Another's mapping is no entry for the one who asks (IGD-Access-09).
constexpr UpnpError deleteError(MappingError error) {
    switch (error) {
        case MappingError::NotAuthorized:
        case MappingError::NotFound:
            return kNoSuchEntry;
        case MappingError::Conflict:
        case MappingError::PortInUse:
        case MappingError::QuotaExceeded:
        case MappingError::IndexOutOfRange:
        case MappingError::Backend:
            return kActionFailed;
    }
    return kActionFailed;
}

/// Why a mapping could not be read, by its key or its index.
constexpr UpnpError readError(MappingError error) {
    switch (error) {
        case MappingError::NotFound:
        case MappingError::NotAuthorized:
            return kNoSuchEntry;
        case MappingError::IndexOutOfRange:
            return kArrayIndexInvalid;
        case MappingError::Conflict:
        case MappingError::PortInUse:
        case MappingError::QuotaExceeded:
        case MappingError::Backend:
            return kActionFailed;
    }
    return kActionFailed;
}

}  // namespace igd
