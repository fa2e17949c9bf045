// SPDX-License-Identifier: GPL-2.0-or-later
// This file has the actions of WANIPConnection:2 that version 1 does not have.
#include "dispatch.h"
#include "errors.h"
#include "mapping_arguments.h"
#include "port_listing.h"

namespace igd {

OutValues addAnyPortMapping(const ActionCall& call) {
    const auto request =
        mappingRequest(call.service, call.in, call.requester.four, ExternalPort::Any);
    if (!request) return tl::unexpected(request.error());
    const auto port = call.context.gateway.addAnyPortMapping(*request);
    if (!port) return tl::unexpected(ErrorsOf{call.service}.adding(port.error()));
    return std::vector{std::to_string(port->value)};
}

OutValues deletePortMappingRange(const ActionCall& call) {
    const auto range = rangeRequest(call.in, call.requester.four);
    if (!range) return tl::unexpected(range.error());
    if (const auto deleted = call.context.gateway.deletePortMappings(*range); !deleted)
        return tl::unexpected(
            ErrorsOf{call.service}.reading(deleted.error(), kPortMappingNotFound));
    return OutValues{};
}

/// Lists mappings; NewNumberOfPorts 0 means all of them (IGD-GetList-04).
OutValues getListOfPortMappings(const ActionCall& call) {
    const auto range = rangeRequest(call.in, call.requester.four);
    if (!range) return tl::unexpected(range.error());
    const std::size_t wanted = call.in.ui2("NewNumberOfPorts");
    const auto limit = wanted == 0 ? kMostListed : std::min(wanted, kMostListed);
    const auto mappings = call.context.gateway.portMappings(*range, limit);
    if (!mappings)
        return tl::unexpected(
            ErrorsOf{call.service}.reading(mappings.error(), kPortMappingNotFound));
    return std::vector{portListing(*mappings)};
}

}  // namespace igd
