// SPDX-License-Identifier: GPL-2.0-or-later
// This file has the actions of WANIPConnection that both versions have, and WANPPPConnection too.
// The connection itself belongs to the system: it can be looked at, not switched.
#include "dispatch.h"
#include "errors.h"
#include "mapping_arguments.h"

namespace igd {
namespace {

Step<OutValues> setConnectionType(const ActionCall& call) {
    return failed(call.service.version() == 1 ? kActionFailed : kReadOnly);
}

Step<OutValues> forceTermination(const ActionCall& call) {
    return failed(call.service.version() == 1 ? kActionFailed : kNotAuthorized);
}

/// Answers RequestConnection. Version 2 leaves the connection to authorised clients, and there are
/// none (IGD-RequestConnection-02).
Step<OutValues> requestConnection(const ActionCall& call) {
    if (call.service.version() >= 2) return failed(kNotAuthorized);
    return call.context.status.connected() ? OutValues{} : failed(kConnectionSetupFailed);
}

/// Returns the values that both actions tell of an entry: internal port, client, enabled,
/// description, lease.
std::vector<std::string> targetOf(const MappingView& mapping, bool leaseAsAsked) {
    const auto lease = leaseAsAsked && mapping.askedWithoutEnd ? Seconds{} : mapping.remainingLease;
    return {std::to_string(mapping.internal.port.value), toString(mapping.internal.address),
            mapping.enabled ? "1" : "0", mapping.description, std::to_string(lease.count())};
}

Step<OutValues> getGenericPortMappingEntry(const ActionCall& call) {
    const auto told = [errors = ErrorsOf{call.service},
                       asAsked = call.context.leasesAsAsked](const Result<MappingView>& mapping) {
        if (!mapping) return failed(errors.reading(mapping.error(), kArrayIndexInvalid));
        std::vector<std::string> values{
            mapping->remoteHost ? toString(*mapping->remoteHost) : std::string{},
            std::to_string(mapping->key.externalPort.value),
            std::string{upperName(mapping->key.protocol)}};
        for (auto& value : targetOf(*mapping, asAsked)) values.push_back(std::move(value));
        return OutValues{std::move(values)};
    };
    return question<MappingView>(MappingAt{call.in.ui2("NewPortMappingIndex"), call.requester},
                                 told);
}

/// Reads an entry. There is one mapping for an external port and protocol, but its remote host is
/// part of the question (IGD-GetSpecific-03). Port 0 never names one (IGD-Wild-05).
Step<OutValues> getSpecificPortMappingEntry(const ActionCall& call) {
    const auto wanted = mappingSelector(call.in);
    if (!wanted) return failed(wanted.error());
    if (wanted->key.externalPort == Port{0}) return failed(kNoSuchEntry);
    const auto told = [errors = ErrorsOf{call.service}, asAsked = call.context.leasesAsAsked,
                       remoteHost = wanted->remoteHost](const Result<MappingView>& mapping) {
        if (!mapping) return failed(errors.reading(mapping.error(), kNoSuchEntry));
        if (mapping->remoteHost != remoteHost) return failed(kNoSuchEntry);
        return OutValues{targetOf(*mapping, asAsked)};
    };
    return question<MappingView>(FindMapping{wanted->key, call.requester}, told);
}

Step<OutValues> addPortMapping(const ActionCall& call) {
    const auto request = mappingRequest(call, ExternalPort::Named);
    if (!request) return failed(request.error());
    return question<Done>(*request, [errors = ErrorsOf{call.service}](const Result<Done>& added) {
        return added ? OutValues{} : failed(errors.adding(added.error()));
    });
}

Step<OutValues> deletePortMapping(const ActionCall& call) {
    const auto wanted = mappingSelector(call.in);
    if (!wanted) return failed(wanted.error());
    if (wanted->key.externalPort == Port{0}) return failed(kNoSuchEntry);
    return question<Done>(ReleaseRequest{wanted->key, wanted->remoteHost, call.requester},
                          [errors = ErrorsOf{call.service}](const Result<Done>& deleted) {
                              return deleted ? OutValues{}
                                             : failed(errors.deleting(deleted.error()));
                          });
}

constexpr Binding kBindings[] = {
    {"SetConnectionType", setConnectionType},
    {"GetConnectionTypeInfo", readVariables},
    {"RequestConnection", requestConnection},
    {"ForceTermination", forceTermination},
    {"GetStatusInfo", readVariables},
    {"GetNATRSIPStatus", readVariables},
    {"GetGenericPortMappingEntry", getGenericPortMappingEntry},
    {"GetSpecificPortMappingEntry", getSpecificPortMappingEntry},
    {"AddPortMapping", addPortMapping},
    {"DeletePortMapping", deletePortMapping},
    {"GetExternalIPAddress", readVariables},
    {"GetPortMappingNumberOfEntries", readVariables},
    {"GetLinkLayerMaxBitRates", readVariables},
    {"AddAnyPortMapping", addAnyPortMapping},
    {"DeletePortMappingRange", deletePortMappingRange},
    {"GetListOfPortMappings", getListOfPortMappings},
};

}  // namespace

std::span<const Binding> wanIpBindings() {
    return kBindings;
}

}  // namespace igd
