// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/soap_handler.h"

#include "http/gate_request.h"
#include "http/header_text.h"

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

/// Answers what is no call (IGD-SOAP-16, IGD-SOAP-20), with a fault for those who look for one.
Response unread() {
    Response response = fault(kInvalidAction);
    response.result(http::status::bad_request);
    return response;
}

}  // namespace

void SoapHandler::handle(const Request& request, const Service& service, const ControlPoint& client,
                         Reply reply) {
    const auto action = namedAction(request);
    if (action.empty()) return reply({unread()});
    const auto charset = parameterIn(valueOf(request, http::field::content_type), "charset");
    const auto call = parseSoapRequest(action, request.body(), charset);
    if (!call) {
        const bool isRead = call.error() == SoapFault::Mismatch;
        log::debug("upnp: the SOAP request {} of {} {}", igd::quoted(action),
                   toString(client.address),
                   isRead ? "names something else in its body" : "makes no sense");
        return reply({isRead ? fault(kInvalidAction) : unread()});
    }
    proceed(stepFor(*call, service, client), Clock::now() + kCallTime, std::move(reply));
}

Step<Response> SoapHandler::stepFor(const SoapCall& call, const Service& service,
                                    const ControlPoint& client) const {
    const DeviceIdentity& seen = client.version1 ? version1_ : identity_;
    const ControlContext context{status_, seen, Clock::now(), client.editsOnlyEndless,
                                 client.agent};
    if (call.serviceType == kQueryType) {
        const auto variable = queriedVariable(call);
        if (!variable) return fault(variable.error());
        return mapped<QueryResult>(queryVariable(context, service, *variable),
                                   [](const QueryResult& value) {
                                       if (!value) return fault(value.error());
                                       return envelope(soapQueryResponse(*value), http::status::ok);
                                   });
    }
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
