// SPDX-License-Identifier: GPL-2.0-or-later
// The answers to calls and the bodies of events are written here.
#include "upnpd/igd/actions.h"
#include "upnpd/igd/soap.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

namespace igd {

namespace {

std::string envelope(std::string_view body) {
    return fmt::format(
        "<?xml version=\"1.0\"?>\r\n"
        R"(<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/")"
        R"( s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">)"
        "<s:Body>{}</s:Body></s:Envelope>\r\n",
        body);
}

std::string responseElement(std::string_view action, std::string_view type,
                            std::string_view arguments) {
    return fmt::format("<u:{0}Response xmlns:u=\"{1}\">{2}</u:{0}Response>", action,
                       xmlEscaped(type), arguments);
}

/// Returns a value as it stands in its element. A document stands in a CDATA section: miniupnpc
/// looks for it there, and resolves no reference.
std::string valueText(std::string_view name, std::string_view value) {
    const bool isDocument = name == "NewPortListing" && value.find("]]>") == std::string_view::npos;
    return isDocument ? fmt::format("<![CDATA[{}]]>", value) : xmlEscaped(value);
}

}  // namespace

std::string soapResponse(const SoapCall& call, const std::vector<ArgumentValue>& out) {
    std::string arguments;
    for (const auto& [name, value] : out)
        arguments += fmt::format("<{0}>{1}</{0}>", name, valueText(name, value));
    return envelope(responseElement(call.action, call.serviceType, arguments));
}

std::string soapQueryResponse(std::string_view value) {
    return envelope(responseElement(kQueryAction, kQueryType,
                                    fmt::format("<return>{}</return>", xmlEscaped(value))));
}

std::string soapFault(int code, std::string_view description) {
    return envelope(
        fmt::format("<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring>"
                    "<detail><UPnPError xmlns=\"{}\"><errorCode>{}</errorCode>"
                    "<errorDescription>{}</errorDescription></UPnPError></detail></s:Fault>",
                    kQueryType, code, xmlEscaped(description)));
}

std::string propertySet(const std::vector<ArgumentValue>& values) {
    std::string properties;
    for (const auto& [name, value] : values)
        properties +=
            fmt::format("<e:property><{0}>{1}</{0}></e:property>\n", name, xmlEscaped(value));
    return fmt::format(
        "<e:propertyset xmlns:e=\"urn:schemas-upnp-org:event-1-0\">\n{}</e:propertyset>\n",
        properties);
}

}  // namespace igd
