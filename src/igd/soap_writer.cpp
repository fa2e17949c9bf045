// SPDX-License-Identifier: GPL-2.0-or-later
// A request goes on in the one form that is written here; the body of an event is written here too.
#include "upnpd/igd/actions.h"
#include "upnpd/igd/soap.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

namespace igd {

std::string canonicalRequest(const SoapCall& call) {
    // The query's argument is in the namespace of its action (UDA 1.0 section 3.3.1), all others in
    // none.
    const std::string_view prefix = call.serviceType == kQueryType ? "u:" : "";
    std::string arguments;
    for (const auto& [name, value] : call.arguments)
        arguments += fmt::format("<{0}{1}>{2}</{0}{1}>", prefix, name, xmlEscaped(value));
    return fmt::format(R"(<?xml version="1.0" encoding="utf-8"?>)"
                       R"(<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/")"
                       R"( s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">)"
                       R"(<s:Body><u:{0} xmlns:u="{1}">{2}</u:{0}></s:Body></s:Envelope>)",
                       call.action, xmlEscaped(call.serviceType), arguments);
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
