// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/soap_handler.h"

#include "upnpd/igd/soap.h"
#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

namespace igd::upnp {
namespace {

RelayRequest relayed(const SoapCall& call, const Service& service, const RelayClient& client) {
    const std::string body = canonicalRequest(call);
    return {fmt::format("POST {} HTTP/1.1", service.controlPath),
            fmt::format("CONTENT-LENGTH: {}\r\nCONTENT-TYPE: {}\r\nSOAPACTION: \"{}#{}\"\r\n\r\n{}",
                        body.size(), kXmlType, call.serviceType, call.action, body),
            client};
}

/// Only status and body of libupnp's answer go on: 200, or 500 with a UPnPError.
Answer tidied(std::optional<Response> answer) {
    if (!answer) return {statusOnly(http::status::service_unavailable)};
    Response response =
        answer->body().empty() ? statusOnly(answer->result()) : document(std::move(answer->body()));
    response.result(answer->result());
    setHeader(response, "EXT", "");
    return {std::move(response)};
}

}  // namespace

void SoapHandler::handle(const Request& request, const Service& service, const RelayClient& client,
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
    relay_.send(relayed(*call, service, client),
                [reply = std::move(reply)](std::optional<Response> answer) {
                    reply(tidied(std::move(answer)));
                });
}

}  // namespace igd::upnp
