// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/soap_handler.h"

#include "upnpd/igd/actions.h"
#include "upnpd/portmap/call_times.h"
#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

namespace igd::upnp {
namespace {

Response envelope(std::string body, http::status status) {
    Response response = document(std::move(body));
    response.result(status);
    setHeader(response, "EXT", "");
    return response;
}

/// UDA 1.1 section 3.2.3: a fault is an internal error of the server, whoever is to blame.
Response fault(const UpnpError& error) {
    return envelope(soapFault(error.code, error.description), http::status::internal_server_error);
}

}  // namespace

void SoapHandler::handle(const Request& request, const Service& service, const ControlPoint& client,
                         Reply reply) {
    const auto soapAction = valueOf(request, "SOAPACTION");
    // Without this header it is what a page in any browser could send (SEC-WAN-13).
    if (soapAction.empty()) return reply({statusOnly(http::status::bad_request)});
    const auto call = parseSoapRequest(soapAction, request.body());
    if (!call) {
        log::debug("upnp: the SOAP request {} of {} makes no sense", igd::quoted(soapAction),
                   toString(client.address));
        return reply({statusOnly(http::status::bad_request)});
    }
    proceed(stepFor(*call, service, client), Clock::now() + kCallTime, std::move(reply));
}

Step<Response> SoapHandler::stepFor(const SoapCall& call, const Service& service,
                                    const ControlPoint& client) const {
    const DeviceIdentity& seen = client.version1 ? version1_ : identity_;
    const ControlContext context{status_, seen, Clock::now()};
    if (call.serviceType == kQueryType)
        return mapped<QueryResult>(queryVariable(context, service, call.arguments.front().second),
                                   [](const QueryResult& value) {
                                       if (!value) return fault(value.error());
                                       return envelope(soapQueryResponse(*value), http::status::ok);
                                   });
    const Service* const face = serviceById(seen.profile, service.id);
    if (face == nullptr) return fault(kInvalidAction);
    return mapped<ActionResult>(callAction(context, *face, call, client.address),
                                [call](const ActionResult& result) {
                                    if (!result) return fault(result.error());
                                    return envelope(soapResponse(call, *result), http::status::ok);
                                });
}

/// Asks one question after the other until there is an answer. All have one deadline.
void SoapHandler::proceed(Step<Response> step, TimePoint deadline, Reply reply) {
    if (auto* const response = std::get_if<Response>(&step)) return reply({std::move(*response)});
    auto& question = std::get<Question<Response>>(step);
    gateway_.ask(question.request, deadline,
                 [this, then = std::move(question.then), deadline, reply = std::move(reply)](
                     const GatewayReply& told) { proceed(then(told), deadline, reply); });
}

}  // namespace igd::upnp
