// SPDX-License-Identifier: GPL-2.0-or-later
// WANIPConnection:1. The connection itself belongs to the system: it can be looked at, not switched.
#include "dispatch.h"
#include "errors.h"
#include "mapping_arguments.h"

namespace igd {
namespace {

OutValues failed(UpnpError error) {
    return tl::unexpected(error);
}

OutValues refuse(const ActionCall& /*call*/) {
    return failed(kActionFailed);
}

OutValues requestConnection(const ActionCall& call) {
    const auto status = call.context.gateway.status();
    if (!status) return failed(readError(status.error()));
    return status->connected() ? OutValues{} : failed(kConnectionSetupFailed);
}

/// What both actions tell of an entry: internal port, client, enabled, description, lease.
std::vector<std::string> targetOf(const MappingView& mapping) {
    return {std::to_string(mapping.internal.port.value), toString(mapping.internal.address),
            mapping.enabled ? "1" : "0", mapping.description, std::to_string(mapping.remainingLease.count())};
}

OutValues getGenericPortMappingEntry(const ActionCall& call) {
    const auto mapping = call.context.gateway.portMappingAt(call.in.ui2("NewPortMappingIndex"));
    if (!mapping) return failed(readError(mapping.error()));
    std::vector<std::string> values{mapping->remoteHost ? toString(*mapping->remoteHost) : std::string{},
                                    std::to_string(mapping->key.externalPort.value),
                                    std::string{upperName(mapping->key.protocol)}};
    for (auto& value : targetOf(*mapping)) values.push_back(std::move(value));
    return values;
}

/// There is one mapping for an external port and protocol, but its remote host is part of the question
/// (IGD-GetSpecific-03). Port 0 never names one (IGD-Wild-05).
OutValues getSpecificPortMappingEntry(const ActionCall& call) {
    const auto wanted = mappingSelector(call.in);
    if (!wanted) return failed(wanted.error());
    if (wanted->key.externalPort == Port{0}) return failed(kNoSuchEntry);
    const auto mapping = call.context.gateway.portMapping(wanted->key);
    if (!mapping) return failed(readError(mapping.error()));
    if (mapping->remoteHost != wanted->remoteHost) return failed(kNoSuchEntry);
    return targetOf(*mapping);
}

OutValues addPortMapping(const ActionCall& call) {
    const auto request = mappingRequest(call.in, call.requester);
    if (!request) return failed(request.error());
    const auto added = call.context.gateway.addPortMapping(*request);
    return added ? OutValues{} : failed(addError(added.error()));
}

OutValues deletePortMapping(const ActionCall& call) {
    const auto wanted = mappingSelector(call.in);
    if (!wanted) return failed(wanted.error());
    if (wanted->key.externalPort == Port{0}) return failed(kNoSuchEntry);
    const auto deleted =
        call.context.gateway.deletePortMapping({wanted->key, wanted->remoteHost, call.requester});
    return deleted ? OutValues{} : failed(deleteError(deleted.error()));
}

constexpr Binding kBindings[] = {
    {"SetConnectionType", refuse},
    {"GetConnectionTypeInfo", readVariables},
    {"RequestConnection", requestConnection},
    {"ForceTermination", refuse},
    {"GetStatusInfo", readVariables},
    {"GetNATRSIPStatus", readVariables},
    {"GetGenericPortMappingEntry", getGenericPortMappingEntry},
    {"GetSpecificPortMappingEntry", getSpecificPortMappingEntry},
    {"AddPortMapping", addPortMapping},
    {"DeletePortMapping", deletePortMapping},
    {"GetExternalIPAddress", readVariables},
};

}  // namespace

std::span<const Binding> wanIpBindings() {
    return kBindings;
}

}  // namespace igd
