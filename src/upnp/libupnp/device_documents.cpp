// SPDX-License-Identifier: GPL-2.0-or-later
#include "libupnp/device_documents.h"

#include <upnptools.h>

namespace igd::upnp {
namespace {

std::string orEmpty(const char* text) {
    return text != nullptr ? text : "";
}

std::string localName(IXML_Node* node) {
    const char* const name = ixmlNode_getLocalName(node);
    return orEmpty(name != nullptr ? name : ixmlNode_getNodeName(node));
}

std::string textOf(IXML_Node* element) {
    std::string text;
    for (auto* node = ixmlNode_getFirstChild(element); node != nullptr;
         node = ixmlNode_getNextSibling(node)) {
        const auto type = ixmlNode_getNodeType(node);
        if (type == eTEXT_NODE || type == eCDATA_SECTION_NODE)
            text += orEmpty(ixmlNode_getNodeValue(node));
    }
    return text;
}

}  // namespace

std::optional<SoapCall> callOf(IXML_Document* request) {
    auto* const root = ixmlNode_getFirstChild(reinterpret_cast<IXML_Node*>(request));
    if (root == nullptr) return std::nullopt;
    SoapCall call{orEmpty(ixmlNode_getNamespaceURI(root)), localName(root), {}};
    for (auto* node = ixmlNode_getFirstChild(root); node != nullptr;
         node = ixmlNode_getNextSibling(node)) {
        if (ixmlNode_getNodeType(node) == eELEMENT_NODE)
            call.arguments.emplace_back(localName(node), textOf(node));
    }
    return call;
}

IxmlDocument responseTo(const SoapCall& call, const std::vector<ArgumentValue>& out) {
    const char* const action = call.action.c_str();
    const char* const type = call.serviceType.c_str();
    IXML_Document* document = nullptr;
    if (out.empty()) document = UpnpMakeActionResponse(action, type, 0, nullptr);
    for (const auto& [name, value] : out) {
        if (UpnpAddToActionResponse(&document, action, type, name.c_str(), value.c_str()) != 0) {
            ixmlDocument_free(document);
            return nullptr;
        }
    }
    return IxmlDocument{document};
}

}  // namespace igd::upnp
