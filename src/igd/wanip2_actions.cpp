// SPDX-License-Identifier: GPL-2.0-or-later
// This file has the actions of WANIPConnection:2 that version 1 does not have.
#include "dispatch.h"
#include "errors.h"
#include "mapping_arguments.h"
#include "port_listing.h"

#include <algorithm>
#include <iterator>
#include <memory>

namespace igd {
namespace {

/// A listing on its way: the gateway tells kMaxListed mappings at a time.
struct Listing {
    ErrorsOf errors;
    std::size_t limit;
    RangeRequest rest;  ///< what is still to be asked for
    std::vector<MappingView> views{};
};

Step<OutValues> nextPage(std::shared_ptr<Listing> listing);

/// Takes a page; the next begins behind its last port. Later pages may be empty, for mappings end
/// meanwhile.
Step<OutValues> withPage(const std::shared_ptr<Listing>& listing,
                         const Result<MappingViews>& page) {
    auto& views = listing->views;
    const bool isEnd = !page && page.error() == MappingError::NotFound && !views.empty();
    if (!page && !isEnd) return failed(listing->errors.reading(page.error(), kPortMappingNotFound));
    if (page) std::ranges::copy(page->views, std::back_inserter(views));
    const bool more = page && page->views.size() == kMaxListed && views.size() < listing->limit &&
                      views.back().key.externalPort < listing->rest.ports.last;
    if (more) {
        const unsigned next = views.back().key.externalPort.value + 1U;
        listing->rest.ports.first = Port{static_cast<std::uint16_t>(next)};
        return nextPage(listing);
    }
    if (views.size() > listing->limit) views.resize(listing->limit);
    return OutValues{std::vector{portListing(views)}};
}

Step<OutValues> nextPage(std::shared_ptr<Listing> listing) {
    const ListMappings request{listing->rest};
    return question<MappingViews>(request,
                                  [listing = std::move(listing)](const Result<MappingViews>& page) {
                                      return withPage(listing, page);
                                  });
}

}  // namespace

Step<OutValues> addAnyPortMapping(const ActionCall& call) {
    const auto request = mappingRequest(call, ExternalPort::Any);
    if (!request) return failed(request.error());
    return question<Port>(AnyMappingRequest{*request},
                          [errors = ErrorsOf{call.service}](const Result<Port>& port) {
                              if (!port) return failed(errors.adding(port.error()));
                              return OutValues{std::vector{std::to_string(port->value)}};
                          });
}

Step<OutValues> deletePortMappingRange(const ActionCall& call) {
    const auto range = rangeRequest(call.in, call.requester);
    if (!range) return failed(range.error());
    return question<Done>(
        DeleteMappings{*range}, [errors = ErrorsOf{call.service}](const Result<Done>& deleted) {
            return deleted ? OutValues{}
                           : failed(errors.reading(deleted.error(), kPortMappingNotFound));
        });
}

/// Lists mappings; NewNumberOfPorts 0 means all of them (IGD-GetList-04).
Step<OutValues> getListOfPortMappings(const ActionCall& call) {
    const auto range = rangeRequest(call.in, call.requester);
    if (!range) return failed(range.error());
    const std::size_t wanted = call.in.ui2("NewNumberOfPorts");
    const auto limit = wanted == 0 ? kMostListed : std::min(wanted, kMostListed);
    return nextPage(std::make_shared<Listing>(Listing{ErrorsOf{call.service}, limit, *range}));
}

}  // namespace igd
